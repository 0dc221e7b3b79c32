import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createCompetitorStore } from './competitor-store.ts'
import { openUsersStore } from './test-support.ts'

let database: Awaited<ReturnType<typeof openUsersStore>>
beforeAll(async () => {
  database = await openUsersStore()
})
afterAll(() => database.close())

const competitors = () => createCompetitorStore(database.db)
const join = (userId: string, competitionId: string, version = 1) =>
  competitors().save({ userId, competitionId, version }, true)
const leave = (userId: string, competitionId: string, version = 2) =>
  competitors().save({ userId, competitionId, version }, false)

test('two are together in a competition while both are in it', async () => {
  const [ada, bea, cleo] = [randomUUID(), randomUUID(), randomUUID()]
  const [race, walk] = [randomUUID(), randomUUID()]
  for (const person of [ada, bea]) await join(person, race)
  for (const person of [ada, bea]) await join(person, walk)
  await join(cleo, randomUUID())
  expect(await competitors().among([bea, cleo, randomUUID()], ada)).toEqual(new Set([bea]))
  await leave(bea, race)
  expect(await competitors().among([bea], ada)).toEqual(new Set([bea]))
  await leave(ada, walk)
  expect(await competitors().among([bea], ada)).toEqual(new Set())
  expect(await competitors().among([ada], bea)).toEqual(new Set())
})

test('what comes twice, late or out of order leaves the newest', async () => {
  const [ada, bea, race] = [randomUUID(), randomUUID(), randomUUID()]
  await join(ada, race)
  await leave(bea, race, 2)
  await join(bea, race, 1)
  expect(await competitors().among([bea], ada)).toEqual(new Set())
  await join(bea, race, 3)
  await leave(bea, race, 2)
  await join(bea, race, 3)
  expect(await competitors().among([bea], ada)).toEqual(new Set([bea]))
})
