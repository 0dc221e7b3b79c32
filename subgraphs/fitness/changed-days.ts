import { dateAt, dayOf, type LocalDay } from './days.ts'
import type { Metric } from './generated.ts'

/** The days any of whose totals changed, in order; a change within a day that adds up to nothing is none. */
export function changedDays(
  deltas: readonly { metric: Metric; start: Date; change: number }[],
  timeZone: string,
): LocalDay[] {
  const inOrder = deltas.toSorted((a, b) => a.start.getTime() - b.start.getTime())
  const changes = new Map<LocalDay, Map<Metric, number>>()
  let day: LocalDay | undefined
  for (const { metric, start, change } of inOrder) {
    if (!day || start >= day.end) day = dayOf(dateAt(start, timeZone), timeZone)
    const totals = changes.get(day) ?? new Map<Metric, number>()
    changes.set(day, totals.set(metric, (totals.get(metric) ?? 0) + change))
  }
  return [...changes]
    .filter(([, totals]) => totals.values().some((change) => change !== 0))
    .map(([day]) => day)
}
