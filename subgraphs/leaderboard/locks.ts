import { sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'

type Transaction = Pick<Database, 'execute'>

/**
 * Until the transaction ends: many may write standings of a board ('shared'), while one who opens, closes or freezes it
 * ('exclusive') has it alone. Advisory, since a lock on the board's row would be a write to it with every score.
 */
export async function lockBoard(
  tx: Transaction,
  competitionId: string,
  mode: 'shared' | 'exclusive',
): Promise<void> {
  const key = sql`hashtextextended(${`leaderboard ${competitionId}`}, 0)`
  await tx.execute(
    mode === 'shared'
      ? sql`select pg_advisory_xact_lock_shared(${key})`
      : sql`select pg_advisory_xact_lock(${key})`,
  )
}

/** Until the transaction ends nobody else writes this person's standing, even if there is no row of it yet. */
export async function lockStanding(tx: Transaction, competitionId: string, userId: string): Promise<void> {
  await lockBoard(tx, competitionId, 'shared')
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`standing ${competitionId} ${userId}`}, 0))`,
  )
}
