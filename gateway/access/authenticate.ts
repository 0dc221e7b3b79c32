import { decodeJwt } from 'jose'
import { unauthenticated } from '../../platform/errors.ts'
import { anonymous } from '../../platform/identity.ts'
import type { Authenticator, BeforeAsking, Credentials } from './credentials.ts'
import type { EndedSessions } from './ended-sessions.ts'
import { rememberCredentials } from './remembered-credentials.ts'
import { invalid, SKEW } from './token-verifier.ts'

/** Where nobody can sign in: everyone is anonymous, whatever they send. */
export const anonymousOnly: Authenticator = {
  authenticate: async () => ({ identity: anonymous, expiresAt: null }),
  close() {},
}

/** Somebody whose access tokens are taken. */
export type TokenIssuer = {
  /** What its tokens name as `iss`. */
  name: string
  /** Whom a token speaks for. Throws as Authenticator does. */
  credentialsOf(token: string, beforeAsking?: BeforeAsking): Promise<Credentials>
  close(): void
}

/** Takes the access tokens of these issuers: each is checked whole by the one that it names. */
export function createAuthenticator(options: {
  issuers: readonly TokenIssuer[]
  ended: Pick<EndedSessions, 'has'>
  now: () => Date
}): Authenticator {
  const { issuers, ended, now } = options
  const byName = new Map(issuers.map((issuer) => [issuer.name, issuer]))

  const authenticator: Authenticator = {
    async authenticate(authorization, beforeAsking) {
      if (authorization === undefined) return { identity: anonymous, expiresAt: null }
      const [, token] =
        typeof authorization === 'string' ? (/^Bearer +(\S+)$/i.exec(authorization) ?? []) : []
      if (!token)
        throw unauthenticated('The Authorization header must be: Bearer, and an access token or an API key.')
      const issuer = byName.get(issuerIn(token))
      if (!issuer) throw invalid()
      return issuer.credentialsOf(token, beforeAsking)
    },
    close() {
      for (const issuer of issuers) issuer.close()
    },
  }
  // A token of an outside issuer outlives the session here: it may stand for another one by now.
  const isCurrent = ({ identity }: Credentials) =>
    identity.kind !== 'person' || !ended.has(identity.sessionId)
  return rememberCredentials(authenticator, { now, skew: SKEW, isCurrent })
}

/** What a token names as its issuer, which anybody can write. */
function issuerIn(token: string): string {
  try {
    return decodeJwt(token).iss ?? ''
  } catch {
    throw invalid()
  }
}
