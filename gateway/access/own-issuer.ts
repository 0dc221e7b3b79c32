import { z } from 'zod'
import type { Logger } from '../../platform/logger.ts'
import type { TokenIssuer } from './authenticate.ts'
import { createTokenVerifier, invalid } from './token-verifier.ts'

const claims = z.object({
  sub: z.string().min(1),
  sid: z.string().min(1),
  role: z.enum(['USER', 'AFFILIATE', 'ADMIN']),
  scope: z.string(),
  exp: z.number(),
})

/** The access tokens of the users subgraph (subgraphs/users/sessions/tokens.ts), which say all that there is to know. */
export function createOwnIssuer(options: {
  jwksUrl: string
  now: () => Date
  logger: Logger
  /** How often keys are fetched again, in ms. */
  keysRefresh: number
}): TokenIssuer {
  const name = 'podium'
  const verifier = createTokenVerifier({
    ...options,
    issuer: name,
    audience: 'podium',
    algorithms: ['EdDSA'],
    types: ['at+jwt'],
  })
  return {
    name,
    async credentialsOf(token) {
      const { success, data } = claims.safeParse(await verifier.verify(token))
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
    close: verifier.close,
  }
}
