import { decimal, median, percent } from '../table.ts'
import { contestants } from './contestants.ts'
import { cpuPerFrame, middle, ratios } from './report.ts'
import { isCarried, keepsUp, type Result, titleOf } from './turns.ts'

/** What is to be reached with the most sockets. */
const RATIO = 1.5
const MEMORY = 20 // kB
const EXECUTIONS = 1
/** Requests that fall on the other side of the beginning or the end of a measurement. */
const TOLERANCE = 0.05

/** Says of each target whether it is reached, and how far those go that work for each reader. */
export function verdicts(results: Result[]): string[] {
  const ours = results.filter(({ name }) => name === 'ours')
  const most = Math.max(...ours.map(({ sockets }) => sockets))
  const loads = ours.filter(({ sockets }) => sockets === most)
  const bareOf = ({ sockets, events }: Result) =>
    results.find((one) => one.name === 'bare' && one.sockets === sockets && one.events === events)
  return [
    ...loads.flatMap((result) => [delay(result, bareOf(result)), ...others(result)]),
    ...carried(results, ours),
  ]
}

/** While the bare broadcast queues there is nothing to compare with: it gets slower with every change. */
function delay(ours: Result, bare: Result | undefined): string {
  const all = ratios(ours, bare)
  const load = titleOf(ours)
  if (!bare || all.length === 0) return `not measured: the bare broadcast's delay, ${load}`
  const ratio = median(all)
  const rounds = all.length > 1 ? ` (${all.map(decimal).join(', ')})` : ''
  const text = `99th percentile ${decimal(ratio)}x the bare broadcast's${rounds}, ${RATIO}x at most; ${load}`
  if (!keepsUp(bare)) return `not told: ${text}: the bare broadcast does not keep up`
  const skipped = middle(ours, (figures) => figures.skipped) ?? 0
  if (!isCarried(ours)) return `NOT REACHED: ${text}: ${percent(skipped)} of frames were skipped`
  return verdict(ratio, RATIO, text)
}

function others(ours: Result): string[] {
  const load = titleOf(ours)
  const memory = middle(ours, (figures) => figures.memory && figures.memory / 1_000)
  const executions = middle(ours, (figures) => figures.executions)
  const behind = ours.rounds.reduce((sum, figures) => sum + figures.behind, 0)
  return [
    verdict(memory, MEMORY, `${decimal(memory)} kB a socket, ${MEMORY} at most; ${load}`),
    verdict(
      executions,
      EXECUTIONS + TOLERANCE,
      `${decimal(executions)} executions a change, ${EXECUTIONS} at most; ${load}`,
    ),
    verdict(
      ours.rounds.length > 0 ? behind : undefined,
      0,
      `${behind} sockets without the last change in the end, none at most; ${load}`,
    ),
  ]
}

function verdict(value: number | undefined, most: number, text: string): string {
  return `${value === undefined ? 'not measured' : value <= most ? 'reached' : 'NOT REACHED'}: ${text}`
}

function carried(results: Result[], ours: Result[]): string[] {
  const perReader = results.filter(({ name }) => contestants[name].isPerReader)
  return [...Map.groupBy(perReader, ({ name }) => name)].map(([name, steps]) => {
    const { title } = contestants[name]
    const last = steps.findLast(isCarried)
    if (!last) return `${title}: carries none of these numbers of sockets`
    // Of the most sockets that ours carries as often: that is where it shares most.
    const own = ours.findLast((result) => result.events === last.events && isCarried(result))
    const [each, shared] = [last, own].map((one) => one && middle(one, cpuPerFrame))
    const times =
      own && each !== undefined && shared !== undefined
        ? `; a frame takes ${decimal(each / shared)}x the CPU that it takes ${contestants.ours.title} with ${titleOf(own)}`
        : ''
    return `${title}: carries ${titleOf(last)}${times}`
  })
}
