import { getTableColumns, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import type { Bucket } from './buckets.ts'
import type { LocalDay } from './days.ts'
import type { ActivityDay, Metric } from './generated.ts'
import { unnestMetrics, upsertRows } from './rows.ts'
import type { MetricSpan } from './spans.ts'
import { buckets, metrics } from './tables.ts'

/** What counts, by quarter hours. */
export function createBucketStore(db: Database) {
  return {
    in: (spans: MetricSpan[]): Promise<Bucket[]> =>
      db
        .select(getTableColumns(buckets))
        .from(unnestMetrics(spans))
        .innerJoin(
          buckets,
          sql`${buckets.userId} = span.user_id and ${buckets.metric} = span.metric
            and ${buckets.start} >= span.start and ${buckets.start} < span.until`,
        ),

    put: (rows: Bucket[]) => upsertRows(db, buckets, rows, [buckets.userId, buckets.metric, buckets.start]),

    async remove(rows: Bucket[]): Promise<void> {
      if (rows.length === 0) return
      const spans = rows.map(({ userId, metric, start }) => ({
        userId,
        metric,
        start: start.getTime(),
        until: start.getTime(),
      }))
      await db.execute(sql`
        delete from ${buckets} using ${unnestMetrics(spans)}
        where ${buckets.userId} = span.user_id and ${buckets.metric} = span.metric
          and ${buckets.start} = span.start`)
    },

    /** A person's totals of days, in the order in which these are given; of zero where nothing counted. */
    async totals(userId: string, days: LocalDay[]): Promise<ActivityDay[]> {
      const edges = (edge: 'start' | 'end') => sql.param(days.map((day) => day[edge].toISOString()))
      const { rows } = await db.execute<{ day: number; metric: Metric; value: number }>(sql`
        select day.place as day, metric.name as metric, total.value
        from unnest(${edges('start')}::timestamptz[], ${edges('end')}::timestamptz[])
               with ordinality as day (start, until, place),
             unnest(${sql.param(metrics)}::text[]) as metric (name),
             lateral (
               select sum(${buckets.value})::bigint as value from ${buckets}
               where ${buckets.userId} = ${userId} and ${buckets.metric} = metric.name
                 and ${buckets.start} >= day.start and ${buckets.start} < day.until
             ) as total
        where total.value > 0`)
      const totals = days.map(({ date }) => emptyDay(date))
      for (const { day, metric, value } of rows) {
        const total = totals[day - 1]
        if (total) total[fieldOf[metric]] = value
      }
      return totals
    },
  }
}

const fieldOf = {
  STEPS: 'steps',
  DISTANCE: 'distance',
  ACTIVE_ENERGY: 'activeEnergy',
  ACTIVE_MINUTES: 'activeMinutes',
  ELEVATION: 'elevation',
} as const satisfies Record<Metric, keyof ActivityDay>

const emptyDay = (date: string): ActivityDay => ({
  date,
  steps: 0,
  distance: 0,
  activeEnergy: 0,
  activeMinutes: 0,
  elevation: 0,
})
