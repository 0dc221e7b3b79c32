import { aligned, decimal, median, percent, whole } from '../table.ts'
import { type ContestantName, contestants } from './contestants.ts'
import type { Figures } from './measure.ts'
import type { Options, Scenario } from './options.ts'
import type { QueryName } from './supergraph.ts'
import { type Result, type Results, resultKey, sharingIn } from './turns.ts'

const megabyte = 1024 * 1024

const columns = [
  'requests/s',
  'spread',
  'x Apollo',
  'x Hive Rust',
  'median ms',
  'p99 ms',
  'MB',
  'peak MB',
  'CPU',
  'per CPU s',
  'fetches',
]

/** The tables: one for each query and scenario. */
export function tables(results: Results, options: Options): string {
  const all = options.queries.flatMap((query) =>
    options.scenarios.map((scenario) => table(results, options, query, scenario)),
  )
  return [...all, ...(wasHeldUp(results) ? [heldUp] : [])].join('\n\n')
}

const heldUp =
  'Some gateways had less than 90 % of their core at 50 connections: others used it, or load and subgraphs could not keep up.\n' +
  'Their requests/s say less than their requests per CPU second.'

function wasHeldUp(results: Results): boolean {
  return [...results].some(
    ([key, { rounds }]) => !key.endsWith(',1') && rounds.some(({ cpu }) => cpu !== null && cpu < 0.9),
  )
}

function table(results: Results, options: Options, query: QueryName, scenario: Scenario): string {
  const resultOf = (name: ContestantName) =>
    results.get(resultKey(query, name, sharingIn(scenario, contestants[name]), scenario.connections))
  const rateOf = (name: ContestantName) => {
    const result = resultOf(name)
    return result && !result.failure ? median(result.rounds.map(({ perSecond }) => perSecond)) : undefined
  }
  const against = { apollo: rateOf('apollo'), rust: rateOf('hive-rust') }
  const rows = options.contestants.map((name) => {
    const contestant = contestants[name]
    const cannot = scenario.sharing !== sharingIn(scenario, contestant)
    const title = cannot ? `${contestant.title} (cannot share)` : contestant.title
    const result = resultOf(name)
    return !result || result.failure ? [title, 'none'] : [title, ...cells(result, against)]
  })
  return [`${query} query, ${scenario.title}`, ...aligned([['', ...columns], ...rows])].join('\n')
}

function cells({ rounds }: Result, against: { apollo?: number; rust?: number }): string[] {
  const middle = (of: (figures: Figures) => number | null) => {
    const known = rounds.map(of).filter((value) => value !== null)
    return known.length > 0 ? median(known) : undefined
  }
  const rates = rounds.map(({ perSecond }) => perSecond)
  const rate = median(rates)
  const latency = middle((figures) => figures.median)
  const p99 = middle((figures) => figures.p99)
  const memory = middle((figures) => figures.memory && figures.memory.now / megabyte)
  const peak = middle((figures) => figures.memory && figures.memory.peak / megabyte)
  const cpu = middle((figures) => figures.cpu)
  const perCpuSecond = middle((figures) => figures.cpu && figures.perSecond / figures.cpu)
  const fetches = middle((figures) => figures.fetches)
  return [
    whole(rate),
    percent((Math.max(...rates) - Math.min(...rates)) / rate),
    ...[ratio(rate, against.apollo), ratio(rate, against.rust)],
    ...[decimal(latency), decimal(p99)],
    ...[whole(memory), whole(peak)],
    ...[percent(cpu), whole(perCpuSecond)],
    decimal(fetches),
  ]
}

function ratio(rate: number, other: number | undefined): string {
  return decimal(other === undefined ? undefined : rate / other)
}
