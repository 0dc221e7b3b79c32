import { end } from '../programs.ts'
import { type Contestant, type ContestantName, contestants, type Sharing } from './contestants.ts'
import { startGateway } from './gateway.ts'
import { type Bench, type Figures, measure } from './measure.ts'
import type { Options, Scenario } from './options.ts'
import type { QueryName } from './supergraph.ts'

/** The figures of each round, or why there are none. */
export type Result = { rounds: Figures[]; failure: string | null }

/** Results by query, contestant, sharing and connections (`resultKey`). */
export type Results = Map<string, Result>

type Run = { contestant: Contestant; sharing: Sharing; connections: number[] }

type Setting = {
  bench: Bench
  options: Options
  supergraph: string
  core: number | null
  queries: { name: QueryName; text: string; expected: unknown }[]
  /** Is told what goes on. */
  report(line: string): void
  /** Where profiles of ours go; null: none are made. */
  profiles: string | null
}

/**
 * Every contestant takes its turn in every round, in another order each time, so that what else the machine does at a
 * moment does not fall on one alone. A turn is a process of its own: one that is warm from the turn before, or full of its garbage,
 * would be another contestant.
 */
export async function takeTurns(setting: Setting): Promise<Results> {
  const { options, queries } = setting
  const results: Results = new Map()
  const runs = plan(options)
  for (let round = 0; round < options.rounds; round++) {
    for (const query of queries) {
      const order = runs.map((_, index) => runs[(index + round) % runs.length] as Run)
      for (const run of order) await takeTurn(setting, results, { round, query, run })
    }
  }
  return results
}

export function resultKey(query: QueryName, name: ContestantName, sharing: Sharing, connections: number) {
  return [query, name, sharing, connections].join()
}

/** What a contestant can do of what a scenario asks for: who cannot share stands by its other figures. */
export function sharingIn({ sharing }: Scenario, { shares }: Contestant): Sharing {
  return shares.includes(sharing) ? sharing : 'nothing'
}

function plan({ contestants: names, scenarios }: Options): Run[] {
  const runs = new Map<string, Run>()
  for (const scenario of scenarios) {
    for (const name of names) {
      const contestant = contestants[name]
      const sharing = sharingIn(scenario, contestant)
      const key = `${sharing},${name}`
      const run = runs.get(key) ?? { contestant, sharing, connections: [] }
      if (!run.connections.includes(scenario.connections)) run.connections.push(scenario.connections)
      runs.set(key, run)
    }
  }
  return [...runs.values()]
}

async function takeTurn(
  { bench, options, supergraph, core, report, profiles }: Setting,
  results: Results,
  turn: { round: number; query: Setting['queries'][number]; run: Run },
): Promise<void> {
  const { contestant, sharing, connections } = turn.run
  const { name, text, expected } = turn.query
  const profiling = profiles === null ? [] : ['--cpu-prof', '--cpu-prof-dir', profiles]
  const flags = contestant.name === 'ours' ? [...options.flags, ...profiling] : options.peerFlags
  const keys = connections.map((count) => resultKey(name, contestant.name, sharing, count))
  const resultOf = (key: string) => {
    const result = results.get(key) ?? { rounds: [], failure: null }
    results.set(key, result)
    return result
  }
  const title = `round ${turn.round + 1}, ${name}, ${contestant.title}, ${sharing} shared`
  if (keys.every((key) => results.get(key)?.failure)) return

  try {
    const gateway = await startGateway(contestant, { sharing, supergraph, core, flags })
    try {
      for (const [index, count] of connections.entries()) {
        const { warmUp, duration } = options
        const times = { warmUp: index === 0 ? warmUp : warmUp / 4, duration }
        const figures = await measure(bench, gateway, { query: text, expected, connections: count, ...times })
        resultOf(keys[index] as string).rounds.push(figures)
        report(`${title}, ${count} at a time: ${Math.round(figures.perSecond).toLocaleString('en')} a second`)
      }
    } finally {
      await end(gateway.program)
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    for (const key of keys) resultOf(key).failure = reason
    report(`${title}: no figures, since ${reason}`)
  }
}
