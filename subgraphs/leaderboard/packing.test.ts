import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { packedAbove, packScore, SCORE_LIMIT, scoreOf } from './packing.ts'

const startsAt = new Date('2026-05-01T00:00:00Z')
const day = 86_400_000 // ms

const score = fc.integer({ min: 0, max: SCORE_LIMIT - 1 })
const after = fc.integer({ min: 0, max: 388 * day }) // ms
const at = (ms: number) => new Date(startsAt.getTime() + ms)
const pack = (points: number, ms: number) => packScore(points, at(ms), startsAt)

test('packed scores are in the order of score, highest first, then second, earliest first', () => {
  fc.assert(
    fc.property(score, score, after, after, (a, b, timeOfA, timeOfB) => {
      const byRules = a - b || Math.floor(timeOfB / 1_000) - Math.floor(timeOfA / 1_000)
      expect(Math.sign(pack(a, timeOfA) - pack(b, timeOfB))).toBe(Math.sign(byRules))
    }),
  )
})

test('a packed score is exact, says its score, and is written in plain digits', () => {
  fc.assert(
    fc.property(score, after, (points, ms) => {
      const packed = pack(points, ms)
      expect(Number.isSafeInteger(packed)).toBe(true)
      expect(scoreOf(packed)).toBe(points)
      expect(String(packed)).toBe(
        String(BigInt(points) * 2n ** 25n + (2n ** 25n - 1n - BigInt(Math.floor(ms / 1_000)))),
      )
    }),
  )
})

test('times before the start and beyond 388 days count as the first and the last second', () => {
  expect(pack(7, -5 * day)).toBe(pack(7, 0))
  expect(pack(7, 500 * day)).toBe(pack(7, 400 * day))
  expect(scoreOf(pack(7, 500 * day))).toBe(7)
})

test('whoever has a higher score is at or above packedAbove, whoever is level or behind is below', () => {
  fc.assert(
    fc.property(score, score, after, after, (a, b, timeOfA, timeOfB) => {
      expect(pack(b, timeOfB) >= packedAbove(pack(a, timeOfA))).toBe(b > a)
    }),
  )
})
