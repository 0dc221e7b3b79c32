import { startGateway } from '../gateway/start.ts'
import { readGatewayConfig, readSubgraphConfig } from '../platform/config.ts'
import { subgraphNames } from '../platform/names.ts'
import { startSubgraph } from '../subgraphs/start.ts'

/**
 * Starts all subgraphs, on free ports unless the environment names others, and a gateway before them, in this process.
 * `env` is what the processes of production read; `now` the clock of all of them.
 */
export async function startSupergraph(
  env: NodeJS.ProcessEnv,
  now: () => Date,
): Promise<{ url: string; close(): Promise<void> }> {
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    for (const closeOne of closers.reverse()) await closeOne()
  }
  try {
    const outcomes = await Promise.allSettled(
      subgraphNames.map(async (name) => {
        const config = readSubgraphConfig({ [`${name.toUpperCase()}_PORT`]: '0', ...env }, name)
        const subgraph = await startSubgraph(config, now)
        closers.push(subgraph.close)
        return [`${name.toUpperCase()}_URL`, subgraph.url]
      }),
    )
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
    const urls = Object.fromEntries(outcomes.map((outcome) => ('value' in outcome ? outcome.value : [])))
    const gateway = await startGateway(readGatewayConfig({ ...env, ...urls }), { now })
    closers.push(gateway.close)
    return { url: gateway.url, close }
  } catch (error) {
    await close()
    throw error
  }
}
