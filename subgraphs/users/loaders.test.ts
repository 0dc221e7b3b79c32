import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Person } from '../../platform/identity.ts'
import { createCompetitorStore } from './competitor-store.ts'
import { createLoaders } from './loaders.ts'
import { createUserStore } from './store.ts'
import type { PersonRow } from './tables.ts'
import { mails, openUsersStore } from './test-support.ts'

let database: Awaited<ReturnType<typeof openUsersStore>>
beforeAll(async () => {
  database = await openUsersStore()
})
afterAll(() => database.close())

/** Loaders of a request, which count what they ask PostgreSQL. */
function open() {
  const asked = { statements: 0 }
  const db = drizzle(database.pool, { logger: { logQuery: () => void asked.statements++ } })
  return { asked, load: createLoaders(createUserStore(db, mails), createCompetitorStore(db)) }
}

const viewer = (): Person => ({
  kind: 'person',
  id: randomUUID(),
  role: 'USER',
  scopes: [],
  sessionId: randomUUID(),
})

async function signUpAs(visibility: PersonRow['profileVisibility'], count: number): Promise<PersonRow[]> {
  const people = await Promise.all(Array.from({ length: count }, () => database.signUp()))
  const users = createUserStore(database.db, mails)
  return Promise.all(people.map(({ id }) => users.updateProfile(id, { profileVisibility: visibility })))
}

test('whether profiles are shown takes one statement for however many, and none where competing does not matter', async () => {
  const competing = await signUpAs('COMPETITORS', 5)
  const others = [...(await signUpAs('PRIVATE', 1)), ...(await signUpAs('PUBLIC', 1))]
  const [near, far] = [viewer(), viewer()]
  const competitionId = randomUUID()
  for (const userId of [near.id, ...competing.slice(0, 3).map(({ id }) => id)]) {
    await createCompetitorStore(database.db).save({ userId, competitionId, version: 1 }, true)
  }
  for (const [asking, people, expected, statements] of [
    [near, [...competing, ...others], [true, true, true, false, false, false, true], 1],
    [far, [...competing, ...others], [false, false, false, false, false, false, true], 1],
    [null, [...competing, ...others], [false, false, false, false, false, false, true], 0],
    [near, others, [false, true], 0],
  ] as const) {
    const { asked, load } = open()
    const shown = people.map((person) => load.profileShown.load({ person, viewer: asking }))
    expect(await Promise.all(shown)).toEqual(expected)
    expect(asked.statements).toBe(statements)
  }
})
