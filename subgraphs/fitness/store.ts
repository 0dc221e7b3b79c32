import type { Database } from '../../platform/database.ts'
import { badUserInput } from '../../platform/errors.ts'
import { type Page, pageSize, toPage } from '../../platform/page.ts'
import { positionOf } from '../../platform/position.ts'
import type { WorkoutRow } from './batch.ts'
import { createBucketStore } from './bucket-store.ts'
import { addDays, dateAt, dayOf, daysBetween, isReckonable } from './days.ts'
import type { ActivityDay, ActivitySummary, SummaryPeriod, Workout } from './generated.ts'
import { createPersonStore } from './person-store.ts'
import { createRecordStore, type ShownRecord } from './record-store.ts'
import { bestDayOf, LONGEST_STREAK, PERIOD, streakOf, totalOf } from './summary.ts'
import { createWorkoutStore } from './workout-store.ts'

/** The most days of one answer: a leap year. */
const MAX_DAYS = 366

type PageArgs = { first?: number | null; after?: string | null }

/** A summary, and whose it is. */
export type SummarySource = Omit<ActivitySummary, 'streakDays'> & { userId: string }

export type ActivityStore = ReturnType<typeof createActivityStore>

/** What a person did, in days of their own time zone. */
export function createActivityStore(db: Database, now: () => Date) {
  const buckets = createBucketStore(db)
  const records = createRecordStore(db)
  const workouts = createWorkoutStore(db)
  const { timeZone } = createPersonStore(db)

  const upToToday = async (userId: string, length: number) => {
    const zone = await timeZone(userId)
    const today = dateAt(now(), zone)
    return buckets.totals(userId, daysBetween(addDays(today, 1 - length), today, zone))
  }

  return {
    /** One row a day, `to` included. Throws BAD_USER_INPUT for more than 366 days, or none. */
    async days(userId: string, { from, to }: { from: string; to: string }): Promise<ActivityDay[]> {
      for (const date of [from, to]) checkDate(date)
      if (from > to) throw badUserInput('from must not be after to.')
      if (to >= addDays(from, MAX_DAYS)) {
        throw badUserInput(`There are more than ${MAX_DAYS} days from ${from} to ${to}. Ask for fewer.`)
      }
      return buckets.totals(userId, daysBetween(from, to, await timeZone(userId)))
    },

    async today(userId: string): Promise<ActivityDay> {
      const [day] = await upToToday(userId, 1)
      if (!day) throw new Error('a period of one day has none')
      return day
    },

    async summary(userId: string, period: SummaryPeriod): Promise<SummarySource> {
      const days = await upToToday(userId, PERIOD[period])
      const [from = '', to = ''] = [days[0]?.date, days.at(-1)?.date]
      return { userId, from, to, total: totalOf(days), bestDay: bestDayOf(days) }
    },

    streakDays: async (userId: string): Promise<number> => streakOf(await upToToday(userId, LONGEST_STREAK)),

    /** Newest first. */
    async workouts(userId: string, { first, after }: PageArgs): Promise<Page<Workout>> {
      const size = pageSize(first, 20)
      const rows = await workouts.page(userId, { limit: size + 1, after: positionOf(after) })
      return toPage(rows, size, { key: keyOf, node: toWorkout, after })
    },

    /** A day's, oldest first. */
    async records(
      userId: string,
      { day, first, after }: PageArgs & { day: string },
    ): Promise<Page<ShownRecord>> {
      checkDate(day)
      const size = pageSize(first, 100)
      const page = { limit: size + 1, after: positionOf(after) }
      const rows = await records.ofDay(userId, dayOf(day, await timeZone(userId)), page)
      return toPage(rows, size, { key: keyOf, after })
    },
  }
}

function checkDate(date: string): void {
  if (!isReckonable(date)) throw badUserInput(`There are no records of ${date}.`)
}

const keyOf = ({ startedAt, id }: { startedAt: Date; id: string }): [number, string] => [
  startedAt.getTime(),
  id,
]

function toWorkout({ id, kind, provider, startedAt, endedAt, distance, activeEnergy }: WorkoutRow): Workout {
  const duration = Math.round((endedAt.getTime() - startedAt.getTime()) / 1_000)
  return { id, kind, provider, startedAt, duration, distance, activeEnergy }
}
