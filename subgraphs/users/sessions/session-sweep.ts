import { sql } from 'drizzle-orm'
import type { Database } from '../../../platform/database.ts'
import { refreshTokens, sessions } from '../tables.ts'
import { REFRESH_LIFETIME } from './tokens.ts'

/** How many rows one call clears away; more than one, so that they cannot pile up. */
const CLEARED = 100

/**
 * How long it is known that a session of an outside issuer was ended here, since what the issuer sends would open it again. Browsers
 * keep a cookie for 400 days at most, so hardly any issuer goes on with a session for longer.
 */
const OUTSIDE_END = 400 * 86_400_000 // ms

/**
 * Clears away some refresh tokens, of anybody, that are too old to be traded, and some sessions: ours that have none any more, and
 * those of an outside issuer that were not used for as long, or were ended long ago. Rows that another transaction holds are left to it.
 */
export async function sweepSessions(tx: Pick<Database, 'execute'>, now: Date): Promise<void> {
  const over = new Date(now.getTime() - REFRESH_LIFETIME).toISOString()
  const longOver = new Date(now.getTime() - OUTSIDE_END).toISOString()
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
  await tx.execute(sql`
    delete from ${sessions} where id = any (array(
      select id from ${sessions}
      where outside_key is not null and ended_at is null and last_used_at < ${over}
      order by last_used_at limit ${CLEARED} for update skip locked))`)
  await tx.execute(sql`
    delete from ${sessions} where id = any (array(
      select id from ${sessions}
      where outside_key is not null and ended_at is not null and ended_at < ${longOver}
      order by ended_at limit ${CLEARED} for update skip locked))`)
}
