import { freePort, untilAnswering } from '../answering.ts'
import { end, type Program, start } from '../programs.ts'
import { type ContestantName, contestants, type Start } from './contestants.ts'
import { type Bench, type Figures, type Load, measure } from './measure.ts'
import type { Options } from './options.ts'

/** A contestant's figures under a load, of each round, or why there are none. */
export type Result = Load & { name: ContestantName; rounds: Figures[]; failure: string | null }

type Setting = {
  bench: Bench
  options: Options
  core: number | null
  supergraph: string
  board: string
  message: string
  /** Is told what goes on. */
  report(line: string): void
  /** Where profiles of ours go; null: none are made. */
  profiles: string | null
}

/** What still counts as carried: a machine that is busy for a moment may cost a frame in twenty. */
const SKIPPED = 0.05
const SLOWEST = 5_000 // ms

/**
 * Each turn is a new process. Contestants that do their work once for all readers take turns with each number of sockets,
 * so that what else the machine does falls on both; those that do it for each reader go up alone, until they no longer carry.
 */
export async function takeTurns(setting: Setting): Promise<Result[]> {
  const { options } = setting
  const results: Result[] = []
  const added = (name: ContestantName, load: Load) => {
    const result: Result = { name, ...load, rounds: [], failure: null }
    results.push(result)
    return result
  }
  const together = options.contestants.filter((name) => !contestants[name].isPerReader)
  const alone = options.contestants.filter((name) => contestants[name].isPerReader)

  const [events = 1, ...otherRates] = options.events
  const [fewest = 0, most = 0] = [options.sockets[0], options.sockets.at(-1)]
  const loads: Load[] = [
    ...options.sockets.map((sockets) => ({ sockets, events })),
    ...otherRates.map((rate) => ({ sockets: most, events: rate })),
  ]
  for (const load of loads) {
    const turns = together.map((name) => added(name, load))
    for (let round = 1; round <= options.rounds; round++) {
      for (const result of turns) await takeTurn(setting, result, round)
    }
  }
  for (const name of alone) {
    for (const sockets of [...options.steps.filter((step) => step < fewest), ...options.sockets]) {
      const result = added(name, { sockets, events })
      await takeTurn(setting, result, 1)
      if (!isCarried(result)) break
    }
  }
  return results
}

/** Whether all sockets got all changes while they were of any use. */
export function isCarried({ rounds, failure }: Result): boolean {
  const isFine = ({ skipped, behind, p99 }: Figures) => skipped <= SKIPPED && behind === 0 && p99 <= SLOWEST
  return failure === null && rounds.length > 0 && rounds.every(isFine)
}

export function titleOf({ sockets, events }: Load): string {
  return `${sockets.toLocaleString('en')} sockets, ${events} changes a second`
}

/** Whether every change is out before two others wait behind it; else the delays are those of a queue, and grow with time. */
export function keepsUp(result: Result): boolean {
  const longest = 2 * (1_000 / result.events)
  return isCarried(result) && result.rounds.every(({ last }) => last <= longest)
}

async function takeTurn(setting: Setting, result: Result, round: number): Promise<void> {
  const { bench, options, report } = setting
  const { name, sockets, events } = result
  const title = `${contestants[name].title}, ${titleOf(result)}, round ${round}`
  let gateway: { program: Program; port: number } | undefined
  try {
    gateway = await startContestant(name, setting)
    const figures = await measure(bench, gateway, { ...options, sockets, events })
    result.rounds.push(figures)
    const delay = `median ${figures.median.toFixed(1)} ms, 99th ${figures.p99.toFixed(1)} ms`
    report(`${title}: ${delay}, ${(figures.skipped * 100).toFixed(1)} % skipped`)
  } catch (error) {
    result.failure = error instanceof Error ? error.message : String(error)
    report(`${title}: no figures, since ${result.failure}`)
  } finally {
    if (gateway) await end(gateway.program)
  }
}

/** Starts a contestant's process; resolves once it answers. Rejects, with nothing left running, when it does not. */
export async function startContestant(
  name: ContestantName,
  { options, core, profiles, ...place }: Omit<Start, 'port'> & Pick<Setting, 'options' | 'core' | 'profiles'>,
): Promise<{ program: Program; port: number }> {
  const contestant = contestants[name]
  const { supergraph, board, message } = place
  const whole: Start = { supergraph, board, message, port: await freePort() }
  const profiling = profiles === null || name !== 'ours' ? [] : ['--cpu-prof', '--cpu-prof-dir', profiles]
  const flags = name === 'hive' ? [] : [...options.flags, ...profiling]
  const isAsked = !contestant.joins // it ends by itself when this process does
  const program = start([...flags, ...contestant.args(whole)], { core, env: contestant.env(whole), isAsked })
  try {
    await untilAnswering(program, whole.port, '{ __typename }')
  } catch (error) {
    await end(program)
    throw error
  }
  return { program, port: whole.port }
}
