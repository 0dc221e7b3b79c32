import { hash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { unauthenticated, unavailable } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import { reasonOf } from '../transport/reason.ts'
import { LeftAloneError, type Transport } from '../transport/transport.ts'
import { bearer } from './bearer.ts'
import type { Authenticator, BeforeAsking, Credentials } from './credentials.ts'
import type { EndedSessions } from './ended-sessions.ts'
import { rememberCredentials } from './remembered-credentials.ts'

/** How long a key that nobody has is not asked about again. */
const UNKNOWN = 5_000 // ms

/** How many such are remembered, and how many that were good when they were last looked up. */
const REMEMBERED = 10_000

type Options = {
  /** Who knows of keys; undefined: nobody, and they are taken for tokens. */
  users: () => Transport | undefined
  ended: Pick<EndedSessions, 'has' | 'listen' | 'forget'>
  now: () => Date
  logger: Logger
}

/**
 * Lets programs in with API keys, and others as `tokens` does. A key is asked about once in half a minute, and at once when it is
 * told to have ended: it may be good for less from then on, or for nothing.
 */
export function withApiKeys(tokens: Authenticator, { users, ended, now, logger }: Options): Authenticator {
  const unknown = new Map<string, number>()
  const good = new Set<string>()
  const asking = new Map<string, Promise<Bearer | null>>()
  const keys: Authenticator = {
    authenticate: async (authorization, beforeAsking) =>
      credentialsOf(await bearerOf(secretIn(authorization) ?? '', beforeAsking)),
    close() {},
  }
  const isCurrent = ({ identity }: Credentials) =>
    identity.kind !== 'person' || !ended.has(identity.sessionId)
  const remembered = rememberCredentials(keys, { now, skew: 0, isCurrent })

  return {
    async authenticate(authorization, beforeAsking) {
      const isKey = secretIn(authorization) !== undefined && users() !== undefined
      return (isKey ? remembered : tokens).authenticate(authorization, beforeAsking)
    },
    close: () => tokens.close(),
  }

  /** Those who present one key at the same time wait for one answer. */
  async function bearerOf(secret: string, beforeAsking?: BeforeAsking): Promise<Bearer> {
    if (!wellFormed.test(secret)) throw invalid()
    const secretHash = hash('sha256', secret, 'base64url')
    const time = now().getTime()
    if ((unknown.get(secretHash) ?? 0) > time) throw invalid()
    // Who guesses does not keep those of the same address from their keys.
    if (!asking.has(secretHash) && !good.has(secretHash)) await beforeAsking?.()
    const answer = asking.get(secretHash) ?? ask(secretHash).finally(() => asking.delete(secretHash))
    asking.set(secretHash, answer)
    const bearer = await answer
    if (bearer) {
      if (good.size >= REMEMBERED) good.clear()
      good.add(secretHash)
      return bearer
    }
    good.delete(secretHash)
    if (unknown.size >= REMEMBERED) unknown.clear()
    unknown.set(secretHash, time + UNKNOWN)
    throw invalid()
  }

  /** What is answered about a key that ends meanwhile may be from before, so that it is asked about again. */
  async function ask(secretHash: string): Promise<Bearer | null> {
    const meanwhile = new Set<string>()
    const stop = ended.listen((sessionId) => meanwhile.add(sessionId))
    try {
      const bearer = await lookUp(secretHash)
      if (bearer && meanwhile.has(bearer.sessionId)) return await ask(secretHash)
      if (bearer) ended.forget(bearer.sessionId)
      return bearer
    } finally {
      stop()
    }
  }

  async function lookUp(secretHash: string): Promise<Bearer | null> {
    const request = {
      body: JSON.stringify({ query: QUERY, variables: { secretHash } }),
      kind: 'query' as const,
      caller: { identity: { kind: 'gateway' as const }, requestId: randomUUID() },
    }
    try {
      const text = (await users()?.send(request)) ?? '{}'
      return answer.parse(JSON.parse(text)).data.apiKeyBearer
    } catch (error) {
      const level = error instanceof LeftAloneError ? 'debug' : 'warn'
      logger[level]({ error: reasonOf(error) }, 'an API key cannot be looked up')
      throw unavailable()
    }
  }
}

const QUERY =
  'query ($secretHash: String!) { apiKeyBearer(secretHash: $secretHash) { userId role scopes sessionId expiresAt } }'

const keyBearer = bearer.extend({
  expiresAt: z.iso.datetime().nullable(),
})

/** With errors it says nothing of the key. */
const answer = z.object({
  data: z.object({ apiKeyBearer: keyBearer.nullable() }),
  errors: z.undefined().optional(),
})

type Bearer = z.infer<typeof keyBearer>

/** What can be one at all (subgraphs/users/api-keys/api-key.ts): nobody is asked about anything else. */
const wellFormed = /^podium_[\w-]{43}$/

/** The key that a value of the Authorization header presents; undefined for any other value. */
function secretIn(authorization: unknown): string | undefined {
  return typeof authorization === 'string' ? /^Bearer +(podium_\S*)$/i.exec(authorization)?.[1] : undefined
}

function credentialsOf({ userId, role, scopes, sessionId, expiresAt }: Bearer): Credentials {
  return {
    identity: { kind: 'person', id: userId, role, scopes, sessionId, isProgram: true },
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
  }
}

const invalid = () =>
  unauthenticated('This API key is not valid: it is unknown, over or revoked. Make another, signed in.')
