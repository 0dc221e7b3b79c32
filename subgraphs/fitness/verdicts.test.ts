import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Candidate, verdictsOf } from './verdicts.ts'

const DAY = Date.parse('2026-05-20T00:00:00Z')
const MINUTE = 60_000 // ms

function candidate(
  id: string,
  from: number,
  minutes: number,
  value: number,
  given: Partial<Candidate> = {},
): Candidate {
  return {
    id,
    userId: 'ada',
    provider: 'HEALTH_CONNECT',
    externalId: id,
    deviceId: 'phone',
    sourceKind: 'PHONE',
    metric: 'STEPS',
    value,
    startedAt: new Date(DAY + from * MINUTE),
    endedAt: new Date(DAY + (from + minutes) * MINUTE),
    deviceOwner: 'ada',
    decision: null,
    decisionReason: null,
    ...given,
  }
}

const verdicts = (...candidates: Candidate[]) =>
  Object.fromEntries(
    [...verdictsOf(candidates, [])].map(([id, { status, reason }]) => [id, reason ?? status]),
  )

const TOO_MANY = 'More than 100,000 steps in a day (UTC).'
const MANY = 'More than 50,000 steps in a day (UTC).'
const FAST = 'More than 240 steps a minute for ten minutes.'
const STRIDE = 'Less than 0.3 or more than 2.5 metres a step.'

test('a day is held from the record on that passes 100,000, and noted from 50,000', () => {
  const hours = [0, 1, 2, 3, 4].map((hour) => candidate(`${hour}`, hour * 240, 240, 30_000))
  expect(verdicts(...hours)).toEqual({ 0: 'LIVE', 1: MANY, 2: MANY, 3: TOO_MANY, 4: TOO_MANY })
})

test('a smaller record after one that is held still has its place', () => {
  const day = [
    candidate('a', 0, 600, 90_000),
    candidate('b', 600, 300, 20_000),
    candidate('c', 900, 60, 10_000),
  ]
  expect(verdicts(...day)).toEqual({ a: MANY, b: TOO_MANY, c: MANY })
})

test('days and sources are looked at apart', () => {
  const far = [candidate('a', 0, 600, 90_000), candidate('b', 1_440, 600, 40_000)]
  expect(verdicts(...far, candidate('c', 0, 600, 40_000, { deviceId: 'watch' }))).toEqual({
    a: MANY,
    b: 'LIVE',
    c: 'LIVE',
  })
})

test("a decision stands above every rule and changes nobody else's", () => {
  const accepted = { decision: 'ACCEPTED', decisionReason: 'a race' } as const
  const refused = { decision: 'REFUSED', decisionReason: 'a car' } as const
  const day = [candidate('a', 0, 600, 90_000), candidate('b', 600, 600, 90_000, accepted)]
  expect(verdicts(...day, candidate('c', 1_200, 60, 10_000), candidate('d', 1_300, 60, 1, refused))).toEqual({
    a: MANY,
    b: 'An administrator accepted it: a race',
    c: MANY,
    d: 'An administrator refused it: a car',
  })
})

test("another person's device is not believed", () => {
  expect(verdicts(candidate('a', 0, 15, 100, { deviceOwner: 'bob' }))).toEqual({
    a: 'Its device belongs to another person.',
  })
})

test('what a device recorded during an impossible workout is held, what touches it is not', () => {
  const workout = {
    userId: 'ada',
    deviceId: 'phone',
    startedAt: new Date(DAY),
    endedAt: new Date(DAY + 30 * MINUTE),
  }
  const day = [
    candidate('a', 29, 5, 10),
    candidate('b', 30, 5, 10),
    candidate('c', 0, 5, 10, { deviceId: 'watch' }),
  ]
  const found = verdictsOf(day, [workout])
  expect(['a', 'b', 'c'].map((id) => found.get(id)?.status)).toEqual(['HELD', 'LIVE', 'LIVE'])
})

test('ten minutes above 240 steps are noted, in one record or in several', () => {
  expect(verdicts(candidate('a', 0, 10, 2_401), candidate('b', 20, 9, 2_300))).toEqual({ a: FAST, b: 'LIVE' })
  const minutes = Array.from({ length: 10 }, (_, i) => candidate(`${i}`, i, 1, 250))
  expect(new Set(Object.values(verdicts(...minutes)))).toEqual(new Set([FAST]))
  expect(new Set(Object.values(verdicts(...minutes.toSpliced(4, 1))))).toEqual(new Set(['LIVE']))
})

test('a stride that no leg has is noted in both records', () => {
  const metres = (id: string, value: number) => candidate(id, 0, 15, value, { metric: 'DISTANCE' })
  expect(verdicts(candidate('a', 0, 15, 1_000), metres('m', 2_500))).toEqual({ a: 'LIVE', m: 'LIVE' })
  expect(verdicts(candidate('a', 0, 15, 1_000), metres('m', 2_501))).toEqual({ a: STRIDE, m: STRIDE })
  expect(verdicts(candidate('a', 0, 15, 1_000), metres('m', 299))).toEqual({ a: STRIDE, m: STRIDE })
  expect(verdicts(candidate('a', 0, 15, 0), metres('m', 5_000))).toEqual({ a: 'LIVE', m: 'LIVE' })
  expect(verdicts(metres('m', 5_000))).toEqual({ m: 'LIVE' })
})

test('the order of records does not matter', () => {
  const some = fc.record({
    from: fc.integer({ min: 0, max: 1_400 }),
    minutes: fc.integer({ min: 1, max: 600 }),
    value: fc.integer({ min: 0, max: 60_000 }),
    given: fc.constantFrom<Partial<Candidate>>(
      {},
      { deviceId: 'watch' },
      { metric: 'DISTANCE' },
      { deviceOwner: 'bob' },
    ),
  })
  fc.assert(
    fc.property(fc.array(some, { maxLength: 15 }), fc.infiniteStream(fc.nat()), (list, random) => {
      const records = list.map(({ from, minutes, value, given }, i) =>
        candidate(`${i}`, from, minutes, value, given),
      )
      const shuffled = records
        .map((record) => ({ record, place: random.next().value }))
        .sort((a, b) => a.place - b.place)
        .map(({ record }) => record)
      expect(verdicts(...shuffled)).toEqual(verdicts(...records))
    }),
  )
})
