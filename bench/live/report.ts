import { aligned, decimal, median, percent, whole } from '../table.ts'
import { contestants } from './contestants.ts'
import type { Figures } from './measure.ts'
import { isCarried, keepsUp, type Result, titleOf } from './turns.ts'

const columns = [
  'median ms',
  'p99 ms',
  'last ms',
  'x bare',
  'skipped',
  'behind',
  'CPU ms/change',
  'us/frame',
  'CPU',
  'idle CPU',
  'kB/socket',
  'loaded kB',
  'executions',
  'load CPU',
  'others',
  'carried',
]

/** The tables: one for each load. */
export function tables(results: Result[]): string {
  const sorted = results.toSorted((a, b) => a.sockets - b.sockets || b.events - a.events)
  const all = [...Map.groupBy(sorted, titleOf)].map(([title, those]) => table(title, those))
  return [...all, ...(wasHeldUp(results) ? [heldUp] : [])].join('\n\n')
}

const heldUp =
  'Other programs used more than a tenth of a core during some turns: delays are longer for it, and not by the same for all.'

function wasHeldUp(results: Result[]): boolean {
  return results.some(({ rounds }) => rounds.some(({ othersCpu }) => othersCpu !== null && othersCpu > 0.1))
}

/** The median of all rounds; undefined where none has it. */
export function middle({ rounds }: Result, of: (figures: Figures) => number | null): number | undefined {
  const known = rounds.map(of).filter((value) => value !== null)
  return known.length > 0 ? median(known) : undefined
}

/** 99th percentiles of one contestant as a multiple of another's, round by round. */
export function ratios(result: Result, to: Result | undefined): number[] {
  return result.rounds.flatMap(({ p99 }, round) => {
    const other = to?.rounds[round]
    return other ? [p99 / other.p99] : []
  })
}

/** CPU seconds for each frame that arrived. */
export function cpuPerFrame({ cpuPerEvent, sockets, skipped }: Figures): number | null {
  return cpuPerEvent && cpuPerEvent / (sockets * (1 - skipped))
}

function table(title: string, results: Result[]): string {
  const bare = results.find(({ name }) => name === 'bare')
  const rows = results.map((result) => [contestants[result.name].title, ...cells(result, bare)])
  return [title, ...aligned([['', ...columns], ...rows])].join('\n')
}

function cells(result: Result, bare: Result | undefined): string[] {
  if (result.rounds.length === 0) return ['none']
  const of = (figure: (figures: Figures) => number | null) => middle(result, figure)
  const kilobytes = (bytes: number | null) => bytes && bytes / 1_000
  const microseconds = (seconds: number | null) => seconds && seconds * 1e6
  const against = result === bare ? [] : ratios(result, bare)
  return [
    ...[decimal(of(({ median }) => median)), decimal(of(({ p99 }) => p99)), decimal(of(({ last }) => last))],
    decimal(against.length > 0 ? median(against) : undefined),
    `${((of(({ skipped }) => skipped) ?? 0) * 100).toFixed(1)} %`,
    whole(of(({ behind }) => behind)),
    decimal(of(({ cpuPerEvent }) => cpuPerEvent && cpuPerEvent * 1_000)),
    decimal(of((figures) => microseconds(cpuPerFrame(figures)))),
    percent(of(({ cpu }) => cpu)),
    percent(of(({ idleCpu }) => idleCpu)),
    decimal(of(({ memory }) => kilobytes(memory))),
    decimal(of(({ loadedMemory }) => kilobytes(loadedMemory))),
    contestants[result.name].joins ? decimal(of(({ executions }) => executions)) : '-',
    ...[percent(of(({ loadCpu }) => loadCpu)), percent(of(({ othersCpu }) => othersCpu))],
    isCarried(result) ? (keepsUp(result) ? 'yes' : 'queues') : 'no',
  ]
}
