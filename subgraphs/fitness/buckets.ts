import type { Metric, Provider } from './generated.ts'
import { PER_MINUTE } from './plausibility.ts'
import type { SourceKind } from './tables.ts'

/** The length of a bucket. Every time zone's midnight falls on the edge of one. */
export const QUARTER = 900_000 // ms

/** What counting needs of a record. */
export type Countable = {
  userId: string
  metric: Metric
  provider: Provider
  deviceId: string
  sourceKind: SourceKind
  value: number
  startedAt: Date
  endedAt: Date
}

export type Bucket = Omit<Countable, 'startedAt' | 'endedAt'> & {
  start: Date
  until: Date
  /** Whether the source said more than a body can do: the value is what counts of it. */
  capped: boolean
}

/** The beginning of the quarter hour that an instant (ms) falls into. */
export const quarterOf = (instant: number): number => Math.floor(instant / QUARTER) * QUARTER

/**
 * A record's value by quarter hours, in proportion to the time that it spends in each. What has gone by at each edge
 * is rounded down, so the parts are whole and add up to the value exactly.
 */
export function splitByQuarter(record: { value: number; startedAt: Date; endedAt: Date }): Part[] {
  const [from, to] = [record.startedAt.getTime(), record.endedAt.getTime()]
  const parts: Part[] = []
  let counted = 0
  for (let start = quarterOf(from); start < to; start += QUARTER) {
    const until = Math.min(to, start + QUARTER)
    // Below 2^53: a value is at most 10^7, and a record is not longer than 24 h.
    const gone = Math.floor((record.value * (until - from)) / (to - from))
    parts.push({ start, until, value: gone - counted })
    counted = gone
  }
  return parts
}

type Part = { start: number; until: number; value: number }

/** What one source says of one quarter hour. */
type Entry = {
  record: Countable
  start: number
  value: number
  until: number
  measured: boolean
  capped: boolean
}

/**
 * What counts, of records that may: in each quarter hour and metric what the best source says, which is what was worn,
 * then a phone, then what was entered by hand; of equals the larger. Sources are never added up. A record of zero says
 * that its source measured nothing, not that there was nothing, so it stands back behind any that measured.
 */
export function bucketsOf(records: Iterable<Countable>): Bucket[] {
  const entries = new Map<string, Entry>()
  for (const record of records) {
    const { userId, metric, provider, deviceId, sourceKind } = record
    const measured = record.value > 0
    for (const { start, value, until } of splitByQuarter(record)) {
      const key = JSON.stringify([userId, metric, start, provider, sourceKind, deviceId])
      const entry = entries.get(key)
      if (!entry) {
        entries.set(key, { record, start, value, until, measured, capped: false })
        continue
      }
      if (value > 0 === entry.value > 0) entry.until = Math.max(entry.until, until)
      else if (value > 0) entry.until = until
      entry.value += value
      entry.measured ||= measured
    }
  }
  const best = new Map<string, Entry>()
  for (const entry of entries.values()) {
    const most = PER_MINUTE[entry.record.metric] * (QUARTER / 60_000)
    entry.capped = entry.value > most
    entry.value = Math.min(entry.value, most)
    const key = bucketKey({ ...entry.record, start: entry.start })
    const other = best.get(key)
    if (!other || isBetter(entry, other)) best.set(key, entry)
  }
  return [...best.values()].map(({ record, start, value, until, capped }) => ({
    userId: record.userId,
    metric: record.metric,
    provider: record.provider,
    deviceId: record.deviceId,
    sourceKind: record.sourceKind,
    value,
    capped,
    start: new Date(start),
    until: new Date(until),
  }))
}

/** Names a person's quarter hour of a metric. */
export function bucketKey(bucket: { userId: string; metric: Metric; start: Date | number }): string {
  return `${bucket.userId} ${bucket.metric} ${Number(bucket.start)}`
}

const rank: Record<SourceKind, number> = { WORN: 0, PHONE: 1, HAND: 2 }

/** A total order: one of two sources is better, whatever the order in which they came. */
function isBetter(a: Entry, b: Entry): boolean {
  if (a.measured !== b.measured) return a.measured
  const [x, y] = [a.record, b.record]
  if (x.sourceKind !== y.sourceKind) return rank[x.sourceKind] < rank[y.sourceKind]
  if (a.value !== b.value) return a.value > b.value
  if (x.deviceId !== y.deviceId) return x.deviceId < y.deviceId
  return x.provider < y.provider
}
