import { and, eq, lt, not, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Database } from '../../platform/database.ts'
import { type Publication, publish } from '../../platform/event-queue.ts'
import { type EventPayload, NotYetError } from '../../platform/events.ts'
import { createPersonStore, lockPeople, wasErased } from './person-store.ts'
import { unnestMetrics } from './rows.ts'
import type { MetricSpan } from './spans.ts'
import { buckets, competitions, enrolments } from './tables.ts'

/** More than any score that a board can hold. */
const SCORES_END = 2 ** 28

export type EnrolmentStore = ReturnType<typeof createEnrolmentStore>

/**
 * Who is scored on what. Locks are taken in this order, so that none waits in a circle: people, then the competition,
 * then enrolments by competition and person. A score changes only under the lock of its enrolment, which sealing takes, too: no
 * score is computed after the sum of versions was.
 */
export function createEnrolmentStore(db: Database) {
  return {
    /** Takes over a participation that is newer than what is known, and scores it. */
    enrol: (participation: EventPayload<'participant.joined'>, joined: boolean): Promise<void> =>
      db.transaction(async (tx) => {
        const { competitionId, userId, version, metric, countsManual } = participation
        await lockPeople(tx, [userId])
        await tx.insert(competitions).values({ id: competitionId }).onConflictDoNothing()
        const [competition] = await tx
          .select()
          .from(competitions)
          .where(eq(competitions.id, competitionId))
          .for('share')
        const values = {
          participationVersion: version,
          joined,
          metric,
          startsAt: new Date(participation.startsAt),
          endsAt: new Date(participation.endsAt),
          countsManual,
        }
        const written = await tx
          .insert(enrolments)
          .values({ competitionId, userId, ...values, sealed: competition?.sealed ?? false })
          .onConflictDoUpdate({
            target: [enrolments.competitionId, enrolments.userId],
            set: values,
            setWhere: lt(enrolments.participationVersion, version),
          })
          .returning({ userId: enrolments.userId })
        // What an erased person's score was computed from is gone: it stays, unless they had left.
        const keepsScore = joined && (await createPersonStore(tx).isErased(userId))
        if (written.length > 0 && !keepsScore) await score(tx, [{ competitionId, userId }])
      }),

    /**
     * Ends all changes of a competition's scores and tells of it. Throws NotYetError while participations are missing
     * whose versions are in the sum.
     */
    seal: (competitionId: string, participationVersions: number): Promise<void> =>
      db.transaction(async (tx) => {
        // Versions only go up: what is complete before the locks is complete after them.
        const came = await sumOf(tx, enrolments.participationVersion, competitionId)
        if (came < participationVersions) {
          throw new NotYetError(`participations came up to ${came} of ${participationVersions}`)
        }
        if (!(await markSealed(tx, competitionId))) return
        const scoreVersions = await sumOf(tx, enrolments.scoreVersion, competitionId)
        await publish(tx, [{ name: 'scores.sealed', payload: { competitionId, scoreVersions } }])
      }),

    /** Ends all changes of the scores of a competition that was called off; nobody waits to hear of it. */
    abandon: (competitionId: string): Promise<void> =>
      db.transaction(async (tx) => void (await markSealed(tx, competitionId))),
  }
}

/** Scores anew, and tells of, the enrolments whose windows spans of changed buckets touch. In the caller's transaction. */
export async function rescore(tx: Database, spans: MetricSpan[]): Promise<void> {
  if (spans.length === 0) return
  const touched = await tx
    .select({ competitionId: enrolments.competitionId, userId: enrolments.userId })
    .from(enrolments)
    .innerJoin(
      unnestMetrics(widest(spans)),
      sql`${enrolments.userId} = span.user_id and ${enrolments.metric} = span.metric
        and ${enrolments.startsAt} < span.until and ${enrolments.endsAt} > span.start`,
    )
    .where(and(eq(enrolments.joined, true), eq(enrolments.sealed, false), not(wasErased(enrolments.userId))))
    .orderBy(enrolments.competitionId, enrolments.userId)
    .for('update')
  await score(tx, touched)
}

/** One span a person and metric: a lock is taken once. */
function widest(spans: MetricSpan[]): MetricSpan[] {
  return [...Map.groupBy(spans, ({ userId, metric }) => `${userId} ${metric}`).values()].map((group) => ({
    ...(group[0] as MetricSpan),
    start: Math.min(...group.map(({ start }) => start)),
    until: Math.max(...group.map(({ until }) => until)),
  }))
}

/**
 * The whole score of enrolments that are not sealed, from the buckets in their window. A sum of zero is no score:
 * who has done nothing yet is not on the board, whether or not a device said so.
 */
async function score(tx: Database, keys: { competitionId: string; userId: string }[]): Promise<void> {
  if (keys.length === 0) return
  const { rows } = await tx.execute<Scored>(sql`
    update ${enrolments} as e
    set score = s.score, achieved_at = case when s.score is not null then s.achieved_at end,
        score_version = e.score_version + 1
    from unnest(${sql.param(keys.map(({ competitionId }) => competitionId))}::uuid[],
                ${sql.param(keys.map(({ userId }) => userId))}::uuid[]) as k (competition_id, user_id)
    join ${enrolments} as w on w.competition_id = k.competition_id and w.user_id = k.user_id
    cross join lateral (
      select nullif(least(coalesce(sum(b.value), 0), ${SCORES_END - 1}), 0)::bigint as score,
             max(b.until) as achieved_at
      from ${buckets} as b
      where w.joined and b.user_id = w.user_id and b.metric = w.metric and b.value > 0
        and b.start >= w.starts_at and b.start < w.ends_at and (w.counts_manual or b.source_kind <> 'HAND')
    ) as s
    where e.competition_id = k.competition_id and e.user_id = k.user_id and not e.sealed
      and (e.score, e.achieved_at) is distinct from (s.score, s.achieved_at)
    returning e.competition_id, e.user_id, e.score, e.achieved_at, e.score_version`)
  await publish(tx, rows.map(scoreComputed))
}

type Scored = {
  competition_id: string
  user_id: string
  score: number | null
  achieved_at: string | null
  score_version: number
}

function scoreComputed(row: Scored): Publication {
  const { competition_id: competitionId, user_id: userId } = row
  return {
    name: 'score.computed',
    payload: {
      competitionId,
      userId,
      score: row.score,
      achievedAt: row.achieved_at && new Date(row.achieved_at).toISOString(),
      version: row.score_version,
    },
    key: `${competitionId}:${userId}`,
  }
}

/**
 * Marks a competition and its enrolments as sealed, waiting for whoever changes one; false if they were before. What is
 * read after it is what will stay.
 */
async function markSealed(tx: Database, competitionId: string): Promise<boolean> {
  const sealed = await tx
    .insert(competitions)
    .values({ id: competitionId, sealed: true })
    .onConflictDoUpdate({
      target: competitions.id,
      set: { sealed: true },
      setWhere: eq(competitions.sealed, false),
    })
    .returning({ id: competitions.id })
  if (sealed.length === 0) return false
  await tx.execute(sql`
    select count(*) from (
      select from ${enrolments} where ${eq(enrolments.competitionId, competitionId)} order by user_id for update
    ) as locked`)
  await tx.update(enrolments).set({ sealed: true }).where(eq(enrolments.competitionId, competitionId))
  return true
}

async function sumOf(tx: Database, column: PgColumn, competitionId: string): Promise<number> {
  const [sum] = await tx
    .select({ value: sql<number>`coalesce(sum(${column}), 0)::bigint` })
    .from(enrolments)
    .where(eq(enrolments.competitionId, competitionId))
  return sum?.value ?? 0
}
