import { parseArgs } from 'node:util'
import { positive, some, twoCores, words } from '../command-line.ts'
import { type ContestantName, contestantNames, type Sharing } from './contestants.ts'
import { type QueryName, queryNames } from './supergraph.ts'

export type Scenario = { name: string; title: string; sharing: Sharing; connections: number }

export const scenarios: Scenario[] = [
  { name: 'unshared', title: 'nothing shared, 50 connections', sharing: 'nothing', connections: 50 },
  {
    name: 'shared',
    title: 'subgraph requests shared, 50 connections',
    sharing: 'subgraphs',
    connections: 50,
  },
  {
    name: 'clients',
    title: 'client requests shared too, 50 connections',
    sharing: 'clients',
    connections: 50,
  },
  { name: 'single', title: 'one connection', sharing: 'nothing', connections: 1 },
]

export type Options = {
  contestants: ContestantName[]
  scenarios: Scenario[]
  queries: QueryName[]
  rounds: number
  /** In ms. */
  warmUp: number
  duration: number
  /** Of the gateway, and of everything else. */
  cores: [number, number]
  /** Whether ours writes a CPU profile. */
  profile: boolean
  /** For Node: what Podium is to be started with, and nothing for its peers. */
  flags: string[]
  peerFlags: string[]
}

const ownFlags = '--max-semi-space-size=64'

export const usage = `node bench/gateway/main.ts [options]
  --only NAMES        contestants: ${contestantNames.join(',')}
  --scenario NAMES    ${scenarios.map(({ name }) => name).join(',')}
  --query NAMES       ${queryNames.join(',')}
  --rounds N          turns of each (3); the median of them is told
  --seconds N         length of a measurement (2)
  --warm-up N         seconds before it (2)
  --cores A,B         core of the gateway, and of load and subgraphs (0,1)
  --profile           Podium writes CPU profiles
  --flags=FLAGS       for Podium's Node (${ownFlags})
  --peer-flags=FLAGS  for the Node of the others (none)`

/** Reads the command line. Throws with a message for whoever typed it. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: contestantNames.join() },
      scenario: { type: 'string', default: scenarios.map(({ name }) => name).join() },
      query: { type: 'string', default: queryNames.join() },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      'warm-up': { type: 'string', default: '2' },
      cores: { type: 'string', default: '0,1' },
      profile: { type: 'boolean', default: false },
      flags: { type: 'string', default: ownFlags },
      'peer-flags': { type: 'string', default: '' },
    },
  })
  const known = scenarios.map(({ name }) => name)
  const wanted = some('scenario', values.scenario, known)
  return {
    contestants: some('only', values.only, contestantNames),
    scenarios: scenarios.filter(({ name }) => wanted.includes(name)),
    queries: some('query', values.query, queryNames),
    rounds: Math.ceil(positive('rounds', values.rounds)),
    warmUp: positive('warm-up', values['warm-up']) * 1000,
    duration: positive('seconds', values.seconds) * 1000,
    cores: twoCores('cores', values.cores),
    profile: values.profile,
    flags: words(values.flags),
    peerFlags: words(values['peer-flags']),
  }
}
