import { and, desc, eq, inArray, isNull } from 'drizzle-orm'
import type { Database } from '../../../platform/database.ts'
import { sessions } from '../tables.ts'
import { endSessions } from './session-ends.ts'

/** How many sessions a person has at once. */
export const MAX_SESSIONS = 100

/** Ends the sessions used longest ago where there is no room for one more, under their person's lock. */
export async function makeRoom(
  tx: Parameters<Parameters<Database['transaction']>[0]>[0],
  userId: string,
  now: Date,
): Promise<void> {
  const excess = await tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.endedAt)))
    .orderBy(desc(sessions.lastUsedAt), desc(sessions.id))
    .offset(MAX_SESSIONS - 1)
  if (excess.length > 0) await endSessions(tx, inArray(sessions.id, excess.map(({ id }) => id)), now) // biome-ignore format: one thought
}
