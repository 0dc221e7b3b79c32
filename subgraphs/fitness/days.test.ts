import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { QUARTER } from './buckets.ts'
import { changedDays } from './changed-days.ts'
import { addDays, dateAt, dayOf, daysBetween, knownTimeZone } from './days.ts'

const HOUR = 3_600_000 // ms

test.each([
  ['2026-03-29', 'Europe/Helsinki', '2026-03-28T22:00:00.000Z', 23],
  ['2026-10-25', 'Europe/Helsinki', '2026-10-24T21:00:00.000Z', 25],
  ['2026-03-08', 'America/New_York', '2026-03-08T05:00:00.000Z', 23],
  ['2026-11-01', 'America/New_York', '2026-11-01T04:00:00.000Z', 25],
  ['2026-04-05', 'Australia/Lord_Howe', '2026-04-04T13:00:00.000Z', 24.5],
  ['2026-10-04', 'Australia/Lord_Howe', '2026-10-03T13:30:00.000Z', 23.5],
  ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00.000Z', 23], // clocks skip midnight
  ['2026-01-01', 'Pacific/Kiritimati', '2025-12-31T10:00:00.000Z', 24],
  ['2026-01-01', 'Asia/Kathmandu', '2025-12-31T18:15:00.000Z', 24],
])('%s in %s begins at %s and has %d hours', (date, timeZone, start, hours) => {
  const day = dayOf(date, timeZone)
  expect(day.start.toISOString()).toBe(start)
  expect((day.end.getTime() - day.start.getTime()) / HOUR).toBe(hours)
})

test('days follow each other without a gap, on quarter hours, and every instant is in the day of its date', () => {
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
  const instant = fc.integer({ min: Date.UTC(2024), max: Date.UTC(2028) })
  fc.assert(
    fc.property(zone, instant, (timeZone, at) => {
      const date = dateAt(at, timeZone)
      const [day, next] = daysBetween(date, addDays(date, 1), timeZone)
      expect(day?.end).toEqual(next?.start)
      expect(Number(day?.start) % QUARTER).toBe(0)
      expect(at).toBeGreaterThanOrEqual(Number(day?.start))
      expect(at).toBeLessThan(Number(day?.end))
    }),
  )
})

test('a time zone is known by whatever case it is written in, and a made up one is not', () => {
  expect(knownTimeZone('europe/helsinki')).toBe('Europe/Helsinki')
  expect(knownTimeZone('Europe/Atlantis')).toBeNull()
})

test('changed days are those of the person, and not those in which changes cancel out', () => {
  const delta = (start: string, change: number, metric: 'STEPS' | 'DISTANCE' = 'STEPS') => ({
    metric,
    start: new Date(start),
    change,
  })
  const deltas = [
    delta('2026-05-20T21:00:00Z', 5),
    delta('2026-05-20T20:45:00Z', -3),
    delta('2026-05-18T08:00:00Z', 7),
    delta('2026-05-18T09:00:00Z', -7),
    delta('2026-05-17T09:00:00Z', 7),
    delta('2026-05-17T09:00:00Z', -7, 'DISTANCE'),
  ]
  const dates = changedDays(deltas, 'Europe/Helsinki').map(({ date }) => date)
  expect(dates).toEqual(['2026-05-17', '2026-05-20', '2026-05-21'])
})
