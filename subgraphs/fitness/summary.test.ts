import { expect, test } from '@jest/globals'
import { bestDayOf, streakOf, totalOf } from './summary.ts'

const days = (...steps: number[]) =>
  steps.map((steps, i) => ({
    date: `2026-05-1${i}`,
    steps,
    distance: 0,
    activeEnergy: 0,
    activeMinutes: 0,
    elevation: 0,
  }))

test.each([
  [[0, 5, 5], 2],
  [[5, 5, 0], 2],
  [[5, 0, 0], 0],
  [[5, 0, 5], 1],
  [[5, 5, 5], 3],
  [[0, 0, 0], 0],
])('the streak of %j is %d', (steps, streak) => {
  expect(streakOf(days(...steps))).toBe(streak)
})

test('any metric keeps a streak', () => {
  const [first, today] = days(0, 0)
  expect(streakOf([{ ...first, elevation: 3 }, today] as ReturnType<typeof days>)).toBe(1)
})

test('the best day has the most steps and is the latest of equals; without steps there is none', () => {
  expect(bestDayOf(days(3, 9, 9, 1))?.date).toBe('2026-05-12')
  expect(bestDayOf(days(0, 0))).toBeNull()
})

test('a total adds up every metric', () => {
  expect(totalOf(days(3, 4))).toMatchObject({ steps: 7, elevation: 0 })
})
