import type { FastifyInstance } from 'fastify'
import type { SubgraphAddress } from './execution/subgraph-client.ts'

/** Longest that a subgraph may take to say that it is ready. */
const TIMEOUT = 2_000 // ms

/** Serves /livez: this process runs; and /readyz: it takes requests, and every subgraph does. */
export function mountHealth(
  app: FastifyInstance,
  { subgraphs, isStopping }: { subgraphs: SubgraphAddress[]; isStopping: () => boolean },
): void {
  app.get('/livez', () => ({ status: 'live' }))
  app.get('/readyz', async (_, reply) => {
    if (isStopping()) return reply.code(503).send({ status: 'stopping' })
    const ready = await Promise.all(subgraphs.map(isReady))
    const waitingFor = subgraphs.filter((_, index) => !ready[index]).map(({ name }) => name)
    if (waitingFor.length > 0) return reply.code(503).send({ status: 'not ready', waitingFor })
    return { status: 'ready' }
  })
}

async function isReady({ url }: SubgraphAddress): Promise<boolean> {
  try {
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(TIMEOUT) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}
