import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { forbidden, unauthenticated } from '../platform/errors.ts'
import { anonymous, type Identity } from '../platform/identity.ts'
import type { AddressOf } from './access/address.ts'
import { apiOf } from './access/api.ts'
import type { Budget } from './access/budget.ts'
import type { Authenticator } from './access/credentials.ts'
import { identify } from './access/identify.ts'
import { countRequest } from './http/count-request.ts'

/** What readers of the contract are judged and counted by. */
export type ReaderChecks = { authenticator: Authenticator; addressOf: AddressOf; budget: Budget }

/**
 * Lets those in who are held to the contract, each counted on their budget, and whoever that cannot be told of by their address. Throws
 * UNAUTHENTICATED, FORBIDDEN or RATE_LIMITED for others.
 */
export async function admitReader(
  checks: ReaderChecks,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const asStranger = () => countReader(checks, request, reply)
  const { identity } = await identify(checks.authenticator, request.raw.headers.authorization, asStranger)
  await countReader(checks, request, reply, identity)
  if (identity.kind === 'anonymous')
    throw unauthenticated('Send an API key: Authorization: Bearer, and the key.')
  if (apiOf(identity) !== 'partner')
    throw forbidden('Only API keys with the scope schema:read show the contract.')
}

/** Counts a reader, by their address where nobody is named. Throws RATE_LIMITED. */
export async function countReader(
  { addressOf, budget }: Pick<ReaderChecks, 'addressOf' | 'budget'>,
  { raw }: FastifyRequest,
  reply: FastifyReply,
  identity: Identity = anonymous,
): Promise<void> {
  await countRequest(budget.accountOf({ identity, address: addressOf(raw) }), reply)
}

/** Sends a text that may have changed since a reader had it; nothing of it, where it has not. */
export function sendUnlessHeld(
  request: FastifyRequest,
  reply: FastifyReply,
  { text, type }: { text: string; type: string },
): FastifyReply {
  const tag = `"${createHash('sha256').update(text).digest('base64url')}"`
  reply.header('etag', tag)
  if (isHeld(request.headers['if-none-match'], tag)) return reply.code(304).send()
  return reply.type(type).send(text)
}

/** Whether what somebody has is what there is: If-None-Match of RFC 9110. */
const isHeld = (header: string | undefined, tag: string) =>
  header?.split(',').some((held) => held.trim() === '*' || held.trim().replace(/^W\//, '') === tag) ?? false
