import type { FastifyInstance } from 'fastify'
import type { SubgraphAddress } from '../platform/settings/subgraph-addresses.ts'

/** Longest that a subgraph may take to say that it is ready. */
const TIMEOUT = 2_000 // ms

/** Serves /livez: this process runs; and /readyz: it takes requests, and every subgraph does. */
export function mountHealth(
  app: FastifyInstance,
  { subgraphs, isStopping }: { subgraphs: () => readonly SubgraphAddress[]; isStopping: () => boolean },
): void {
  /** Anybody may ask, so those who ask at the same time are told the same. */
  let asking: Promise<string[]> | undefined

  app.get('/livez', () => ({ status: 'live' }))
  app.get('/readyz', async (_, reply) => {
    if (isStopping()) return reply.code(503).send({ status: 'stopping' })
    asking ??= notReady(subgraphs()).finally(() => {
      asking = undefined
    })
    const waitingFor = await asking
    if (waitingFor.length > 0) return reply.code(503).send({ status: 'not ready', waitingFor })
    return { status: 'ready' }
  })
}

/** The names of those that are not. */
async function notReady(subgraphs: readonly SubgraphAddress[]): Promise<string[]> {
  const ready = await Promise.all(subgraphs.map(isReady))
  return subgraphs.filter((_, index) => !ready[index]).map(({ name }) => name)
}

async function isReady({ url, secret }: SubgraphAddress): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT)
    // One that verifies signatures is one of ours. Of any other it is known that it serves GraphQL, and no more.
    const response =
      secret === null
        ? await fetch(url, { ...trivial, signal })
        : await fetch(new URL('/readyz', url), { signal })
    await response.body?.cancel()
    return secret === null ? response.status < 500 : response.status === 200
  } catch {
    return false
  }
}

const trivial = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"query":"{ __typename }"}',
}
