import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { NotYetError } from '../../platform/events.ts'
import { openTestFitness, steps } from './test-support.ts'

let fitness: Awaited<ReturnType<typeof openTestFitness>>
beforeAll(async () => {
  fitness = await openTestFitness()
})
afterAll(() => fitness.close())

let competitionId: string
beforeEach(() => {
  competitionId = randomUUID()
})

const TODAY = '2026-05-20'

/** What the leaderboard would apply last, by person. */
async function scores() {
  const published = await fitness.published('score.computed')
  const ours = published.filter((score) => score.competitionId === competitionId)
  return Object.fromEntries(
    ours.map(({ userId, score, achievedAt, version }) => [userId, { score, achievedAt, version }]),
  )
}

test('a sync scores the competitions whose window and metric it touches', async () => {
  const ada = fitness.person()
  await ada.join({ competitionId })
  await ada.phone(steps('2026-05-19T23:45:00Z', 100), steps(`${TODAY}T08:00:00Z`, 500))
  await ada.phone(steps(`${TODAY}T09:00:00Z`, 700, { metric: 'DISTANCE' }), steps('2026-05-19T08:00:00Z', 50))
  expect(await scores()).toEqual({
    [ada.id]: { score: 500, achievedAt: `${TODAY}T08:15:00.000Z`, version: 1 },
  })
})

test('of a record that goes on beyond the window only what is inside counts', async () => {
  const ada = fitness.person()
  await ada.join({ competitionId, startsAt: `${TODAY}T08:00:00.000Z`, endsAt: `${TODAY}T09:00:00.000Z` })
  await ada.phone(steps(`${TODAY}T07:30:00Z`, 1_200, { minutes: 120 }))
  expect(await scores()).toMatchObject({ [ada.id]: { score: 600, achievedAt: `${TODAY}T09:00:00.000Z` } })
})

test('the newest score replaces one that still waits, and one that stays the same is not told', async () => {
  const ada = fitness.person()
  await ada.join({ competitionId })
  await ada.phone(steps(`${TODAY}T08:00:00Z`, 500))
  await ada.phone(steps(`${TODAY}T09:00:00Z`, 200))
  await ada.phone(steps(`${TODAY}T08:00:00Z`, 500, { version: 2 }))
  const waiting = (await fitness.published('score.computed')).filter(({ userId }) => userId === ada.id)
  expect(waiting).toMatchObject([{ score: 700, version: 2 }])
})

test('who has done nothing has no score, whatever a device says', async () => {
  const ada = fitness.person()
  await ada.join({ competitionId })
  await ada.phone(steps(`${TODAY}T08:00:00Z`, 0))
  expect(await scores()).toEqual({})
  await ada.phone(steps(`${TODAY}T08:00:00Z`, 500, { version: 2 }))
  await ada.send({ deleted: [steps(`${TODAY}T08:00:00Z`, 0).externalId] })
  expect(await scores()).toEqual({ [ada.id]: { score: null, achievedAt: null, version: 2 } })
})

test('what was entered by hand counts where the competition says so', async () => {
  const ada = fitness.person()
  const strict = randomUUID()
  await ada.join({ competitionId })
  await ada.join({ competitionId: strict, countsManual: false })
  const walk = steps(`${TODAY}T08:00:00Z`, 500, { recordingMethod: 'MANUAL' })
  await ada.phone(walk)
  expect(await scores()).toMatchObject({ [ada.id]: { score: 500 } })
  competitionId = strict
  expect(await scores()).toEqual({})
})

test('who joins late is scored on the past', async () => {
  const ada = fitness.person()
  await ada.phone(steps(`${TODAY}T08:00:00Z`, 500))
  await ada.join({ competitionId })
  expect(await scores()).toMatchObject({ [ada.id]: { score: 500, version: 1 } })
})

