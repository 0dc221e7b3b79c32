import type { Database } from '../../platform/database.ts'
import { createBucketStore } from './bucket-store.ts'
import { type Bucket, bucketKey, bucketsOf, QUARTER } from './buckets.ts'
import { rescore } from './enrolment-store.ts'
import { createRecordStore } from './record-store.ts'
import { type MetricSpan, merged, quartersOf, type Span } from './spans.ts'
import { verdictsOf } from './verdicts.ts'
import { createWorkoutStore } from './workout-store.ts'

/** What changed about the records of people. */
export type Changes = {
  /** Whole days (UTC) whose records are to be judged. */
  days: Span[]
  /** Quarter hours to count, beside those of records that are judged otherwise than before. */
  quarters: MetricSpan[]
}

/** By how much a bucket changed. */
export type Delta = Pick<Bucket, 'userId' | 'metric' | 'start'> & { change: number }

/**
 * Judges, counts and scores what changes touch, from the records as they are now. The caller holds the people's locks.
 * The number of statements does not depend on how much there is.
 */
export async function recount(tx: Database, changes: Changes): Promise<Delta[]> {
  const revised = await judge(tx, merged(changes.days))
  const deltas = await count(tx, merged([...changes.quarters, ...revised]))
  await rescore(tx, deltas.map(spanOf))
  return deltas.filter(({ change }) => change !== 0)
}

/** Returns the quarter hours of the records that are judged otherwise than before. */
async function judge(tx: Database, days: Span[]): Promise<MetricSpan[]> {
  if (days.length === 0) return []
  const records = createRecordStore(tx)
  const candidates = await records.startingIn(days)
  const verdicts = verdictsOf(candidates, await createWorkoutStore(tx).heldAround(days))
  const revised = candidates.flatMap((record) => {
    const verdict = verdicts.get(record.id)
    const same = !verdict || (verdict.status === record.status && verdict.reason === record.reason)
    return same ? [] : [{ record, verdict }]
  })
  await records.judge(revised.map(({ record, verdict }) => ({ id: record.id, ...verdict })))
  return revised.map(({ record }) => quartersOf(record))
}

/** Rewrites the buckets that differ, and says by how much. */
async function count(tx: Database, quarters: MetricSpan[]): Promise<Delta[]> {
  if (quarters.length === 0) return []
  const store = createBucketStore(tx)
  const inside = new Set(quarters.flatMap((span) => [...keysOf(span)]))
  const live = bucketsOf(await createRecordStore(tx).liveIn(quarters))
  const after = new Map(live.map((bucket) => [bucketKey(bucket), bucket]))
  const before = new Map((await store.in(quarters)).map((bucket) => [bucketKey(bucket), bucket]))
  const changed = [...inside].flatMap((key) => {
    const [old, now] = [before.get(key), after.get(key)]
    return (old || now) && !(old && now && isSame(old, now)) ? [{ old, now }] : []
  })
  await store.put(changed.flatMap(({ now }) => now ?? []))
  await store.remove(changed.flatMap(({ old, now }) => (old && !now ? old : [])))
  return changed.map(({ old, now }) => {
    const { userId, metric, start } = (now ?? old) as Bucket // at least one of them is there
    return { userId, metric, start, change: (now?.value ?? 0) - (old?.value ?? 0) }
  })
}

function* keysOf(span: MetricSpan): Iterable<string> {
  for (let start = span.start; start < span.until; start += QUARTER) yield bucketKey({ ...span, start })
}

function spanOf({ userId, metric, start }: Delta): MetricSpan {
  return { userId, metric, start: start.getTime(), until: start.getTime() + QUARTER }
}

function isSame(a: Bucket, b: Bucket): boolean {
  return (
    a.value === b.value &&
    a.capped === b.capped &&
    a.until.getTime() === b.until.getTime() &&
    a.sourceKind === b.sourceKind &&
    a.deviceId === b.deviceId &&
    a.provider === b.provider
  )
}
