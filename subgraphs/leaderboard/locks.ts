import { sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'

type Transaction = Pick<Database, 'execute'>

/** Until the transaction ends nobody else writes standings of this board, opens, closes or freezes it. */
export async function lockBoard(tx: Transaction, competitionId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${boardKey(competitionId)})`)
}

/**
 * Until the transaction ends nobody else writes this person's standing, even if there is no row of it yet, nor takes
 * the board for itself. Others may write other standings: advisory, since a lock on the board's row would be a write
 * to it with every score. The board first, as PostgreSQL evaluates in order: whoever waits for it holds nothing.
 */
export async function lockStanding(tx: Transaction, competitionId: string, userId: string): Promise<void> {
  const standing = sql`hashtextextended(${`standing ${competitionId} ${userId}`}, 0)`
  await tx.execute(
    sql`select pg_advisory_xact_lock_shared(${boardKey(competitionId)}), pg_advisory_xact_lock(${standing})`,
  )
}

const boardKey = (competitionId: string) => sql`hashtextextended(${`leaderboard ${competitionId}`}, 0)`
