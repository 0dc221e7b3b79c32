import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { unauthenticated, unavailable } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'

/** How far our clock and an issuer's may differ. */
export const SKEW = 30_000 // ms

export type TokenVerifier = {
  /** The claims of a good token. Throws UNAUTHENTICATED for any other, UNAVAILABLE while no keys can be had. */
  verify(token: string): Promise<JWTPayload>
  close(): void
}

type Options = {
  /** Where the issuer publishes its keys. */
  jwksUrl: string
  /** What its tokens name as `iss` and `aud`. */
  issuer: string
  audience: string
  /** Those that it signs with: asymmetric ones. */
  algorithms: readonly string[]
  /** What its tokens name as `typ`, in lower case. */
  types: readonly string[]
  now: () => Date
  logger: Logger
  /** How often keys are fetched again, in ms, so that one which was withdrawn stops working. */
  keysRefresh: number
}

/** Checks the tokens of one issuer by the keys that it publishes, whatever keys a token names or brings itself. */
export function createTokenVerifier(options: Options): TokenVerifier {
  const { jwksUrl, issuer, audience, algorithms, types, now, logger, keysRefresh } = options
  // Requests never wait for a refresh of keys, so that the issuer may be away while its tokens are in use.
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: 3_000, // ms
    cooldownDuration: 30_000, // ms
    cacheMaxAge: Number.POSITIVE_INFINITY,
  })
  const refresh = setInterval(() => {
    keys
      .reload()
      .catch((error) => logger.warn({ issuer, error: String(error) }, 'the signing keys cannot be fetched'))
  }, keysRefresh).unref()

  const keyOf: JWTVerifyGetKey = (header, token) => {
    // Without an id any key of the algorithm would do, while there is only one.
    if (typeof header.kid !== 'string') throw new errors.JWKSNoMatchingKey()
    return keys(header, token)
  }

  return {
    async verify(token) {
      const { payload, protectedHeader } = await signed(token)
      if (!types.includes(typeIn(protectedHeader.typ))) throw invalid()
      return payload
    },
    close: () => clearInterval(refresh),
  }

  async function signed(token: string) {
    try {
      return await jwtVerify(token, keyOf, {
        algorithms: [...algorithms],
        issuer,
        audience,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: SKEW / 1_000, // s
        currentDate: now(),
      })
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw unauthenticated('The access token has expired.')
      if (isFaultOfToken(error)) throw invalid()
      logger.error({ issuer, error: String(error) }, 'the signing keys cannot be fetched')
      throw unavailable()
    }
  }
}

/** What is told of every token that is not good, whatever it is not. */
export const invalid = () =>
  unauthenticated('The access token is not valid. Refresh the session, or log in again.')

/** Media types in short (RFC 7515, 4.1.9). */
const typeIn = (typ: unknown) =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : ''

/** As opposed to one of fetching the keys. */
function isFaultOfToken(error: unknown): boolean {
  const fetching = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']
  return error instanceof errors.JOSEError && !fetching.includes(error.code)
}
