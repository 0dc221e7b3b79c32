import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestFitness, steps } from './test-support.ts'

let fitness: Awaited<ReturnType<typeof openTestFitness>>
beforeAll(async () => {
  fitness = await openTestFitness()
})
afterAll(() => fitness.close())

const TODAY = '2026-05-20'
const admin = randomUUID()

/** Somebody whose second of two records is held. */
async function withHeld() {
  const person = fitness.person()
  await person.phone(
    steps(`${TODAY}T00:00:00Z`, 90_000, { minutes: 360 }),
    steps(`${TODAY}T07:00:00Z`, 20_000, { minutes: 120 }),
  )
  const ids = (await person.records(TODAY)).map(({ id }) => id)
  return { ...person, ids: [ids[1] ?? ''], all: ids }
}

test('a record that is held counts once it is accepted, in days and in scores', async () => {
  const ada = await withHeld()
  await ada.join({ competitionId: randomUUID() })
  expect(await ada.today()).toMatchObject({ steps: 90_000 })
  const reviewed = await fitness.review(admin, { ids: ada.ids, accept: true, reason: 'a race' })
  expect(reviewed).toMatchObject([{ outcome: 'COUNTED', reason: 'An administrator accepted it: a race' }])
  expect(await ada.today()).toMatchObject({ steps: 110_000 })
  const scores = (await fitness.published('score.computed')).filter(({ userId }) => userId === ada.id)
  expect(scores.at(-1)).toMatchObject({ score: 110_000 })
  expect(fitness.woken).toContain(ada.id)
})

test('a decision stands until a higher version comes', async () => {
  const ada = await withHeld()
  await fitness.review(admin, { ids: ada.ids, accept: true, reason: 'a race' })
  const held = (version: number) => steps(`${TODAY}T07:00:00Z`, 20_000, { minutes: 120, version })
  await ada.phone(held(1), steps(`${TODAY}T11:00:00Z`, 10, { externalId: 'more' }))
  expect(await ada.today()).toMatchObject({ steps: 110_010 })
  await ada.phone(held(2))
  expect((await ada.records(TODAY))[1]).toMatchObject({ outcome: 'QUARANTINED' })
})

test('a record that is refused does not count, until another decision', async () => {
  const ada = await withHeld()
  const refused = { outcome: 'REJECTED', reason: 'An administrator refused it: a car' }
  expect(await fitness.review(admin, { ids: ada.all, accept: false, reason: 'a car' })).toMatchObject([
    refused,
    refused,
  ])
  expect(await ada.today()).toMatchObject({ steps: 0 })
  await fitness.review(admin, { ids: ada.ids, accept: true, reason: 'no car' })
  expect(await ada.today()).toMatchObject({ steps: 20_000 })
})

test('every decision goes into the audit log', async () => {
  const ada = await withHeld()
  await fitness.review(admin, { ids: ada.ids, accept: false, reason: 'a car' })
  const entries = (await fitness.published('audit.recorded')).filter(
    ({ subjectId }) => subjectId === ada.ids[0],
  )
  expect(entries).toMatchObject([
    { actorId: admin, action: 'record.refused', details: { userId: ada.id, reason: 'a car' } },
  ])
})

test('records of several people are decided on at once', async () => {
  const [ada, bob] = [await withHeld(), await withHeld()]
  await fitness.review(admin, { ids: [...bob.ids, ...ada.ids], accept: true, reason: 'a race' })
  for (const person of [ada, bob]) expect(await person.today()).toMatchObject({ steps: 110_000 })
})

test('ids that are nobody’s are named, and then nothing is decided', async () => {
  const ada = await withHeld()
  const strange = randomUUID()
  const review = fitness.review(admin, { ids: [...ada.ids, strange, 'x'], accept: true, reason: 'a race' })
  await expect(review).rejects.toMatchObject({
    refusals: [{ code: 'NOT_FOUND', field: ['ids'], message: `There are no such records: ${strange}, x.` }],
  })
  expect(await ada.today()).toMatchObject({ steps: 90_000 })
})

test('a record that breaks a rule of its own cannot be accepted', async () => {
  const ada = fitness.person()
  await ada.phone(steps(`${TODAY}T08:00:00Z`, 5_000))
  const ids = (await ada.records(TODAY)).map(({ id }) => id)
  const review = fitness.review(admin, { ids, accept: true, reason: 'a race' })
  await expect(review).rejects.toMatchObject({ refusals: [{ code: 'CONFLICT' }] })
})

test('a decision needs records and a reason', async () => {
  const refused = (ids: string[], reason: string) => fitness.review(admin, { ids, accept: true, reason })
  await expect(refused([], 'x')).rejects.toMatchObject({ refusals: [{ field: ['ids'] }] })
  await expect(refused([randomUUID()], ' ')).rejects.toMatchObject({ refusals: [{ field: ['reason'] }] })
})
