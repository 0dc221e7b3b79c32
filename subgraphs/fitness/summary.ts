import type { ActivityDay, ActivityTotal, SummaryPeriod } from './generated.ts'

/** How many days a period has; it ends today. */
export const PERIOD: Record<SummaryPeriod, number> = { DAY: 1, WEEK: 7, MONTH: 30, YEAR: 365 }

/** How far back a streak is looked for. */
export const LONGEST_STREAK = 366 // days

export function totalOf(days: readonly ActivityDay[]): ActivityTotal {
  const sum = (field: keyof ActivityTotal & keyof Omit<ActivityDay, 'date' | '__typename'>) =>
    days.reduce((total, day) => total + day[field], 0)
  return {
    steps: sum('steps'),
    distance: sum('distance'),
    activeEnergy: sum('activeEnergy'),
    activeMinutes: sum('activeMinutes'),
    elevation: sum('elevation'),
  }
}

/** The day with the most steps, of equals the latest; null where no day has any. `days` are in their order. */
export function bestDayOf(days: readonly ActivityDay[]): ActivityDay | null {
  const best = days.reduce<ActivityDay | null>(
    (best, day) => (best && best.steps > day.steps ? best : day),
    null,
  )
  return best && best.steps > 0 ? best : null
}

/** How many days before the end of `days` have any activity, without a gap; the last, today, may have none yet. */
export function streakOf(days: readonly ActivityDay[]): number {
  const past = days.slice(0, -1)
  const today = days.slice(-1).filter(isActive).length
  return today + past.length - 1 - past.findLastIndex((day) => !isActive(day))
}

function isActive({ steps, distance, activeEnergy, activeMinutes, elevation }: ActivityDay): boolean {
  return steps + distance + activeEnergy + activeMinutes + elevation > 0
}
