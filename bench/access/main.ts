import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Contestant, contestants } from '../gateway/contestants.ts'
import { startGateway } from '../gateway/gateway.ts'
import { measure } from '../gateway/measure.ts'
import type { Listening } from '../gateway/subgraphs/server.ts'
import { composeSupergraph, expectedData, queryText } from '../gateway/supergraph.ts'
import { ask, canBind, end, killAll, start } from '../programs.ts'
import { machine } from '../versions.ts'

const ROUNDS = 5
const TIMES = { warmUp: 2_000, duration: 3_000 } // ms
const CONNECTIONS = 50
const CORES: [number, number] = [0, 1]

/** Budgets that the load does not use up, and of which it is told what is spent as of any other. */
const guarded = {
  MAX_COST: '10000',
  REQUESTS_PER_MINUTE_PER_ADDRESS: '10000000',
  COST_PER_MINUTE_PER_ADDRESS: '1000000000',
  ...(process.env.REDIS_URL && { REDIS_URL: process.env.REDIS_URL, REDIS_PREFIX: `bench:${process.pid}:` }),
}

const { ours } = contestants
const variants: Record<'off' | 'on', Contestant> = {
  off: { ...ours, title: 'guards off' },
  on: { ...ours, title: 'guards on', env: (place) => ({ ...ours.env(place), ...guarded }) },
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
process.on('exit', killAll)

const folder = mkdtempSync(join(tmpdir(), 'podium-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true }))
const [gatewayCore, loadCore] = canBind(CORES) ? CORES : [null, null]
const here = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const subgraphs = start([here('../gateway/subgraphs/server.ts')], { core: loadCore, isAsked: true })
const load = start([here('../gateway/load.ts')], { core: loadCore, isAsked: true })
const { urls } = await ask<Listening>(subgraphs)
const sdl = composeSupergraph(urls)
const supergraph = join(folder, 'supergraph.graphql')
writeFileSync(supergraph, sdl)
const query = queryText('small')
const expected = expectedData(sdl, query)

const rates: Record<keyof typeof variants, number[]> = { off: [], on: [] }
for (let round = 0; round < ROUNDS; round++) {
  const order = round % 2 === 0 ? (['off', 'on'] as const) : (['on', 'off'] as const)
  for (const name of order) rates[name].push(await rateOf(variants[name]))
}
killAll()

const [off, on] = [median(rates.off), median(rates.on)]
const redis = 'REDIS_URL' in guarded ? 'with Redis' : 'without Redis'
console.log(`\n${machine()}; small query, ${CONNECTIONS} connections, nothing shared, ${redis}`)
console.log(`guards off: ${told(rates.off)}`)
console.log(`guards on:  ${told(rates.on)}`)
console.log(`price of the guards: ${((1 - on / off) * 100).toFixed(1)} % of requests per second of CPU`)

/** Requests per second of the gateway's CPU; of time, where that is not known. */
async function rateOf(contestant: Contestant): Promise<number> {
  const flags = ['--max-semi-space-size=64']
  const gateway = await startGateway(contestant, { sharing: 'nothing', supergraph, core: gatewayCore, flags })
  try {
    const job = { query, expected, connections: CONNECTIONS, ...TIMES }
    const { perSecond, cpu } = await measure({ load, subgraphs }, gateway, job)
    const rate = perSecond / (cpu ?? 1)
    console.error(
      `${contestant.title}: ${Math.round(perSecond)} a second, ${Math.round(rate)} per second of CPU`,
    )
    return rate
  } finally {
    await end(gateway.program)
  }
}

function told(values: number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return `${Math.round(median(values))} requests per second of CPU (${Math.round(least)} to ${Math.round(most)})`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
