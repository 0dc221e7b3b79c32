import { ConfigError, readSubgraphConfig } from '../platform/config.ts'
import { run, StartupError } from '../platform/listen.ts'
import { type SubgraphName, subgraphNames } from '../platform/names.ts'
import { startSubgraph } from './start.ts'

const chosen = process.argv.slice(2)

await run(async () => {
  const unknown = chosen.find((name) => !(subgraphNames as readonly string[]).includes(name))
  if (unknown)
    throw new StartupError(`There is no subgraph ${unknown}; there are ${subgraphNames.join(', ')}.`)
  const names = chosen.length > 0 ? (chosen as SubgraphName[]) : subgraphNames
  const started = await Promise.all(readAll(names).map((config) => startSubgraph(config)))
  for (const { url } of started) console.error(`listening on ${url}`)
  return { close: async () => void (await Promise.all(started.map(({ close }) => close()))) }
})

/** The configuration of several subgraphs in one process, with the faults of all in one message. */
function readAll(names: readonly SubgraphName[]) {
  const faults = new Set<string>()
  const configs = names.flatMap((name) => {
    try {
      return [readSubgraphConfig(process.env, name)]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      for (const line of error.message.split('\n')) faults.add(line)
      return []
    }
  })
  if (faults.size > 0) throw new ConfigError([...faults].join('\n'))
  return configs
}
