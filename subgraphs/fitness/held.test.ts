import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { batch, minutesAfter, openTestFitness, steps, workout } from './test-support.ts'

let fitness: Awaited<ReturnType<typeof openTestFitness>>
beforeAll(async () => {
  fitness = await openTestFitness()
})
afterAll(() => fitness.close())

const TODAY = '2026-05-20'

test('what the second person records with a device is held', async () => {
  const [first, second] = [fitness.person(), fitness.person()]
  const records = [steps(`${TODAY}T08:00:00Z`, 500)]
  await fitness.sync(first.id, batch({ deviceId: 'shared', records }))
  expect(await fitness.sync(second.id, batch({ deviceId: 'shared', records }))).toMatchObject({ held: 1 })
  expect(await first.today()).toMatchObject({ steps: 500 })
  expect(await second.today()).toMatchObject({ steps: 0 })
  expect(await second.records(TODAY)).toMatchObject([
    { outcome: 'QUARANTINED', reason: 'Its device belongs to another person.' },
  ])
})

test('a run that nobody can have run holds what the device recorded meanwhile, whichever came first', async () => {
  const reason = 'Recorded during a workout that nobody can have done.'
  const run = workout(`${TODAY}T08:00:00Z`, 12, { distance: 5_000 })
  const during = steps(`${TODAY}T08:10:00Z`, 500)
  const after = steps(`${TODAY}T09:00:00Z`, 400)
  const [a, b] = [fitness.person(), fitness.person()]
  await a.phone(during, after)
  expect(await a.send({ workouts: [run] })).toMatchObject({ accepted: 1, held: 0 })
  await b.send({ workouts: [run] })
  expect(await b.phone(during, after)).toMatchObject({ accepted: 2, held: 1 })
  expect(await b.phone(during, after)).toMatchObject({ accepted: 0, held: 0, duplicates: 2 })
  for (const person of [a, b]) {
    expect(await person.today()).toMatchObject({ steps: 400 })
    expect(await person.records(TODAY)).toMatchObject([
      { outcome: 'QUARANTINED', reason },
      { outcome: 'COUNTED' },
    ])
  }
  await a.send({ workouts: [{ ...run, version: 2, endedAt: minutesAfter(run.startedAt, 30) }] })
  await b.send({ deleted: [run.externalId] })
  for (const person of [a, b]) expect(await person.today()).toMatchObject({ steps: 900 })
})

test('what takes a source above 100,000 steps a day is held, whatever came first', async () => {
  const hours = Array.from({ length: 8 }, (_, i) => steps(`${TODAY}T0${i}:00:00Z`, 17_000, { minutes: 60 }))
  const [a, b] = [fitness.person(), fitness.person()]
  expect(await a.phone(...hours)).toMatchObject({ accepted: 8, held: 3 })
  for (const hour of hours.toReversed()) await b.phone(hour)
  for (const person of [a, b]) {
    expect(await person.today()).toMatchObject({ steps: 85_000 })
    expect((await person.records(TODAY)).map(({ outcome }) => outcome).slice(4)).toEqual([
      'COUNTED',
      'QUARANTINED',
      'QUARANTINED',
      'QUARANTINED',
    ])
  }
})
