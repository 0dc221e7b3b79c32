import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

const person = z.object({
  kind: z.literal('person'),
  id: z.string(),
  role: z.enum(['USER', 'AFFILIATE', 'ADMIN']),
  scopes: z.array(z.string()),
  /** What ends it: the session that it was signed in with, or the API key. */
  sessionId: z.string(),
  /** Whether a program acts for the person with an API key, within its scopes. */
  isProgram: z.boolean().optional(),
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

/** A signed-in person as the access token says, or for whom an API key acts. */
export type Person = z.infer<typeof person>

/** On whose behalf a request is made, and from where. */
export type Caller = z.infer<typeof caller>
export type Identity = Caller['identity']

/** Whoever has not said who they are. */
export const anonymous: Identity = { kind: 'anonymous' }

/** How far the clocks of gateway and subgraphs may differ. */
const TOLERANCE = 30_000 // ms

/** What travels beside a request from the gateway to a subgraph: as headers over HTTP, as `extensions` over WebSocket. */
export type SignedCaller = { 'podium-caller': string; 'podium-signature': string }

/**
 * Signs who is calling for one subgraph and one body: HMAC-SHA256 over subgraph, time, body hash and identity, with
 * the secret that the gateway shares with this subgraph alone. A caller is not changed once something was signed for it.
 */
export function signCaller(
  caller: Caller,
  request: { subgraph: string; body: string; secret: string; now: Date },
): SignedCaller {
  const encoded = encode(caller)
  const time = String(request.now.getTime())
  return { 'podium-caller': encoded, 'podium-signature': `${time}.${mac(encoded, time, request)}` }
}

/** The caller that a signed request speaks for; null for whatever is unsigned, stale, altered or meant for another. */
export function verifyCaller(
  signed: { [name in keyof SignedCaller]?: unknown },
  request: { subgraph: string; body: string; secret: string; now: Date },
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

/** The requests of one operation have one caller, which is written once. */
const encodings = new WeakMap<Caller, string>()

function encode(caller: Caller): string {
  const known = encodings.get(caller)
  if (known !== undefined) return known
  const encoded = Buffer.from(JSON.stringify(caller)).toString('base64url')
  encodings.set(caller, encoded)
  return encoded
}

function mac(encoded: string, time: string, request: { subgraph: string; body: string; secret: string }) {
  const body = hash('sha256', request.body)
  return createHmac('sha256', request.secret)
    .update(`${request.subgraph}\n${time}\n${body}\n${encoded}`)
    .digest('base64url')
}
