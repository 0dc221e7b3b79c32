import { randomUUID } from 'node:crypto'
import { and, desc, eq, gt, isNull, ne } from 'drizzle-orm'
import type { Database } from '../../../platform/database.ts'
import { publish } from '../../../platform/event-queue.ts'
import { isId } from '../../../platform/ids.ts'
import { refuse } from '../../../platform/refusal.ts'
import { auditOf } from '../audit.ts'
import { lockPerson } from '../lock-person.ts'
import { refuseSuspended } from '../suspension.ts'
import { type PersonRow, refreshTokens, type SessionRow, sessions } from '../tables.ts'
import { endSessions } from './session-ends.ts'
import { MAX_SESSIONS, makeRoom } from './session-room.ts'
import { sweepSessions } from './session-sweep.ts'
import { hashToken, newRefreshToken, REFRESH_LIFETIME, successorOf } from './tokens.ts'

/** Within this time a refresh token that was used gives the same successor again: two tabs, or an answer that got lost. */
const REUSE = 10_000 // ms

/** A session with the refresh token that goes on with it. */
export type OpenSession = { person: PersonRow; sessionId: string; refreshToken: string }

export type SessionStore = ReturnType<typeof createSessionStore>

/** Where people are signed in. `secret` is what successors of refresh tokens are derived with. */
export function createSessionStore(db: Database, secret: string) {
  return {
    /**
     * Signs in who was just found to be this person. Refuses who was suspended or changed their password since, and
     * ends the session used longest ago where there are too many.
     */
    open: (found: PersonRow, userAgent: string | undefined, now: Date): Promise<OpenSession> =>
      db.transaction(async (tx) => {
        const person = await lockPerson(tx, found.id)
        if (person?.passwordHash !== found.passwordHash) {
          return refuse('WRONG_CREDENTIALS', 'The password was just changed. Log in with the new one.')
        }
        refuseSuspended(person)
        const refreshToken = newRefreshToken()
        const sessionId = randomUUID()
        await makeRoom(tx, person.id, now)
        await tx.insert(sessions).values({
          id: sessionId,
          userId: person.id,
          userAgent: userAgent?.slice(0, 300),
          createdAt: now,
          lastUsedAt: now,
        })
        await tx.insert(refreshTokens).values({ hash: hashToken(refreshToken), sessionId, issuedAt: now })
        await sweepSessions(tx, now)
        return { person, sessionId, refreshToken }
      }),

    /**
     * Trades a refresh token for its successor. A second use later than `REUSE` is a thief's or the victim's, nobody
     * can tell which: it ends the session. Refuses that, what is unknown or too old, and who is suspended.
     */
    async refresh(token: string, now: Date): Promise<OpenSession> {
      const hash = hashToken(token)
      const refreshed = await db.transaction(async (tx) => {
        const [owner] = await tx
          .select({ id: sessions.userId })
          .from(refreshTokens)
          .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
          .where(eq(refreshTokens.hash, hash))
        const person = owner && (await lockPerson(tx, owner.id))
        if (!person) return null
        const [used] = await tx
          .select({ token: refreshTokens, endedAt: sessions.endedAt })
          .from(refreshTokens)
          .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
          .where(eq(refreshTokens.hash, hash))
        if (!used || now.getTime() - used.token.issuedAt.getTime() > REFRESH_LIFETIME) return null
        refuseSuspended(person)
        if (used.endedAt) return null
        const { sessionId, usedAt } = used.token
        if (usedAt && now.getTime() - usedAt.getTime() > REUSE) {
          await endSessions(tx, eq(sessions.id, sessionId), now)
          await publish(tx, [auditOf({ action: 'session.refresh_token_reused', actorId: null, userId: person.id, details: { sessionId } }, now)]) // biome-ignore format: one entry
          return null
        }
        const refreshToken = successorOf(token, secret)
        if (!usedAt) {
          await tx.update(refreshTokens).set({ usedAt: now }).where(eq(refreshTokens.hash, hash))
          await tx.insert(refreshTokens).values({ hash: hashToken(refreshToken), sessionId, issuedAt: now })
          await tx.update(sessions).set({ lastUsedAt: now }).where(eq(sessions.id, sessionId))
          await sweepSessions(tx, now)
        }
        return { person, sessionId, refreshToken }
      })
      return refreshed ?? refuse('TOKEN_EXPIRED', 'This session is over. Log in again.', 'refreshToken')
    },

    /** A person's sessions, latest use first. */
    of: (userId: string, now: Date): Promise<SessionRow[]> =>
      db
        .select()
        .from(sessions)
        .where(
          and(
            eq(sessions.userId, userId),
            isNull(sessions.endedAt),
            gt(sessions.lastUsedAt, new Date(now.getTime() - REFRESH_LIFETIME)),
          ),
        )
        .orderBy(desc(sessions.lastUsedAt), desc(sessions.id))
        .limit(MAX_SESSIONS),

    /** Ends one of a person's sessions. Refuses what is none of theirs, or over already. */
    end: (sessionId: string, userId: string, now: Date): Promise<void> =>
      db.transaction(async (tx) => {
        await lockPerson(tx, userId)
        const which = isId(sessionId) && and(eq(sessions.id, sessionId), eq(sessions.userId, userId))
        const ended = which ? await endSessions(tx, which, now) : []
        if (ended.length === 0) {
          return refuse('NOT_FOUND', 'There is no such session of yours, or it is over already.', 'sessionId')
        }
        await publish(tx, [auditOf({ action: 'session.ended', actorId: userId, userId, details: { sessionId } }, now)]) // biome-ignore format: one entry
      }),

    /** Ends a person's sessions but one. */
    endOthers: (sessionId: string, userId: string, now: Date): Promise<void> =>
      db.transaction(async (tx) => {
        await lockPerson(tx, userId)
        const ended = await endSessions(tx, and(eq(sessions.userId, userId), ne(sessions.id, sessionId)), now)
        await publish(tx, [auditOf({ action: 'session.others_ended', actorId: userId, userId, details: { count: ended.length } }, now)]) // biome-ignore format: one entry
      }),
  }
}
