import { isDeepStrictEqual } from 'node:util'
import { ask, type Program } from '../programs.ts'
import type { Gateway } from './gateway.ts'
import type { Job, Outcome } from './load.ts'
import type { Answered } from './subgraphs/server.ts'

export type Figures = Pick<Outcome, 'perSecond' | 'median' | 'p99' | 'cpu' | 'memory'> & {
  /** Requests to subgraphs per request of a client. */
  fetches: number
}

export type Bench = { load: Program; subgraphs: Program }

/** Puts a gateway under load. Rejects, with the reason, when an answer is not what graphql-js gives. */
export async function measure(
  { load, subgraphs }: Bench,
  gateway: Gateway,
  { query, expected, ...job }: { query: string; expected: unknown } & Omit<Job, 'pid' | 'port' | 'body'>,
): Promise<Figures> {
  const { answered: before } = await ask<Answered>(subgraphs, {})
  const outcome = await ask<Outcome>(load, {
    ...job,
    pid: gateway.program.pid,
    port: gateway.port,
    body: JSON.stringify({ query }),
  } satisfies Job)
  const { answered: after } = await ask<Answered>(subgraphs, {})
  if (outcome.failure) throw new Error(outcome.failure)
  checkAnswer(outcome.first, expected)
  checkAnswer(outcome.last, expected)
  const { perSecond, median, p99, cpu, memory, sent } = outcome
  if (!(perSecond > 0)) throw new Error('not one answer in time')
  return { perSecond, median, p99, cpu, memory, fetches: (after - before) / sent }
}

function checkAnswer(body: string, expected: unknown): void {
  const answer: unknown = JSON.parse(body)
  if (!isDeepStrictEqual(answer, { data: expected })) {
    throw new Error(`a wrong answer: ${body.slice(0, 300)}`)
  }
}
