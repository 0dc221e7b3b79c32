import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { SubgraphName } from './names.ts'

const person = z.object({
  kind: z.literal('person'),
  id: z.string(),
  role: z.enum(['USER', 'AFFILIATE', 'ADMIN']),
  scopes: z.array(z.string()),
  sessionId: z.string(),
})

const caller = z.object({
  identity: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('anonymous') }),
    person,
    // The gateway on its own behalf: it sees what it then gives only to those it has admitted.
    z.object({ kind: z.literal('gateway') }),
  ]),
  requestId: z.string(),
  address: z.string().optional(),
  userAgent: z.string().optional(),
})

/** A signed-in person, as the access token says. */
export type Person = z.infer<typeof person>

/** On whose behalf a request is made, and from where. */
export type Caller = z.infer<typeof caller>
export type Identity = Caller['identity']

/** How far the clocks of gateway and subgraphs may differ. */
const TOLERANCE = 30_000 // ms

/** What travels beside a request from the gateway to a subgraph: as headers over HTTP, as `extensions` over WebSocket. */
export type SignedCaller = { 'podium-caller': string; 'podium-signature': string }

/**
 * Signs who is calling for one subgraph and one body: HMAC-SHA256 over subgraph, time, body hash and identity, with
 * the secret that the gateway shares with this subgraph alone.
 */
export function signCaller(
  caller: Caller,
  request: { subgraph: SubgraphName; body: string; secret: string; now: Date },
): SignedCaller {
  const encoded = Buffer.from(JSON.stringify(caller)).toString('base64url')
  const time = String(request.now.getTime())
  return { 'podium-caller': encoded, 'podium-signature': `${time}.${mac(encoded, time, request)}` }
}

/** The caller that a signed request speaks for; null for whatever is unsigned, stale, altered or meant for another. */
export function verifyCaller(
  signed: { [name in keyof SignedCaller]?: unknown },
  request: { subgraph: SubgraphName; body: string; secret: string; now: Date },
): Caller | null {
  const encoded = signed['podium-caller']
  const signature = signed['podium-signature']
  if (typeof encoded !== 'string' || typeof signature !== 'string') return null
  const [time = '', given = ''] = signature.split('.')
  if (!(Math.abs(request.now.getTime() - Number(time)) <= TOLERANCE)) return null
  const expected = Buffer.from(mac(encoded, time, request))
  const actual = Buffer.from(given)
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return null
  return caller.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString()))
}

/** What stands for the body of an operation that travels over WebSocket, where there are no bytes of its own. */
export function operationBody(operation: { query: string; variables?: unknown }): string {
  return JSON.stringify([operation.query, operation.variables ?? {}])
}

function mac(
  encoded: string,
  time: string,
  request: { subgraph: SubgraphName; body: string; secret: string },
) {
  const body = createHash('sha256').update(request.body).digest('hex')
  return createHmac('sha256', request.secret)
    .update([request.subgraph, time, body, encoded].join('\n'))
    .digest('base64url')
}
