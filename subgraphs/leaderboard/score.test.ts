import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { RefusedError } from '../../platform/refusal.ts'
import { SCORE_LIMIT } from './packing.ts'
import { type Computation, rises, type Score, withAdjustment, withComputation } from './score.ts'

const startsAt = new Date('2026-05-01T00:00:00Z')
const at = (minute: number) => new Date(startsAt.getTime() + minute * 60_000)

const compute = (before: Score | null, score: number | null, version: number, minute = 1) =>
  withComputation(before, { score, achievedAt: at(minute), version }, startsAt)

const computed = (score: number | null, version = 1) => {
  const after = compute(null, score, version)
  if (!after) throw new Error('the first computation is always new')
  return after
}

test('a computation counts when its version is greater than the last', () => {
  const before = computed(100, 4)
  expect(compute(before, 90, 4)).toBeNull()
  expect(compute(before, 90, 3)).toBeNull()
  expect(compute(before, 90, 5)).toMatchObject({ score: 90, computedVersion: 5, version: 2 })
})

test('whatever the order in which computations come, and however often, the latest is what stays', () => {
  const computations = fc.uniqueArray(
    fc.record({
      version: fc.integer({ min: 1, max: 50 }),
      score: fc.option(fc.nat(1_000)),
      minute: fc.nat(100),
    }),
    { selector: ({ version }) => version, minLength: 1 },
  )
  const arrivals = computations.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length })),
  )
  fc.assert(
    fc.property(arrivals, ([all, arriving]) => {
      let standing: Score | null = null
      for (const { score, version, minute } of arriving) {
        standing = compute(standing, score, version, minute) ?? standing
      }
      const last = all.reduce((a, b) => (a.version > b.version ? a : b))
      expect(standing?.score).toBe(last.score)
      expect(standing?.achievedAt).toEqual(last.score === null ? null : at(last.minute))
    }),
  )
})

test('a computation that changes nothing is no new version of the standing', () => {
  expect(compute(computed(100), 100, 2)).toMatchObject({ computedVersion: 2, version: 1 })
})

test('someone whose score is gone keeps the standing, without a place', () => {
  expect(compute(computed(100), null, 2)).toMatchObject({
    score: null,
    achievedAt: null,
    packed: null,
    version: 2,
  })
})

test('a correction stays through later computations and does not change when the score was reached', () => {
  const corrected = withAdjustment(computed(100), 5, startsAt)
  expect(corrected).toMatchObject({ score: 105, achievedAt: at(1), version: 2 })
  expect(compute(corrected, 200, 2)).toMatchObject({ score: 205, version: 3 })
})

test('a correction that outlives its score leaves none below zero', () => {
  const corrected = withAdjustment(computed(100), -80, startsAt)
  expect(compute(corrected, 50, 2)?.score).toBe(0)
})

test.each([
  ['userId', null, 1],
  ['userId', computed(null), 1],
  ['delta', computed(100), -101],
  ['delta', computed(100), SCORE_LIMIT - 100],
])('a correction that cannot be is refused at %s', (field, before, delta) => {
  const refused = () => withAdjustment(before, delta, startsAt)
  expect(refused).toThrow(RefusedError)
  expect(refused).toThrow(
    expect.objectContaining({ refusals: [expect.objectContaining({ field: [field] })] }),
  )
})

test('a score has no place before its competition is known', () => {
  expect(withComputation(null, { score: 5, achievedAt: at(1), version: 1 }, null)).toMatchObject({
    score: 5,
    packed: null,
    version: 1,
  })
})

test.each<Computation>([
  { score: -1, achievedAt: at(1), version: 1 },
  { score: SCORE_LIMIT, achievedAt: at(1), version: 1 },
  { score: 5, achievedAt: null, version: 1 },
])('a computation that no competition can bring about is an error: %j', (computation) => {
  expect(() => withComputation(null, computation, startsAt)).toThrow('cannot be')
})

test('only a better place is a rise', () => {
  expect(rises(null, computed(0))).toBe(true)
  expect(rises(computed(null), computed(0))).toBe(true)
  expect(rises(computed(5), computed(6))).toBe(true)
  expect(rises(computed(5), computed(5))).toBe(false)
  expect(rises(computed(5), computed(4))).toBe(false)
  expect(rises(computed(5), computed(null))).toBe(false)
})
