import { randomUUID } from 'node:crypto'
import { and, asc, desc, eq, gt, isNotNull, ne, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { publish } from '../../platform/event-queue.ts'
import { isId } from '../../platform/ids.ts'
import { refuse } from '../../platform/refusal.ts'
import { isPlainText } from '../../platform/text.ts'
import { lockStanding } from './locks.ts'
import { type Computation, rises, type Score, withAdjustment, withComputation } from './score.ts'
import { boards, standings } from './tables.ts'

export type StandingRow = typeof standings.$inferSelect

/** Who stands where, by competition and person. */
export type StandingKey = { competitionId: string; userId: string }

/** People named as overtaken by one change. */
const OVERTAKEN = 100

/** People of each kind in a sample. */
const SAMPLE = 100

export type StandingStore = ReturnType<typeof createStandingStore>

/** The truth about who stands where. */
export function createStandingStore(db: Database) {
  return {
    /**
     * Keeps a computation, unless a later one has been seen; gives the standing as it is then, so that it can be brought
     * to the board however often the event comes. Null where there is nothing to bring: a final board does not change
     * any more, and a competition that is not known yet has none.
     */
    recordComputation: (key: StandingKey, computation: Computation, now: Date): Promise<StandingRow | null> =>
      db.transaction(async (tx) => {
        const { board, before } = await readForUpdate(tx, key)
        if (board?.state === 'FINAL') return null
        const after = withComputation(before, computation, board?.startsAt ?? null)
        const row = after ? await write(tx, key, before, after, now) : before
        return board ? row : null
      }),

    /** Corrects a score by hand. Refuses what has no score, a final board, and what withAdjustment refuses. */
    adjust: (
      correction: StandingKey & { delta: number; reason: string },
      actorId: string,
      now: Date,
    ): Promise<StandingRow> =>
      db.transaction(async (tx) => {
        const { competitionId, userId, delta } = correction
        const reason = correction.reason.trim()
        if (reason === '' || [...reason].length > 500 || !isPlainText(reason)) {
          refuse('INVALID_INPUT', 'Give a reason of 1 to 500 characters.', 'reason')
        }
        if (!isId(competitionId)) return refuseCompetition()
        if (!isId(userId)) return refuse('NOT_FOUND', 'There is no such person.', 'userId')
        const key = { competitionId, userId }
        const { board, before } = await readForUpdate(tx, key)
        if (!board) return refuseCompetition()
        if (board.state === 'FINAL')
          refuse('COMPETITION_CLOSED', 'The standings of this competition are final.')
        const after = withAdjustment(before, delta, board.startsAt)
        const row = await write(tx, key, before, after, now)
        const details = { competitionId, delta, reason, before: before?.score ?? null, after: row.score }
        const entry = { auditId: randomUUID(), at: now.toISOString(), actorId, details }
        const subject = { action: 'leaderboard.score_adjusted', subjectType: 'user', subjectId: userId }
        await publish(tx, [{ name: 'audit.recorded', payload: { ...entry, ...subject } }])
        return row
      }),

    /** Standings in the order of their people's ids, also of those who have no score now. */
    page: (competitionId: string, after: string | null, limit: number): Promise<StandingRow[]> =>
      db
        .select()
        .from(standings)
        .where(
          and(eq(standings.competitionId, competitionId), after ? gt(standings.userId, after) : undefined),
        )
        .orderBy(asc(standings.userId))
        .limit(limit),

    /** The first of a board, and some more people whose ids come after `near`. */
    async sample(competitionId: string, near: string): Promise<StandingRow[]> {
      const ofBoard = eq(standings.competitionId, competitionId)
      const first = await db
        .select()
        .from(standings)
        .where(and(ofBoard, isNotNull(standings.packed)))
        .orderBy(desc(standings.packed), desc(standings.userId))
        .limit(SAMPLE)
      const others = await db
        .select()
        .from(standings)
        .where(and(ofBoard, gt(standings.userId, near), gt(standings.version, 0)))
        .orderBy(asc(standings.userId))
        .limit(SAMPLE)
      const listed = new Set(first.map((row) => row.userId))
      return [...first, ...others.filter((row) => !listed.has(row.userId))]
    },
  }
}

type Transaction = Pick<Database, 'select' | 'insert' | 'execute'>

async function readForUpdate(tx: Transaction, { competitionId, userId }: StandingKey) {
  await lockStanding(tx, competitionId, userId)
  const [board] = await tx.select().from(boards).where(eq(boards.competitionId, competitionId))
  const [before] = await tx
    .select()
    .from(standings)
    .where(and(eq(standings.competitionId, competitionId), eq(standings.userId, userId)))
  return { board: board ?? null, before: before ?? null }
}

async function write(
  tx: Transaction,
  key: StandingKey,
  before: StandingRow | null,
  after: Score,
  now: Date,
): Promise<StandingRow> {
  const updatedAt = before?.version === after.version ? before.updatedAt : now
  const row: StandingRow = { ...after, ...key, updatedAt }
  await tx
    .insert(standings)
    .values(row)
    .onConflictDoUpdate({ target: [standings.competitionId, standings.userId], set: { ...after, updatedAt } })
  if (rises(before, after)) {
    const overtaken = await findOvertaken(tx, key, before?.packed ?? null, after.packed)
    const payload = { ...key, version: after.version, overtaken }
    if (overtaken.length > 0) await publish(tx, [{ name: 'standing.changed', payload }])
  }
  return row
}

/** Those between a person's old place (null: none) and the new one, nearest to the new one first. */
async function findOvertaken(
  tx: Transaction,
  { competitionId, userId }: StandingKey,
  from: number | null,
  to: number,
): Promise<string[]> {
  const place = sql`(${standings.packed}, ${standings.userId})`
  const rows = await tx
    .select({ userId: standings.userId })
    .from(standings)
    .where(
      and(
        eq(standings.competitionId, competitionId),
        isNotNull(standings.packed),
        ne(standings.userId, userId),
        sql`${place} < (${to}::bigint, ${userId}::uuid)`,
        from === null ? undefined : sql`${place} > (${from}::bigint, ${userId}::uuid)`,
      ),
    )
    .orderBy(desc(standings.packed), desc(standings.userId))
    .limit(OVERTAKEN)
  return rows.map((row) => row.userId)
}

function refuseCompetition(): never {
  return refuse('NOT_FOUND', 'There is no such competition with a leaderboard.', 'competitionId')
}
