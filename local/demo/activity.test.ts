import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { activityBetween } from './activity.ts'
import { demoPeople } from './people.ts'

const people = demoPeople(7, 50)
const [person] = people
if (!person) throw new Error('nobody')
const noon = new Date('2026-05-01T12:00:00Z')
const evening = new Date('2026-05-01T20:00:00Z')

test('the same seed gives the same people and the same activity, another seed another', () => {
  expect(demoPeople(7, 50)).toEqual(people)
  expect(activityBetween(7, person, noon, evening)).toEqual(activityBetween(7, person, noon, evening))
  expect(activityBetween(8, person, noon, evening)).not.toEqual(activityBetween(7, person, noon, evening))
})

test('everybody has an address of their own', () => {
  expect(new Set(people.map(({ email }) => email)).size).toBe(people.length)
})

test('a quarter hour that goes on has more steps under a higher version', () => {
  const at = (minute: number) =>
    activityBetween(7, person, noon, new Date(noon.getTime() + minute * 60_000)).filter(
      ({ metric }) => metric === 'STEPS',
    )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 480 }), (minute) => {
      const [before, after] = [at(minute), at(minute + 1)]
      const later = new Map(after.map((record) => [record.externalId, record]))
      for (const record of before) {
        const same = later.get(record.externalId)
        expect(same && (same.version > record.version || same.value === record.value)).toBe(true)
        expect((same?.value ?? 0) >= record.value).toBe(true)
      }
    }),
  )
})

test('nobody walks faster than the rules of plausibility allow', () => {
  for (const one of people) {
    for (const { metric, value, startedAt, endedAt } of activityBetween(7, one, noon, evening)) {
      const minutes = (Date.parse(endedAt) - Date.parse(startedAt)) / 60_000
      if (metric === 'STEPS') expect(value / minutes).toBeLessThan(240)
    }
  }
})
