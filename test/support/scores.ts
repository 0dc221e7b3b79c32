import type pg from 'pg'
import { taskOf } from '../../platform/event-queue.ts'
import type { EventPayload } from '../../platform/events.ts'

/** A person's score, as fitness computes it. */
export type ComputedScore = { userId: string; score: number; achievedAt: Date; version: number }

/** Events that one transaction publishes. */
const BATCH = 1_000

/**
 * Publishes scores in the place of fitness, for tests of more changes than people can sync in the time of a test. Versions
 * start far above those of what fitness itself has to say of these people.
 */
export async function publishScores(
  queue: pg.Pool,
  competitionId: string,
  scores: ComputedScore[],
): Promise<void> {
  for (let start = 0; start < scores.length; start += BATCH) {
    const payloads = scores.slice(start, start + BATCH).map(
      ({ userId, score, achievedAt, version }): EventPayload<'score.computed'> => ({
        competitionId,
        userId,
        score,
        achievedAt: achievedAt.toISOString(),
        version: 1_000_000 + version,
      }),
    )
    await queue.query(
      `select events.add_jobs(array(
         select ($1, payload, null, null, 10, null, null, null)::events.job_spec
         from json_array_elements($2::json) with ordinality as given (payload, index) order by index
       ))`,
      [taskOf('leaderboard', 'score.computed'), JSON.stringify(payloads)],
    )
  }
}
