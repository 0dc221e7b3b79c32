import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { publish } from '../../platform/event-queue.ts'
import { NotYetError } from '../../platform/events.ts'
import { digestStandings } from './final-standings.ts'
import { lockBoard } from './locks.ts'
import { boards, finalStandings, standings } from './tables.ts'

/** Rows read at a time for the digest. */
const PAGE = 1_000

export type FinalStore = ReturnType<typeof createFinalStore>

/** The end of boards. */
export function createFinalStore(db: Database) {
  return {
    /**
     * Freezes a board for good once every computation has arrived, and says so: `scoreVersions` is what their versions
     * add up to. Throws NotYetError until then.
     */
    freeze: (competitionId: string, scoreVersions: number, now: Date): Promise<void> =>
      db.transaction(async (tx) => {
        if ((await lockedState(tx, competitionId)) === 'FINAL') return
        const [arrived] = await tx
          .select({ versions: sql<number>`coalesce(sum(${standings.computedVersion}), 0)::bigint` })
          .from(standings)
          .where(eq(standings.competitionId, competitionId))
        if (!arrived || arrived.versions < scoreVersions) {
          throw new NotYetError(
            `scores of ${competitionId}: ${arrived?.versions} of ${scoreVersions} are here`,
          )
        }
        const digest = await settle(tx, competitionId, now)
        await publish(tx, [{ name: 'board.frozen', payload: { competitionId, digest } }])
      }),

    /** Freezes a board as it is, since its competition was called off. */
    cancel: (competitionId: string, now: Date): Promise<void> =>
      db.transaction(async (tx) => {
        if ((await lockedState(tx, competitionId)) !== 'FINAL') await settle(tx, competitionId, now)
      }),
  }
}

type Transaction = Pick<Database, 'select' | 'update' | 'execute'>

async function lockedState(tx: Transaction, competitionId: string) {
  await lockBoard(tx, competitionId)
  const [board] = await tx.select().from(boards).where(eq(boards.competitionId, competitionId))
  if (!board) throw new NotYetError(`competition ${competitionId} was not opened yet`)
  return board.state
}

/** Copies the standings as they are, and gives their digest. */
async function settle(tx: Transaction, competitionId: string, now: Date): Promise<string> {
  await tx.execute(sql`set local statement_timeout = '5min'`) // copying a board of millions takes its time
  await tx.execute(sql`
    insert into ${finalStandings} (competition_id, place, rank, user_id, score, achieved_at)
    select competition_id, row_number() over (order by packed desc, user_id desc),
      rank() over (order by score desc), user_id, score, achieved_at
    from ${standings} where competition_id = ${competitionId} and packed is not null`)
  const digest = await readDigest(tx, competitionId)
  const sum = (value: SQL) =>
    sql`(select ${value} from ${standings} where ${standings.competitionId} = ${competitionId})`
  const finalSize = sum(sql`count(${standings.packed})`)
  const finalVersions = sum(sql`coalesce(sum(${standings.version}), 0)`)
  await tx
    .update(boards)
    .set({ state: 'FINAL', digest, finalSize, finalVersions, updatedAt: now })
    .where(eq(boards.competitionId, competitionId))
  return digest
}

async function readDigest(tx: Transaction, competitionId: string): Promise<string> {
  const { add, digest } = digestStandings(competitionId)
  for (let place = 0; ; place += PAGE) {
    const rows = await tx
      .select()
      .from(finalStandings)
      .where(and(eq(finalStandings.competitionId, competitionId), gt(finalStandings.place, place)))
      .orderBy(asc(finalStandings.place))
      .limit(PAGE)
    add(rows)
    if (rows.length < PAGE) return digest()
  }
}
