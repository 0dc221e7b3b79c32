import { QUARTER, quarterOf } from './buckets.ts'
import type { Metric } from './generated.ts'

const DAY = 86_400_000 // ms

/** A piece of a person's time, in ms: from `start`, before `until`. */
export type Span = { userId: string; start: number; until: number }

/** The same of one metric. */
export type MetricSpan = Span & { metric: Metric }

type Timed = { userId: string; startedAt: Date; endedAt: Date }

/** The whole quarter hours that a record touches. */
export function quartersOf({ userId, metric, startedAt, endedAt }: Timed & { metric: Metric }): MetricSpan {
  const until = quarterOf(endedAt.getTime() - 1) + QUARTER
  return { userId, metric, start: quarterOf(startedAt.getTime()), until }
}

/** The day (UTC) that a record starts in: those of it are judged together. */
export function startDay({ userId, startedAt }: Omit<Timed, 'endedAt'>): Span {
  const start = dayOf(startedAt.getTime())
  return { userId, start, until: start + DAY }
}

/** The days (UTC) in which records start that overlap a workout: a record lasts 24 hours at most. */
export function startDaysAround({ userId, startedAt, endedAt }: Timed): Span {
  return { userId, start: dayOf(startedAt.getTime() - DAY), until: dayOf(endedAt.getTime()) + DAY }
}

/** The same time in the fewest spans, none of which overlaps or adjoins another of its person and metric. */
export function merged<S extends Span & { metric?: Metric }>(spans: Iterable<S>): S[] {
  const result: S[] = []
  const inOrder = [...spans].sort(
    (a, b) => compare(a.userId, b.userId) || compare(a.metric, b.metric) || a.start - b.start,
  )
  for (const span of inOrder) {
    const last = result.at(-1)
    if (last && last.userId === span.userId && last.metric === span.metric && span.start <= last.until) {
      last.until = Math.max(last.until, span.until)
    } else result.push({ ...span })
  }
  return result
}

const dayOf = (instant: number) => Math.floor(instant / DAY) * DAY

const compare = (a = '', b = '') => (a < b ? -1 : a > b ? 1 : 0)
