import { and, desc, eq, inArray, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import type { Position } from '../../platform/position.ts'
import type { NewWorkout, WorkoutRow } from './batch.ts'
import type { Provider } from './generated.ts'
import { unnest, upsertRows } from './rows.ts'
import type { Span } from './spans.ts'
import { workouts } from './tables.ts'
import type { HeldWorkout } from './verdicts.ts'

/** Workouts, as they were sent. */
export function createWorkoutStore(db: Database) {
  return {
    /** What is known under external ids of a person's provider. */
    known: (userId: string, provider: Provider, externalIds: string[]): Promise<WorkoutRow[]> =>
      db
        .select()
        .from(workouts)
        .where(
          and(
            eq(workouts.userId, userId),
            eq(workouts.provider, provider),
            sql`${workouts.externalId} = any(${sql.param(externalIds)})`,
          ),
        ),

    put: (rows: NewWorkout[]) =>
      upsertRows(db, workouts, rows, [workouts.userId, workouts.provider, workouts.externalId]),

    /** Those that nobody can have done, and that records which start in these spans may overlap. */
    heldAround: (spans: Span[]): Promise<HeldWorkout[]> =>
      db
        .select({
          userId: workouts.userId,
          deviceId: workouts.deviceId,
          startedAt: workouts.startedAt,
          endedAt: workouts.endedAt,
        })
        .from(unnest(spans))
        .innerJoin(
          workouts,
          sql`${workouts.userId} = span.user_id and ${workouts.status} = 'HELD'
            and ${workouts.startedAt} > span.start - interval '24 hours'
            and ${workouts.startedAt} < span.until + interval '24 hours'`,
        ),

    /** A person's, newest first, after a position in that order. */
    page: (userId: string, page: { limit: number; after: Position | null }): Promise<WorkoutRow[]> => {
      const { after } = page
      return db
        .select()
        .from(workouts)
        .where(
          and(
            eq(workouts.userId, userId),
            inArray(workouts.status, ['LIVE', 'HELD']),
            after
              ? sql`(${workouts.startedAt}, ${workouts.id}) < (${new Date(after.time).toISOString()}, ${after.id})`
              : undefined,
          ),
        )
        .orderBy(desc(workouts.startedAt), desc(workouts.id))
        .limit(page.limit)
    },
  }
}
