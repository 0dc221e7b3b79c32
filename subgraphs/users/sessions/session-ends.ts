import { and, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import type { Transaction } from '../../../platform/database.ts'
import { publish } from '../../../platform/event-queue.ts'
import { areLive } from '../api-keys/live-keys.ts'
import { apiKeys, refreshTokens, sessions } from '../tables.ts'

/** Ends the open sessions of which it holds, under their person's lock; gives their ids, and tells the gateways. */
export async function endSessions(tx: Transaction, which: SQL | undefined, now: Date): Promise<string[]> {
  const ended = await tx
    .update(sessions)
    .set({ endedAt: now })
    .where(and(which, isNull(sessions.endedAt)))
    .returning({ id: sessions.id })
  const sessionIds = ended.map(({ id }) => id)
  await tellEnded(tx, sessionIds, now)
  return sessionIds
}

/**
 * Has a person's open sessions go on under other ids, under the person's lock: access tokens name the session, so
 * those that are about are good no longer, and the refresh tokens give new ones, or the outside issuer's token does.
 */
export async function renewSessions(tx: Transaction, userId: string, now: Date): Promise<void> {
  const open = await tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.endedAt)))
  const ids = open.map(({ id }) => id)
  if (ids.length === 0) return
  await tx.execute(sql`
    with renewed as (
      select ${sessions.id} as old_id, gen_random_uuid() as new_id
      from ${sessions} where ${inArray(sessions.id, ids)}
    ), added as (
      insert into ${sessions} (id, user_id, user_agent, outside_key, created_at, last_used_at)
      select new_id, user_id, user_agent, outside_key, created_at, last_used_at
      from renewed join ${sessions} on ${sessions.id} = old_id
    ), left_behind as (
      update ${sessions} set outside_key = null from renewed where ${sessions.id} = old_id
    )
    update ${refreshTokens} set session_id = new_id from renewed where ${refreshTokens.sessionId} = old_id`)
  await endSessions(tx, inArray(sessions.id, ids), now)
}

/**
 * Has gateways look at a person's API keys anew, and ends what they hold: whether or not they are good from now on, what they
 * are good for is another thing.
 */
export async function endHeldByKeys(tx: Transaction, userId: string, now: Date): Promise<void> {
  const keys = await tx
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(and(eq(apiKeys.userId, userId), areLive(now)))
  const ids = keys.map(({ id }) => id)
  await tellEnded(tx, ids, now)
}

/** How many sessions an event names. */
const BATCH = 1_000

/** Tells the gateways of sessions that ended, or of API keys by their ids. */
export async function tellEnded(tx: Transaction, sessionIds: string[], now: Date): Promise<void> {
  const at = now.toISOString()
  const batches = Array.from({ length: Math.ceil(sessionIds.length / BATCH) }, (_, index) =>
    sessionIds.slice(index * BATCH, (index + 1) * BATCH),
  )
  await publish(
    tx,
    batches.map((batch) => ({ name: 'sessions.ended', payload: { sessionIds: batch, at } })),
  )
}
