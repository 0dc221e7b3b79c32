import { and, asc, eq, gt, inArray, isNotNull, isNull, ne, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { type EventPayload, NotYetError } from '../../platform/events.ts'
import { lockBoard } from './locks.ts'
import { packScore } from './packing.ts'
import type { StandingRow } from './standing-store.ts'
import { boards, members, standings } from './tables.ts'

export type BoardRow = typeof boards.$inferSelect

export type BoardStore = ReturnType<typeof createBoardStore>

/** Boards, and who may see them. */
export function createBoardStore(db: Database) {
  return {
    /** Those of `competitionIds` that exist, in any order. */
    byIds: (competitionIds: readonly string[]): Promise<BoardRow[]> =>
      db
        .select()
        .from(boards)
        .where(inArray(boards.competitionId, [...competitionIds])),

    /** The boards that still change, by competition id; `after` is the last one of the page before. */
    unfinished: (after: string | null, limit: number): Promise<BoardRow[]> =>
      db
        .select()
        .from(boards)
        .where(and(ne(boards.state, 'FINAL'), after ? gt(boards.competitionId, after) : undefined))
        .orderBy(asc(boards.competitionId))
        .limit(limit),

    /** The competitions among `competitionIds` in which this person takes part. */
    async joinedBy(userId: string, competitionIds: readonly string[]): Promise<string[]> {
      const rows = await db
        .select({ competitionId: members.competitionId })
        .from(members)
        .where(
          and(
            eq(members.userId, userId),
            inArray(members.competitionId, [...competitionIds]),
            eq(members.joined, true),
          ),
        )
      return rows.map((row) => row.competitionId)
    },

    /** Makes the board of a competition, once; gives the scores that came before it, which now have their places. */
    open: (event: EventPayload<'competition.opened'>, now: Date): Promise<{ early: StandingRow[] } | null> =>
      db.transaction(async (tx) => {
        const { competitionId, visibility, organizerId } = event
        await lockBoard(tx, competitionId)
        const startsAt = new Date(event.startsAt)
        const terms = { startsAt, endsAt: new Date(event.endsAt), visibility, organizerId }
        const opened = await tx
          .insert(boards)
          .values({ competitionId, ...terms, state: 'LIVE', updatedAt: now })
          .onConflictDoNothing()
          .returning()
        return opened.length > 0 ? { early: await placeEarly(tx, competitionId, startsAt) } : null
      }),

    /** The competition is over, though scores may still come. Throws NotYetError where it was not opened yet. */
    close: (competitionId: string, now: Date): Promise<void> =>
      db.transaction(async (tx) => {
        await lockBoard(tx, competitionId)
        const [board] = await tx.select().from(boards).where(eq(boards.competitionId, competitionId))
        if (!board) throw new NotYetError(`competition ${competitionId} was not opened yet`)
        if (board.state !== 'LIVE') return
        await tx
          .update(boards)
          .set({ state: 'PROVISIONAL', updatedAt: now })
          .where(eq(boards.competitionId, competitionId))
      }),

    /** Keeps what a participation says, unless a later version of it has been seen. */
    async recordMember(
      event: { competitionId: string; userId: string; version: number },
      joined: boolean,
    ): Promise<void> {
      const { competitionId, userId, version } = event
      await db
        .insert(members)
        .values({ competitionId, userId, version, joined })
        .onConflictDoUpdate({
          target: [members.competitionId, members.userId],
          set: { version, joined },
          setWhere: sql`${members.version} < excluded.version`,
        })
    },

    /** Counts rebuilds of a board that still changes; null for any other. */
    async countRebuilds(competitionId: string, by: number, now: Date): Promise<BoardRow | null> {
      const [board] = await db
        .update(boards)
        .set({ rebuilds: sql`${boards.rebuilds} + ${by}`, updatedAt: now })
        .where(and(eq(boards.competitionId, competitionId), ne(boards.state, 'FINAL')))
        .returning()
      return board ?? null
    },
  }
}

async function placeEarly(
  tx: Pick<Database, 'select' | 'execute'>,
  competitionId: string,
  startsAt: Date,
): Promise<StandingRow[]> {
  const rows = await tx
    .select()
    .from(standings)
    .where(
      and(eq(standings.competitionId, competitionId), isNotNull(standings.score), isNull(standings.packed)),
    )
  const placed = rows.flatMap((row) =>
    row.score !== null && row.achievedAt
      ? [{ ...row, packed: packScore(row.score, row.achievedAt, startsAt) }]
      : [],
  )
  await tx.execute(sql`
    update ${standings} set packed = placed.packed
    from unnest(
      ${sql.param(placed.map((row) => row.userId))}::uuid[],
      ${sql.param(placed.map((row) => row.packed))}::bigint[]
    ) placed (user_id, packed)
    where standings.competition_id = ${competitionId} and standings.user_id = placed.user_id`)
  return placed
}
