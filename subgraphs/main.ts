import { readSubgraphConfig } from '../platform/config.ts'
import { run, StartupError } from '../platform/listen.ts'
import { type SubgraphName, subgraphNames } from '../platform/names.ts'
import { readTogether } from '../platform/settings/environment.ts'
import { startSubgraph } from './start.ts'

const chosen = process.argv.slice(2)

await run(async () => {
  const unknown = chosen.find((name) => !(subgraphNames as readonly string[]).includes(name))
  if (unknown)
    throw new StartupError(`There is no subgraph ${unknown}; there are ${subgraphNames.join(', ')}.`)
  const names = chosen.length > 0 ? (chosen as SubgraphName[]) : subgraphNames
  const configs = readTogether(names.map((name) => () => readSubgraphConfig(process.env, name)))
  const started = await Promise.all(configs.map((config) => startSubgraph(config)))
  for (const { url } of started) console.error(`listening on ${url}`)
  return { close: async () => void (await Promise.all(started.map(({ close }) => close()))) }
})
