import type { Logger } from '../../platform/logger.ts'
import type { OutsideIssuer } from '../../platform/settings/outside-issuer-settings.ts'
import type { Transport } from '../transport/transport.ts'
import type { TokenIssuer } from './authenticate.ts'
import { createIssuerSignIn } from './issuer-sign-in.ts'
import { signInOf } from './outside-claims.ts'
import { createTokenVerifier } from './token-verifier.ts'

/**
 * The access tokens of another issuer. They say who somebody is there; who that is here, and what they may, is asked of
 * the users subgraph.
 */
export function createOutsideIssuer(options: {
  settings: OutsideIssuer
  /** Who knows whom the issuer vouches for; undefined: nobody. */
  users: () => Transport | undefined
  now: () => Date
  logger: Logger
  /** How often keys are fetched again, in ms. */
  keysRefresh: number
}): TokenIssuer {
  const { settings, users, now, logger, keysRefresh } = options
  const { issuer, claims, ...how } = settings
  const verifier = createTokenVerifier({
    ...how,
    issuer,
    types: ['jwt', 'at+jwt'],
    now,
    logger,
    keysRefresh,
  })
  const signIn = createIssuerSignIn({ users, logger })
  return {
    name: issuer,
    async credentialsOf(token, beforeAsking) {
      const payload = await verifier.verify(token)
      await beforeAsking?.()
      const { userId, role, scopes, sessionId } = await signIn({ issuer, ...signInOf(payload, claims) })
      // It has an end, or it would not have been verified.
      const expiresAt = new Date(Number(payload.exp) * 1_000)
      return { identity: { kind: 'person', id: userId, role, scopes, sessionId }, expiresAt }
    },
    close: verifier.close,
  }
}
