import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { packScore } from './packing.ts'
import { rankEntries } from './ranking.ts'

const startsAt = new Date('2026-05-01T00:00:00Z')

/** A board of people with these scores, best first. */
const board = (scores: readonly number[]) =>
  [...scores]
    .sort((a, b) => b - a)
    .map((score, i) => ({
      userId: `person ${i}`,
      packed: packScore(score, startsAt, startsAt),
      achievedAt: startsAt,
    }))

const ranked = (scores: readonly number[]) => {
  const entries = board(scores)
  return rankEntries(entries, 0, 0, { size: entries.length, leader: entries[0]?.packed ?? null })
}

const someScores = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 })

test('equal scores share a rank and the ranks after them are skipped', () => {
  expect(ranked([9, 7, 7, 3]).map(({ rank }) => rank)).toEqual([1, 2, 2, 4])
})

test('a rank is one more than there are people with a higher score', () => {
  fc.assert(
    fc.property(someScores, (scores) => {
      for (const { score, rank } of ranked(scores))
        expect(rank).toBe(1 + scores.filter((s) => s > score).length)
    }),
  )
})

test('a percentile is the share of the others who are level or behind', () => {
  fc.assert(
    fc.property(someScores, (scores) => {
      for (const { score, percentile } of ranked(scores)) {
        const others = scores.length - 1
        expect(percentile).toBeCloseTo(others ? (scores.filter((s) => s <= score).length - 1) / others : 1)
      }
    }),
  )
})

test('someone alone is ahead of all the others, and the first is behind nobody', () => {
  expect(ranked([4])).toMatchObject([{ rank: 1, percentile: 1, behindLeader: 0 }])
  expect(ranked([10, 4, 4]).map(({ behindLeader }) => behindLeader)).toEqual([0, 6, 6])
})

test('any part of a board has the ranks of the whole', () => {
  fc.assert(
    fc.property(someScores, fc.nat(39), fc.nat(40), (scores, start, count) => {
      const whole = ranked(scores)
      const entries = board(scores).slice(start, start + count)
      const above = (whole[start]?.rank ?? 1) - 1
      const field = { size: whole.length, leader: whole[0]?.packed ?? null }
      expect(rankEntries(entries, start, above, field)).toEqual(whole.slice(start, start + count))
    }),
  )
})
