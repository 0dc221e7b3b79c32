import { sql } from 'drizzle-orm'
import type { Database } from '../../../platform/database.ts'
import { refreshTokens, sessions } from '../tables.ts'
import { REFRESH_LIFETIME } from './tokens.ts'

/** How many rows one call clears away; more than one, so that they cannot pile up. */
const CLEARED = 100

/**
 * Clears away some refresh tokens, of anybody, that are too old to be traded, and some sessions that have none any more. Those
 * of an outside issuer stay: what it sends would open them again. Rows that another transaction holds are left to it.
 */
export async function sweepSessions(tx: Pick<Database, 'execute'>, now: Date): Promise<void> {
  const over = new Date(now.getTime() - REFRESH_LIFETIME).toISOString()
  await tx.execute(sql`
    delete from ${refreshTokens} where hash = any (array(
      select hash from ${refreshTokens} where issued_at < ${over}
      order by issued_at limit ${CLEARED} for update skip locked))`)
  // The oldest alone are looked at, whose tokens go first.
  await tx.execute(sql`
    delete from ${sessions} where id = any (array(
      select id from ${sessions}
      where id in (
          select id from ${sessions} where last_used_at < ${over} and outside_key is null
          order by last_used_at limit ${CLEARED})
        and not exists (select from ${refreshTokens} where session_id = ${sessions.id})
      for update skip locked))`)
}
