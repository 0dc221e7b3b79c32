import { parseArgs } from 'node:util'
import { positive, some, twoCores, words } from '../command-line.ts'
import { type ContestantName, contestantNames } from './contestants.ts'

export type Options = {
  contestants: ContestantName[]
  /** How many sockets, from few to many. */
  sockets: number[]
  /** With how many more contestants that work for each reader begin. */
  steps: number[]
  rounds: number
  /** In ms. */
  warmUp: number
  duration: number
  /** Changes a second: the first with every number of sockets, the others with the most. */
  events: number[]
  /** Processes that the sockets' clients are spread over. */
  processes: number
  /** Of the gateway, and of everything else. */
  cores: [number, number]
  profile: boolean
  /** For the Node of Podium and of the bare broadcast, and nothing for peers. */
  flags: string[]
}

const ownFlags = '--max-semi-space-size=64'

export const usage = `node bench/live/main.ts [options]
  --only NAMES      contestants: ${contestantNames.join(',')}
  --sockets COUNTS  how many (1000,5000,10000)
  --steps COUNTS    how many before, for those that work for each reader (100,250,500)
  --rounds N        turns of Podium and the bare broadcast, one after the other (2)
  --seconds N       length of a measurement (10)
  --warm-up N       seconds before it (3)
  --events RATES    changes of the board a second; rates after the first only with the most sockets (10,2)
  --processes N     processes of clients (2)
  --cores A,B       core of the gateway, and of clients and subgraphs (0,1)
  --profile         Podium writes CPU profiles
  --flags=FLAGS     for the Node of Podium and of the bare broadcast (${ownFlags})`

/** Reads the command line. Throws with a message for whoever typed it. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: contestantNames.join() },
      sockets: { type: 'string', default: '1000,5000,10000' },
      steps: { type: 'string', default: '100,250,500' },
      rounds: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '10' },
      'warm-up': { type: 'string', default: '3' },
      events: { type: 'string', default: '10,2' },
      processes: { type: 'string', default: '2' },
      cores: { type: 'string', default: '0,1' },
      profile: { type: 'boolean', default: false },
      flags: { type: 'string', default: ownFlags },
    },
  })
  return {
    contestants: some('only', values.only, contestantNames),
    sockets: counts('sockets', values.sockets),
    steps: counts('steps', values.steps),
    rounds: Math.ceil(positive('rounds', values.rounds)),
    warmUp: positive('warm-up', values['warm-up']) * 1_000,
    duration: positive('seconds', values.seconds) * 1_000,
    events: values.events.split(',').map((rate) => positive('events', rate)),
    processes: Math.ceil(positive('processes', values.processes)),
    cores: twoCores('cores', values.cores),
    profile: values.profile,
    flags: words(values.flags),
  }
}

function counts(option: string, text: string): number[] {
  const all = text.split(',').map((count) => Math.round(positive(option, count)))
  return [...new Set(all)].sort((a, b) => a - b)
}
