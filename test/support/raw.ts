import { randomUUID } from 'node:crypto'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { type Identity, signCaller } from '../../platform/identity.ts'
import type { SubgraphName } from '../../platform/names.ts'
import type { Person, TestSupergraph } from './supergraph.ts'

export type Answer = {
  data?: Record<string, unknown> | null
  errors?: { message: string; extensions: { code: string } }[]
}

/** What a gateway sends to a subgraph, on behalf of whomever, signed once; each call sends the same bytes. */
export function signedRequest(
  podium: Pick<TestSupergraph, 'subgraphs' | 'env' | 'now'>,
  subgraph: SubgraphName,
  identity: Identity,
  query: string,
  variables: object = {},
): () => Promise<Answer> {
  const body = JSON.stringify({ query, variables })
  const secret = podium.env[`${subgraph.toUpperCase()}_SECRET`] ?? ''
  const signed = signCaller({ identity, requestId: randomUUID() }, { subgraph, body, secret, now: podium.now() }) // biome-ignore format: one call
  return async () => {
    const headers = { 'content-type': 'application/json', ...signed }
    const answer = await fetch(podium.subgraphs[subgraph], { method: 'POST', headers, body })
    return (await answer.json()) as Answer
  }
}

/** Asks a subgraph as its gateway would, on behalf of whomever. */
export const askSubgraph = (...request: Parameters<typeof signedRequest>): Promise<Answer> =>
  signedRequest(...request)()

/** A person as a gateway tells of them, in the session that they signed in to. */
export function identityOf({ id, token }: Pick<Person, 'id' | 'token'>): Identity {
  return { kind: 'person', id, role: 'USER', scopes: [], sessionId: sessionOf(token) }
}

/** The session that an access token is of. */
export const sessionOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid

/** Asks over HTTP and gives the whole answer, errors included. */
export async function askGateway(
  url: string,
  query: string,
  variables: object,
  token?: string,
): Promise<Answer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  })
  return (await answer.json()) as Answer
}

/** How long a stream that has nothing to say is listened to, after another was answered, before its silence counts as admission. */
const SILENCE = 300 // ms

/**
 * What a subscription says first: that the caller is admitted, or the codes with which it is refused. `answered` is for one that
 * says nothing to whom it admits: what goes the same way behind it, and is answered to everyone, so that a refusal would have come.
 */
export async function firstOfSubscription(
  url: string,
  query: string,
  variables: Record<string, unknown>,
  token: string | undefined,
  answered?: string,
): Promise<'admitted' | { refused: string[] }> {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: token ? { authorization: `Bearer ${token}` } : {},
    retryAttempts: 0,
  })
  type Errors = readonly { extensions?: { code?: string } }[]
  const codes = (errors: Errors) => ({ refused: errors.map(({ extensions }) => extensions?.code ?? 'none') })
  try {
    return await new Promise((resolve, reject) => {
      client.subscribe(
        { query, variables },
        {
          next: ({ errors }) => resolve(errors ? codes(errors as Errors) : 'admitted'),
          error: (error) => {
            if (Array.isArray(error)) return resolve(codes(error))
            // A socket that was closed is told by its code.
            if (isClose(error)) return resolve({ refused: [String(error.code)] })
            reject(error)
          },
          complete: () => resolve({ refused: [] }),
        },
      )
      if (answered === undefined) return
      const listen = () => void setTimeout(() => resolve('admitted'), SILENCE)
      client.subscribe({ query: answered }, { next: listen, error: listen, complete() {} })
    })
  } finally {
    await client.dispose()
  }
}

const isClose = (error: unknown): error is { code: number } =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number'
