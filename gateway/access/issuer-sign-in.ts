import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { unauthenticated, unavailable } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import { reasonOf } from '../transport/reason.ts'
import { LeftAloneError, type Transport } from '../transport/transport.ts'
import { bearer } from './bearer.ts'
import type { SignIn } from './outside-claims.ts'

type Bearer = z.infer<typeof bearer>

/** With errors it says nothing of anybody. */
const answer = z.object({
  data: z.object({
    signInFromIssuer: z.object({
      bearer: bearer.nullable(),
      userErrors: z.array(z.object({ message: z.string() })),
    }),
  }),
  errors: z.undefined().optional(),
})

const QUERY =
  'mutation ($input: IssuerSignInInput!) { signInFromIssuer(input: $input) { bearer { userId role scopes sessionId } userErrors { message } } }'

/**
 * Signs in whom an issuer vouches for, by the users subgraph. Throws UNAUTHENTICATED, with its reason, for whom it refuses,
 * and UNAVAILABLE while it does not answer.
 */
export function createIssuerSignIn({
  users,
  logger,
}: {
  users: () => Transport | undefined
  logger: Logger
}) {
  return async (input: SignIn & { issuer: string }): Promise<Bearer> => {
    const { bearer, userErrors } = await ask(input)
    if (bearer) return bearer
    throw unauthenticated(userErrors.map(({ message }) => message).join(' '))
  }

  async function ask(input: SignIn & { issuer: string }) {
    const request = {
      body: JSON.stringify({ query: QUERY, variables: { input } }),
      kind: 'mutation' as const,
      caller: { identity: { kind: 'gateway' as const }, requestId: randomUUID() },
    }
    try {
      const text = (await users()?.send(request)) ?? '{}'
      return answer.parse(JSON.parse(text)).data.signInFromIssuer
    } catch (error) {
      const level = error instanceof LeftAloneError ? 'debug' : 'warn'
      logger[level]({ error: reasonOf(error) }, 'nobody can be signed in from the outside issuer')
      throw unavailable()
    }
  }
}
