import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { movesBetween } from './moves.ts'

const ranked = (...ids: string[]) => ids.map((userId, i) => ({ userId, rank: i + 1 }))

test('nothing moved on a list that is the same', () => {
  expect(movesBetween(ranked('a', 'b'), ranked('a', 'b'))).toEqual([])
})

test('who passed whom is two moves', () => {
  expect(movesBetween(ranked('a', 'b', 'c'), ranked('a', 'c', 'b'))).toEqual([
    { userId: 'c', from: 3, to: 2 },
    { userId: 'b', from: 2, to: 3 },
  ])
})

test('who comes into the list comes from nowhere, and pushes the last one out', () => {
  expect(movesBetween(ranked('a', 'b'), ranked('c', 'a'))).toEqual([
    { userId: 'c', from: null, to: 1 },
    { userId: 'a', from: 1, to: 2 },
    { userId: 'b', from: 2, to: null },
  ])
})

test('the moves lead from the one list to the other', () => {
  const list = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'))
  fc.assert(
    fc.property(list, list, (before, after) => {
      const ranks = new Map(ranked(...before).map(({ userId, rank }) => [userId, rank]))
      for (const { userId, from, to } of movesBetween(ranked(...before), ranked(...after))) {
        expect(ranks.get(userId) ?? null).toBe(from)
        if (to === null) ranks.delete(userId)
        else ranks.set(userId, to)
      }
      expect(ranks).toEqual(new Map(ranked(...after).map(({ userId, rank }) => [userId, rank])))
    }),
  )
})
