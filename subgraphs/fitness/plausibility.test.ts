import { expect, test } from '@jest/globals'
import type { Metric, WorkoutKind } from './generated.ts'
import { idFault, recordRejection, workoutHold, workoutRejection } from './plausibility.ts'

const NOW = new Date('2026-05-20T12:00:00.000Z')
const SECOND = 1_000 // ms
const HOUR = 3_600 * SECOND

/** Ends `ago` before now and lasts `duration`, both in ms. */
const interval = (duration: number, ago = HOUR) => ({
  startedAt: new Date(NOW.getTime() - ago - duration),
  endedAt: new Date(NOW.getTime() - ago),
})

const rejection = (value: number, duration: number, ago?: number, metric: Metric = 'STEPS') =>
  recordRejection({ metric, value, ...interval(duration, ago) }, NOW)

test.each([
  ['It ends in the future.', 10, HOUR, -300_001],
  [null, 10, HOUR, -300_000],
  ['It is longer than 24 hours.', 10, 24 * HOUR + 1, HOUR],
  [null, 10, 24 * HOUR, HOUR],
  ['It does not end after it starts.', 10, 0, HOUR],
  ['It does not end after it starts.', 10, -HOUR, HOUR],
  ['It started more than 2 years ago.', 10, HOUR, 731 * 24 * HOUR],
  [null, 10, HOUR, 730 * 24 * HOUR],
  ['Its value is negative.', -1, HOUR, HOUR],
  [null, 0, HOUR, HOUR],
  ['More than 300 steps a minute.', 18_001, HOUR, HOUR],
  [null, 18_000, HOUR, HOUR],
  ['Its value is above 10,000,000.', 10_000_001, 24 * HOUR, HOUR],
])('%s: %d steps in %d ms that ended %d ms ago', (reason, value, duration, ago) => {
  expect(rejection(value, duration, ago)).toBe(reason)
})

test('a second with a rounded number of steps is not too fast', () => {
  expect(rejection(5, SECOND)).toBeNull()
  expect(rejection(6, SECOND)).toBe('More than 300 steps a minute.')
})

test('no minute has more than one active minute', () => {
  expect(rejection(60, HOUR, HOUR, 'ACTIVE_MINUTES')).toBeNull()
  expect(rejection(61, HOUR, HOUR, 'ACTIVE_MINUTES')).toBe('More than 1 active minutes a minute.')
})

test('a workout is rejected by the same times, and for negative amounts', () => {
  expect(workoutRejection({ ...interval(25 * HOUR) }, NOW)).toBe('It is longer than 24 hours.')
  expect(workoutRejection({ ...interval(HOUR), distance: -1 }, NOW)).toBe('Its distance is negative.')
  expect(workoutRejection({ ...interval(HOUR), distance: null }, NOW)).toBeNull()
})

const hold = (kind: WorkoutKind, distance: number | null, seconds: number) =>
  workoutHold({ kind, distance, ...interval(seconds * SECOND) })

test.each([
  [1_000, 131, '1 km'],
  [5_000, 755, '5 km'],
  [10_000, 1_571, '10 km'],
  [42_195, 7_235, 'the marathon'],
])('a run of %d m in %d s is a world record, and a second less is too fast', (distance, seconds, name) => {
  expect(hold('RUN', distance, seconds)).toBeNull()
  expect(hold('RUN', distance, seconds - 1)).toBe(`A run faster than the world record over ${name}.`)
})

test('between two records the pace of the shorter one is allowed', () => {
  expect(hold('RUN', 4_999, 655)).toBeNull()
  expect(hold('RUN', 4_999, 654)).not.toBeNull()
})

test('a run is not compared below 1 km, nor without a distance', () => {
  expect(hold('RUN', 999, 60)).toBeNull()
  expect(hold('RUN', null, 60)).toBeNull()
})

test.each([
  [60_000, 3_600, true],
  [60_001, 3_600, false],
  [120_000, 7_200, true],
  [120_001, 7_200, false],
  [50_000, 1_800, true],
  [60_001, 1_800, false],
])('a ride of %d m in %d s is possible: %s', (distance, seconds, possible) => {
  expect(hold('RIDE', distance, seconds) === null).toBe(possible)
})

test('an id has 1 to 200 characters that can be kept', () => {
  expect(idFault('x'.repeat(200))).toBeNull()
  expect(idFault('🏃'.repeat(200))).toBeNull()
  for (const id of ['', 'x'.repeat(201), 'a\0', '\ud800']) expect(idFault(id)).not.toBeNull()
})
