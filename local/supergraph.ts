import { startGateway } from '../gateway/start.ts'
import { subgraphsInFile } from '../gateway/supergraph/file.ts'
import { readGatewayConfig, readSubgraphConfig } from '../platform/config.ts'
import { type SubgraphName, subgraphNames } from '../platform/names.ts'
import { readTogether } from '../platform/settings/environment.ts'
import { startSubgraph } from '../subgraphs/start.ts'

/**
 * Starts all subgraphs, on free ports unless the environment names others, and a gateway before them, in this process.
 * `env` is what the processes of production read; a subgraph whose URL it gives runs elsewhere. `now` is the clock of all.
 */
export async function startSupergraph(
  env: NodeJS.ProcessEnv,
  now: () => Date,
): Promise<{ url: string; subgraphs: Record<SubgraphName, string>; close(): Promise<void> }> {
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    for (const closeOne of closers.reverse()) await closeOne()
  }
  const here = subgraphNames.filter((name) => !env[`${name.toUpperCase()}_URL`])
  const readers = here.map((name) => () => {
    return readSubgraphConfig({ [`${name.toUpperCase()}_PORT`]: '0', ...env }, name)
  })
  // The gateway's is read again below, with the URLs: here its faults are told with all others.
  readTogether([...readers, () => readGatewayConfig(env, subgraphsInFile)])
  try {
    const outcomes = await Promise.allSettled(
      subgraphNames.map(async (name) => {
        const elsewhere = env[`${name.toUpperCase()}_URL`]
        if (elsewhere) return { name, url: elsewhere }
        const config = readSubgraphConfig({ [`${name.toUpperCase()}_PORT`]: '0', ...env }, name)
        const subgraph = await startSubgraph(config, now)
        closers.push(subgraph.close)
        return { name, url: subgraph.url, local: subgraph }
      }),
    )
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
    const started = outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []))
    const urls = Object.fromEntries(started.map(({ name, url }) => [`${name.toUpperCase()}_URL`, url]))
    const local = Object.fromEntries(started.flatMap(({ name, local }) => (local ? [[name, local]] : [])))
    const gateway = await startGateway(readGatewayConfig({ ...env, ...urls }, subgraphsInFile), {
      local,
      now,
    })
    closers.push(gateway.close)
    // Every name was started, or one failed above.
    const subgraphs = Object.fromEntries(started.map(({ name, url }) => [name, url])) as Record<
      SubgraphName,
      string
    >
    return { url: gateway.url, subgraphs, close }
  } catch (error) {
    await close()
    throw error
  }
}
