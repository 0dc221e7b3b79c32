import { randomUUID } from 'node:crypto'
import { and, eq, isNull } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { refuse } from '../../platform/refusal.ts'
import type { PersonRow } from './store.ts'
import { people, refreshTokens, sessions } from './tables.ts'
import { hashToken, newRefreshToken, successorOf } from './tokens.ts'

/** Within this time a refresh token that was used gives the same successor again: two tabs, or an answer that got lost. */
const REUSE = 10_000 // ms

/** How long a refresh token is good. */
const REFRESH_LIFETIME = 30 * 86_400_000 // ms

/** A session with the refresh token that goes on with it. */
export type OpenSession = { person: PersonRow; sessionId: string; refreshToken: string }

export type SessionStore = ReturnType<typeof createSessionStore>

/** Where people are signed in. `secret` is what successors of refresh tokens are derived with. */
export function createSessionStore(db: Database, secret: string) {
  return {
    async open(person: PersonRow, userAgent: string | undefined, now: Date): Promise<OpenSession> {
      const refreshToken = newRefreshToken()
      const sessionId = randomUUID()
      await db.transaction(async (tx) => {
        await tx.insert(sessions).values({
          id: sessionId,
          userId: person.id,
          userAgent: userAgent?.slice(0, 300),
          createdAt: now,
          lastUsedAt: now,
        })
        await tx.insert(refreshTokens).values({ hash: hashToken(refreshToken), sessionId, issuedAt: now })
      })
      return { person, sessionId, refreshToken }
    },

    /**
     * Trades a refresh token for its successor. A second use later than `REUSE` is a thief's or the victim's, nobody
     * can tell which: it ends the session. Refuses that, and what is unknown or too old.
     */
    async refresh(token: string, now: Date): Promise<OpenSession> {
      const refreshed = await db.transaction(async (tx) => {
        const [used] = await tx
          .select()
          .from(refreshTokens)
          .where(eq(refreshTokens.hash, hashToken(token)))
          .for('update')
        if (!used || now.getTime() - used.issuedAt.getTime() > REFRESH_LIFETIME) return null
        const { sessionId, usedAt, hash } = used
        const [owner] = await tx
          .select({ person: people })
          .from(sessions)
          .innerJoin(people, eq(people.id, sessions.userId))
          .where(and(eq(sessions.id, sessionId), isNull(sessions.endedAt)))
        if (!owner) return null
        if (usedAt && now.getTime() - usedAt.getTime() > REUSE) {
          await tx.update(sessions).set({ endedAt: now }).where(eq(sessions.id, sessionId))
          return null
        }
        const refreshToken = successorOf(token, secret)
        if (!usedAt) {
          await tx.update(refreshTokens).set({ usedAt: now }).where(eq(refreshTokens.hash, hash))
          await tx.insert(refreshTokens).values({ hash: hashToken(refreshToken), sessionId, issuedAt: now })
          await tx.update(sessions).set({ lastUsedAt: now }).where(eq(sessions.id, sessionId))
        }
        return { person: owner.person, sessionId, refreshToken }
      })
      return refreshed ?? refuse('TOKEN_EXPIRED', 'This session is over. Log in again.', 'refreshToken')
    },

    async end(sessionId: string, now: Date): Promise<void> {
      await db
        .update(sessions)
        .set({ endedAt: now })
        .where(and(eq(sessions.id, sessionId), isNull(sessions.endedAt)))
    },
  }
}
