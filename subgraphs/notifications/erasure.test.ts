import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'drizzle-orm'
import { createErasure } from './erasure.ts'
import { createExportNoticeStore } from './export-notice-store.ts'
import { createEmailStore } from './mails/email-store.ts'
import { noon, openStores, type Stores } from './test-support.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

const at = noon.toISOString()

/** A name as its event tells it. */
const named = (userId: string, displayName: string, version = 1) =>
  stores.projections.savePerson({ userId, displayName, version })

const erase = (userId: string) => createErasure(stores.db)({ userId, at })

const overtake = (competitionId: string, moverId: string, overtaken: string[], version = 1) =>
  stores.overtakings.tellOvertaken({ competitionId, moverId, version, overtaken }, noon)

test('a feed is gone, and nothing that still happens is told in it', async () => {
  const { competitionId, userIds } = await stores.competitionOf(2)
  const [ada = '', bob = ''] = userIds
  await stores.announce(competitionId, { cause: 'STARTED' })
  await erase(ada)
  expect(await stores.itemsOf(ada)).toEqual([])
  expect(await stores.announce(competitionId, { cause: 'CLOSED' })).not.toContain(ada)
  await overtake(competitionId, bob, [ada])
  await createExportNoticeStore(stores.db).tellReady({ exportId: randomUUID(), userId: ada, at })
  expect(await stores.itemsOf(ada)).toEqual([])
  expect(await stores.titlesOf(bob)).toEqual(['Spring Steps has started', 'Spring Steps is over'])
})

test('an announcement reaches everyone else, however many were erased', async () => {
  const { competitionId, userIds } = await stores.competitionOf(5)
  await Promise.all(userIds.slice(0, 4).map(erase))
  expect(await stores.announce(competitionId, { cause: 'STARTED' })).toContain(userIds[4])
})

test('people mark what they were told as read while who it is about, and they themselves, are erased', async () => {
  for (let round = 0; round < 5; round++) {
    const [ada, bob] = [randomUUID(), randomUUID()]
    await named(ada, 'Ada')
    await stores.db.execute(sql`insert into feeds (user_id, last_position) values (${bob}, 500)`)
    // In no order on disk, as after many changes.
    await stores.db.execute(sql`
      insert into feed_items (user_id, position, dedupe_key, category, title, body, at, about_id, mover_ids)
      select ${bob}, n, n::text, 'RANK', 'Ada overtook you', '', ${at}, ${ada}, array[${ada}::uuid]
      from generate_series(1, 500) n order by random()`)
    const read = () => stores.feed.markRead(bob, 'all', noon)
    await Promise.all([erase(ada), read(), read(), erase(bob)])
    expect(await stores.itemsOf(bob)).toEqual([])
  }
})

test('what others were told says the name no more, and how many others is kept', async () => {
  const { competitionId, userIds } = await stores.competitionOf(5)
  const [ada = '', bob = '', ...others] = userIds
  await named(ada, 'Ada')
  await overtake(competitionId, ada, [bob], 1)
  for (const [index, other] of others.slice(0, 2).entries())
    await overtake(competitionId, other, [bob], index + 2)
  await overtake(competitionId, ada, [bob], 5)
  expect(await stores.titlesOf(bob)).toContain('Ada and 1 other overtook you')
  await erase(ada)
  await erase(ada)
  expect((await stores.titlesOf(bob)).toSorted()).toEqual([
    'Someone and 1 other overtook you',
    'Someone overtook you',
    'Someone overtook you',
  ])
})

test('of an erased person others are told without a name, also where the name comes later', async () => {
  const { competitionId, userIds } = await stores.competitionOf(2)
  const [ada = '', bob = ''] = userIds
  await erase(ada)
  await named(ada, 'Ada', 7)
  await overtake(competitionId, ada, [bob])
  expect(await stores.titlesOf(bob)).toEqual(['Someone overtook you'])
  expect(await stores.projections.nameOf(ada)).toBe('Deleted account')
})

test('telling and erasing at the same time leave no name', async () => {
  const { competitionId, userIds } = await stores.competitionOf(12)
  const [ada = '', ...others] = userIds
  await named(ada, 'Ada')
  await Promise.all([
    ...others.map((other, index) => overtake(competitionId, ada, [other], index + 1)),
    erase(ada),
  ])
  const titles = await Promise.all(others.map((other) => stores.titlesOf(other)))
  expect(new Set(titles.flat())).toEqual(new Set(['Someone overtook you']))
})

test('announcing and erasing at the same time leave no feed', async () => {
  const { competitionId, userIds } = await stores.competitionOf(12)
  await Promise.all([stores.announce(competitionId, { cause: 'STARTED' }), ...userIds.map(erase)])
  expect((await Promise.all(userIds.map((id) => stores.itemsOf(id)))).flat()).toEqual([])
})

test('mails are forgotten, and none goes out any more', async () => {
  const userId = randomUUID()
  const mail = () => ({ emailId: randomUUID(), userId, kind: 'PASSWORD_CHANGED' as const })
  const emails = createEmailStore(stores.db)
  expect(await emails.begin(mail(), noon)).toBe(true)
  await erase(userId)
  expect(await emails.begin(mail(), noon)).toBe(false)
  const { rows } = await stores.pool.query('select from emails where user_id = $1', [userId])
  expect(rows).toEqual([])
})

test('that an archive is there is told once', async () => {
  const ready = { exportId: randomUUID(), userId: randomUUID(), at }
  const notices = createExportNoticeStore(stores.db)
  await Promise.all([notices.tellReady(ready), notices.tellReady(ready)])
  expect(await stores.titlesOf(ready.userId)).toEqual(['Your data is ready'])
})
