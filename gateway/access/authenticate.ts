import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { z } from 'zod'
import { unauthenticated, unavailable } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Authenticator } from './credentials.ts'
import { rememberCredentials } from './remembered-credentials.ts'

/** How far our clock and the issuer's may differ. */
export const SKEW = 30_000 // ms

/** How often keys are fetched again, so that one which was withdrawn stops working. */
const REFRESH = 300_000 // ms

/** Where nobody can sign in: everyone is anonymous, whatever they send. */
export const anonymousOnly: Authenticator = {
  authenticate: async () => ({ identity: { kind: 'anonymous' }, expiresAt: null }),
  close() {},
}

const claims = z.object({
  sub: z.string().min(1),
  sid: z.string().min(1),
  role: z.enum(['USER', 'AFFILIATE', 'ADMIN']),
  scope: z.string(),
  exp: z.number(),
})

/** Checks access tokens (subgraphs/users/tokens.ts) by the keys that their issuer publishes. */
export function createAuthenticator(options: {
  jwksUrl: string
  now: () => Date
  logger: Logger
}): Authenticator {
  const { jwksUrl, now, logger } = options
  // Requests never wait for a refresh of keys, so that the issuer may be away while its tokens are in use.
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: 3_000, // ms
    cooldownDuration: 30_000, // ms
    cacheMaxAge: Number.POSITIVE_INFINITY,
  })
  const refresh = setInterval(() => {
    keys
      .reload()
      .catch((error) => logger.warn({ error: String(error) }, 'the signing keys cannot be fetched'))
  }, REFRESH).unref()

  const authenticator: Authenticator = {
    async authenticate(authorization) {
      if (authorization === undefined) return { identity: { kind: 'anonymous' }, expiresAt: null }
      const [, token] =
        typeof authorization === 'string' ? (/^Bearer +(\S+)$/i.exec(authorization) ?? []) : []
      if (!token) throw unauthenticated('The Authorization header must be: Bearer and an access token.')
      const payload = await verify(token)
      const { success, data } = claims.safeParse(payload)
      if (!success) throw invalid()
      return {
        identity: {
          kind: 'person',
          id: data.sub,
          sessionId: data.sid,
          role: data.role,
          scopes: data.scope.split(' ').filter(Boolean),
        },
        expiresAt: new Date(data.exp * 1_000),
      }
    },
    close: () => clearInterval(refresh),
  }
  return rememberCredentials(authenticator, { now, skew: SKEW })

  async function verify(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['EdDSA'],
        issuer: 'podium',
        audience: 'podium',
        typ: 'at+jwt',
        clockTolerance: SKEW / 1_000, // s
        currentDate: now(),
      })
      return payload
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw unauthenticated('The access token has expired.')
      if (isFaultOfToken(error)) throw invalid()
      logger.error({ error: String(error) }, 'the signing keys cannot be fetched')
      throw unavailable()
    }
  }
}

const invalid = () => unauthenticated('The access token is not valid.')

/** As opposed to one of fetching the keys. */
function isFaultOfToken(error: unknown): boolean {
  const fetching = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']
  return error instanceof errors.JOSEError && !fetching.includes(error.code)
}
