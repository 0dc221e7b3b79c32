import { type EndedSessions as Ended, hearEndedSessions, TOLD } from '../../platform/ended-sessions.ts'
import { unauthenticated } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { OpenRedis } from '../../platform/redis.ts'
import type { Authenticator } from './credentials.ts'

/** How many are remembered: some 15 MB. */
const REMEMBERED = 100_000

/** Sessions that ended while access tokens of theirs may still be about, and API keys that are to be looked up again. */
export type EndedSessions = {
  has(sessionId: string): boolean
  /** Has `listener` called with each that ends. Returns what ends that. */
  listen(listener: (sessionId: string) => void): () => void
  /** Takes note of one that was found to be over. */
  add(sessionId: string): void
  /** An API key was looked up since, and is good. */
  forget(sessionId: string): void
  close(): void
}

/** Remembers what is heard over Redis; without it (null), only what this gateway finds out itself. */
export function openEndedSessions(options: {
  redis: OpenRedis | null
  now: () => Date
  logger: Logger
}): EndedSessions {
  const { redis, now, logger } = options
  /** Until when each is to be refused (Unix ms), in the order in which they were heard of. */
  const ended = new Map<string, number>()
  const listeners = new Set<(sessionId: string) => void>()
  const stop = redis ? hearEndedSessions(redis, logger, note) : () => {}

  function note({ sessionIds, until }: Ended): void {
    const time = now().getTime()
    if (until <= time) return
    for (const sessionId of sessionIds) {
      makeRoom(time)
      ended.set(sessionId, until)
      for (const listener of listeners) listener(sessionId)
    }
  }

  function makeRoom(time: number): void {
    for (const [sessionId, until] of ended) {
      if (until > time && ended.size < REMEMBERED) return
      if (until > time)
        logger.warn('more sessions ended than are remembered: an access token may outlive one')
      ended.delete(sessionId)
    }
  }

  return {
    has: (sessionId) => (ended.get(sessionId) ?? 0) > now().getTime(),
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    add: (sessionId) => note({ sessionIds: [sessionId], until: now().getTime() + TOLD }),
    forget: (sessionId) => void ended.delete(sessionId),
    close: stop,
  }
}

/** An authenticator that also refuses the access tokens of sessions that ended. */
export function refuseEnded(authenticator: Authenticator, ended: Pick<EndedSessions, 'has'>): Authenticator {
  return {
    async authenticate(authorization, beforeAsking) {
      const credentials = await authenticator.authenticate(authorization, beforeAsking)
      const { identity } = credentials
      if (identity.kind === 'person' && ended.has(identity.sessionId)) {
        throw unauthenticated('This access token was withdrawn. Refresh the session, or log in again.')
      }
      return credentials
    },
    close: () => authenticator.close(),
  }
}
