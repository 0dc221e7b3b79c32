import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { bucketsOf, type Countable, QUARTER, splitByQuarter } from './buckets.ts'

const NOON = Date.parse('2026-05-20T12:00:00Z')
const MINUTE = 60_000 // ms

function record(from: number, minutes: number, value: number, given: Partial<Countable> = {}): Countable {
  return {
    userId: 'ada',
    metric: 'STEPS',
    provider: 'HEALTH_CONNECT',
    deviceId: 'phone',
    sourceKind: 'PHONE',
    value,
    startedAt: new Date(NOON + from * MINUTE),
    endedAt: new Date(NOON + (from + minutes) * MINUTE),
    ...given,
  }
}

const watch = { deviceId: 'watch', sourceKind: 'WORN' } as const
const hand = { deviceId: 'form', sourceKind: 'HAND' } as const

const values = (...records: Countable[]) =>
  bucketsOf(records)
    .toSorted((a, b) => a.start.getTime() - b.start.getTime())
    .map(({ start, value }) => [(start.getTime() - NOON) / MINUTE, value])

test('a record within a quarter hour is one part', () => {
  expect(values(record(3, 5, 70))).toEqual([[0, 70]])
})

test('a record over several quarter hours is split by time, and what is rounded down comes later', () => {
  expect(values(record(10, 30, 100))).toEqual([
    [0, 16],
    [15, 50],
    [30, 34],
  ])
})

test('a record that ends on an edge does not reach beyond it', () => {
  expect(values(record(0, 15, 70))).toEqual([[0, 70]])
})

test('parts add up to the whole, each within its quarter hour and none negative', () => {
  const instant = fc.integer({ min: NOON, max: NOON + 86_400_000 })
  const length = fc.integer({ min: 1, max: 86_400_000 })
  fc.assert(
    fc.property(instant, length, fc.integer({ min: 0, max: 10_000_000 }), (from, duration, value) => {
      const parts = splitByQuarter({ value, startedAt: new Date(from), endedAt: new Date(from + duration) })
      expect(parts.reduce((sum, part) => sum + part.value, 0)).toBe(value)
      expect(parts.at(-1)?.until).toBe(from + duration)
      for (const { start, until, value } of parts) {
        expect(start % QUARTER).toBe(0)
        expect(until - start).toBeLessThanOrEqual(QUARTER)
        expect(value).toBeGreaterThanOrEqual(0)
      }
    }),
  )
})

test('what is worn counts before a phone, and a phone before what was entered by hand', () => {
  expect(values(record(0, 15, 900), record(0, 15, 500, watch), record(0, 15, 4_000, hand))).toEqual([
    [0, 500],
  ])
  expect(values(record(0, 15, 900), record(0, 15, 4_000, hand))).toEqual([[0, 900]])
})

test('of two equal sources the larger counts', () => {
  expect(values(record(0, 15, 400), record(0, 15, 500, { deviceId: 'other' }))).toEqual([[0, 500]])
})

test('records of one source add up', () => {
  expect(values(record(0, 5, 300), record(5, 5, 200))).toEqual([[0, 500]])
})

test('where the watch has a gap the phone counts', () => {
  expect(values(record(0, 45, 900), record(15, 15, 200, watch))).toEqual([
    [0, 300],
    [15, 200],
    [30, 300],
  ])
})

test('a watch that measured nothing does not hide what the phone did', () => {
  expect(values(record(0, 15, 400), record(0, 15, 0, watch))).toEqual([[0, 400]])
  expect(values(record(0, 15, 0, watch))).toEqual([[0, 0]])
})

test('overlapping records of one source cannot claim more than a body can do', () => {
  expect(values(record(0, 15, 4_500), record(0, 15, 4_400))).toEqual([[0, 4_500]])
})

test('a bucket knows whether its source said more than counts', () => {
  const capped = (...records: Countable[]) => bucketsOf(records).map(({ capped }) => capped)
  expect(capped(record(0, 15, 4_500))).toEqual([false])
  expect(capped(record(0, 15, 4_500), record(0, 15, 1))).toEqual([true])
  expect(capped(record(0, 15, 4_500), record(0, 15, 1), record(0, 15, 9, watch))).toEqual([false])
})

test('a bucket knows until when it was reached', () => {
  const [bucket] = bucketsOf([record(0, 7, 100), record(0, 12, 0), record(2, 3, 10)])
  expect(bucket?.until).toEqual(new Date(NOON + 7 * MINUTE))
})

test('the order of records does not matter', () => {
  const source = fc.constantFrom(
    {},
    watch,
    hand,
    { deviceId: 'other' },
    { provider: 'APPLE_HEALTH' as const },
  )
  const some = fc
    .tuple(
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 300 }),
      source,
    )
    .map(([from, minutes, value, given]) => record(from, minutes, value, given))
  const shuffled = fc
    .array(some, { maxLength: 12 })
    .chain((records) =>
      fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length })),
    )
  fc.assert(
    fc.property(shuffled, ([records, others]) => {
      const sorted = (list: Countable[]) =>
        bucketsOf(list).toSorted((a, b) => a.start.getTime() - b.start.getTime())
      expect(sorted(others)).toEqual(sorted(records))
    }),
  )
})
