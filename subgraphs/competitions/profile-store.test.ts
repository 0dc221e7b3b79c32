import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Profile } from '../../platform/profile-visibility.ts'
import { createErasure } from './erasure.ts'
import { openTestSubgraph } from './subgraph-test-support.ts'
import { someone } from './test-support.ts'

let subgraph: Awaited<ReturnType<typeof openTestSubgraph>>
let stores: (typeof subgraph)['stores']
beforeAll(async () => {
  subgraph = await openTestSubgraph()
  stores = subgraph.stores
})
beforeEach(() => stores.setTime(-1))
afterAll(() => subgraph.close())

const organizer = someone()

const tell = (userId: string, visibility: Profile['visibility'], version = 1) =>
  stores.profiles.save({ userId, visibility, mayInvite: false, version })

/** How many competitions of a person this caller gets; null where they are hidden. */
async function seen(caller: Parameters<typeof subgraph.entities>[0], userId: string): Promise<number | null> {
  const [user] = await subgraph.entities(caller, 'User', [userId], 'competitions { totalCount }')
  return user.competitions?.totalCount ?? null
}

test('a person’s competitions are shown to whom their profile is', async () => {
  const [ada, rival, stranger, admin] = [someone(), someone(), someone(), someone(['users:admin'])]
  const { id } = await stores.open(organizer)
  for (const person of [ada, rival]) await stores.participations.join(person, id, null)
  const callers = [null, stranger, rival, ada, admin]
  for (const [version, visibility, expected] of [
    [1, 'PUBLIC', [1, 1, 1, 1, 1]],
    [2, 'COMPETITORS', [null, null, 1, 1, 1]],
    [3, 'PRIVATE', [null, null, null, 1, 1]],
  ] as const) {
    await tell(ada.id, visibility, version)
    expect(await Promise.all(callers.map((caller) => seen(caller, ada.id)))).toEqual(expected)
  }
  await tell(ada.id, 'PUBLIC', 2)
  expect(await seen(stranger, ada.id)).toBeNull()
})

test('of a person of whom nothing came yet they are shown', async () => {
  expect(await seen(null, randomUUID())).toBe(0)
})

test('who left does not compete, and who was in it at its end still does', async () => {
  const [ada, left, rival] = [someone(), someone(), someone()]
  const { id } = await stores.open(organizer)
  for (const person of [ada, left, rival]) await stores.participations.join(person, id, null)
  await stores.participations.leave(left, id)
  await tell(ada.id, 'COMPETITORS')
  stores.setTime(9)
  expect(await Promise.all([left, rival].map((caller) => seen(caller, ada.id)))).toEqual([null, 1])
})

test('a program that may not read its owner’s account is a stranger to the owner, too', async () => {
  const ada = someone()
  await tell(ada.id, 'PRIVATE')
  expect(await seen({ ...ada, isProgram: true, scopes: [] }, ada.id)).toBeNull()
  expect(await seen({ ...ada, isProgram: true, scopes: ['account:read'] }, ada.id)).toBe(0)
})

test('of who was erased nothing is shown, whatever still comes', async () => {
  const ada = someone()
  await createErasure(stores.database.db, stores.now)({ userId: ada.id, at: stores.now().toISOString() })
  await tell(ada.id, 'PUBLIC', 9)
  expect(await seen(someone(), ada.id)).toBeNull()
})
