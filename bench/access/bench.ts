import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Contestant, contestants } from '../gateway/contestants.ts'
import { type Gateway, startGateway } from '../gateway/gateway.ts'
import type { Bench as Programs } from '../gateway/measure.ts'
import type { Listening } from '../gateway/subgraphs/server.ts'
import { composeSupergraph, expectedData, queryText } from '../gateway/supergraph.ts'
import { ask, canBind, start } from '../programs.ts'

const CORES: [number, number] = [0, 1]

/** Budgets that the load does not use up, and of which it is told what is spent as of any other. */
const guarded = {
  MAX_COST: '10000',
  REQUESTS_PER_MINUTE_PER_ADDRESS: '10000000',
  COST_PER_MINUTE_PER_ADDRESS: '1000000000',
  ...(process.env.REDIS_URL && { REDIS_URL: process.env.REDIS_URL, REDIS_PREFIX: `bench:${process.pid}:` }),
}

const { ours } = contestants
const variants: Record<Guards, Contestant> = {
  off: { ...ours, title: 'guards off' },
  on: { ...ours, title: 'guards on', env: (place) => ({ ...ours.env(place), ...guarded }) },
}

export type Guards = 'off' | 'on'

/** What both benches share: subgraphs, the generator of load, the small query with its answer, and gateways on demand. */
export type Bench = {
  programs: Programs
  query: string
  expected: unknown
  /** Where budgets are kept, in words. */
  budgets: string
  open(guards: Guards): Promise<Gateway>
}

/** Starts the subgraphs and the generator of load; what it starts ends with this process. */
export async function openBench(): Promise<Bench> {
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
  const flags = ['--max-semi-space-size=64']
  return {
    programs: { load, subgraphs },
    query,
    expected: expectedData(sdl, query),
    budgets: 'REDIS_URL' in guarded ? 'with Redis' : 'without Redis',
    open: (guards) =>
      startGateway(variants[guards], { sharing: 'nothing', supergraph, core: gatewayCore, flags }),
  }
}