test('who leaves has no score, and has it again after joining again', async () => {
  const ada = fitness.person()
  await ada.join({ competitionId })
  await ada.phone(steps(`${TODAY}T08:00:00Z`, 500))
  await ada.leave({ competitionId }, 2)
  expect(await scores()).toEqual({ [ada.id]: { score: null, achievedAt: null, version: 2 } })
  await ada.phone(steps(`${TODAY}T09:00:00Z`, 200))
  expect(await scores()).toMatchObject({ [ada.id]: { version: 2 } })
  await ada.join({ competitionId }, 3)
  expect(await scores()).toMatchObject({ [ada.id]: { score: 700, version: 3 } })
})

test('an older event about a participation, or the same again, changes nothing', async () => {
  const ada = fitness.person()
  await ada.phone(steps(`${TODAY}T08:00:00Z`, 500))
  await ada.leave({ competitionId }, 2)
  await ada.join({ competitionId }, 1)
  expect(await scores()).toEqual({})
  await ada.join({ competitionId }, 3)
  await ada.join({ competitionId }, 3)
  expect(await scores()).toMatchObject({ [ada.id]: { score: 500, version: 1 } })
})

test('a competition is sealed once every participation has come, with the sum of score versions', async () => {
  const [ada, bob] = [fitness.person(), fitness.person()]
  await ada.join({ competitionId })
  await ada.phone(steps(`${TODAY}T08:00:00Z`, 500))
  await ada.phone(steps(`${TODAY}T09:00:00Z`, 200))
  await expect(fitness.enrolments.seal(competitionId, 3)).rejects.toThrow(NotYetError)
  await bob.leave({ competitionId }, 2)
  await fitness.enrolments.seal(competitionId, 3)
  await fitness.enrolments.seal(competitionId, 3)
  const sealed = await fitness.published('scores.sealed')
  expect(sealed.filter((event) => event.competitionId === competitionId)).toEqual([
    { competitionId, scoreVersions: 2 },
  ])
})

test('a sealed score stays, while syncs go on being recorded', async () => {
  const ada = fitness.person()
  await ada.join({ competitionId })
  await ada.phone(steps(`${TODAY}T08:00:00Z`, 500))
  await fitness.enrolments.seal(competitionId, 1)
  await ada.phone(steps(`${TODAY}T09:00:00Z`, 200))
  await ada.leave({ competitionId }, 2)
  expect(await scores()).toMatchObject({ [ada.id]: { score: 500, version: 1 } })
  expect(await ada.today()).toMatchObject({ steps: 700 })
})

test('a competition that was called off scores nobody, not even who joins it late', async () => {
  const [ada, bob] = [fitness.person(), fitness.person()]
  await ada.join({ competitionId })
  await fitness.enrolments.abandon(competitionId)
  for (const person of [ada, bob]) await person.phone(steps(`${TODAY}T08:00:00Z`, 500))
  await bob.join({ competitionId })
  expect(await scores()).toEqual({})
})

test('joining at the same time as syncing misses nothing', async () => {
  const people = Array.from({ length: 10 }, () => fitness.person())
  await Promise.all(
    people.flatMap((person) => [
      person.phone(steps(`${TODAY}T08:00:00Z`, 500)),
      person.join({ competitionId }),
    ]),
  )
  const published = await scores()
  for (const { id } of people) expect(published[id]).toMatchObject({ score: 500 })
})

test('no score is computed after the sum of versions was', async () => {
  const people = Array.from({ length: 8 }, () => fitness.person())
  for (const person of people) await person.join({ competitionId })
  const syncs = people.flatMap((person) =>
    [0, 1, 2, 3].map((hour) => person.phone(steps(`${TODAY}T0${hour}:00:00Z`, 100))),
  )
  const seals = [1, 2, 3].map(() => fitness.enrolments.seal(competitionId, people.length))
  await Promise.all([...syncs.slice(0, 16), ...seals, ...syncs.slice(16)])
  const versions = Object.values(await scores()).reduce((sum, { version }) => sum + version, 0)
  const [sealed] = (await fitness.published('scores.sealed')).filter((e) => e.competitionId === competitionId)
  expect(sealed?.scoreVersions).toBe(versions)
})
