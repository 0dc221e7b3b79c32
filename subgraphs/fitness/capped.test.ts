import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestFitness, steps } from './test-support.ts'

let fitness: Awaited<ReturnType<typeof openTestFitness>>
beforeAll(async () => {
  fitness = await openTestFitness()
})
afterAll(() => fitness.close())

const TODAY = '2026-05-20'
const cap = 'What is above 300 steps a minute does not count.'

/** Steps in a quarter of an hour. */
const at = (externalId: string, value: number, version = 1) =>
  steps(`${TODAY}T08:00:00Z`, value, { externalId, version })

/** Somebody's records, by their values. */
async function outcomes(person: ReturnType<typeof fitness.person>) {
  const records = await person.records(TODAY)
  return Object.fromEntries(records.map(({ value, outcome, reason }) => [value, reason ?? outcome]))
}

test('records of one source that overlap count up to 300 steps a minute, and say so', async () => {
  const ada = fitness.person()
  await ada.phone(at('a', 3_000), at('b', 2_000), at('none', 0), steps(`${TODAY}T09:00:00Z`, 500))
  expect(await ada.today()).toMatchObject({ steps: 4_500 + 500 })
  expect(await outcomes(ada)).toEqual({ 3000: cap, 2000: cap, 0: 'COUNTED', 500: 'COUNTED' })
})

test('a record says so beside what else is to be said of it', async () => {
  const ada = fitness.person()
  await ada.phone(at('a', 3_000), at('b', 4_400))
  const both = `${cap} More than 240 steps a minute for ten minutes.`
  expect(await outcomes(ada)).toEqual({ 3000: cap, 4400: both })
})

test('records say so only as long as it is true', async () => {
  const ada = fitness.person()
  await ada.phone(at('a', 3_000), at('b', 2_000))
  await ada.phone(at('b', 1_500, 2))
  expect(await ada.today()).toMatchObject({ steps: 4_500 })
  expect(await outcomes(ada)).toEqual({ 3000: 'COUNTED', 1500: 'COUNTED' })
})

test('what a better source covers does not say so', async () => {
  const ada = fitness.person()
  await ada.phone(at('a', 3_000), at('b', 2_000))
  await ada.watch(at('w', 100))
  const superseded = 'A better source covers the same time.'
  expect(await outcomes(ada)).toEqual({ 3000: superseded, 2000: superseded, 100: 'COUNTED' })
})
