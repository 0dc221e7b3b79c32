import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { NotYetError } from '../../platform/events.ts'
import { noon, openStores, type Stores } from './test-support.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

async function person(displayName: string): Promise<string> {
  const userId = randomUUID()
  await stores.projections.savePerson({ userId, displayName, version: 1 })
  return userId
}

/** A competition with one person in it, and a way for others to pass them. */
async function race() {
  const { competitionId, userIds } = await stores.competitionOf(1)
  const userId = userIds[0] ?? ''
  let version = 0
  return {
    competitionId,
    userId,
    pass: (moverId: string, now = noon) =>
      stores.overtakings.tellOvertaken(
        { competitionId, moverId, version: ++version, overtaken: [userId] },
        now,
      ),
  }
}

test('who was overtaken is told by whom and where', async () => {
  const ada = await person('Ada')
  const { competitionId, userId, pass } = await race()
  expect(await pass(ada)).toEqual([userId])
  expect(await stores.itemsOf(userId)).toMatchObject([
    {
      category: 'RANK',
      title: 'Ada overtook you',
      body: 'You were passed in Spring Steps. Sync to see if you are ahead again.',
      competitionId,
      aboutId: ada,
      readAt: null,
    },
  ])
})

test('a fourth and a fifth time of a day go into the third item, which comes up with its new text', async () => {
  const people = await Promise.all(['Ada', 'Grace', 'Hedy', 'Mary', 'Rosa'].map(person))
  const { userId, pass } = await race()
  const told: string[][] = []
  for (const mover of people) told.push(await pass(mover))
  expect(told).toEqual([[userId], [userId], [userId], [], []])
  expect(await stores.titlesOf(userId)).toEqual([
    'Ada overtook you',
    'Grace overtook you',
    'Rosa and 2 others overtook you',
  ])
  expect((await stores.itemsOf(userId)).at(-1)).toMatchObject({ aboutId: people[4], position: 3 })
})

test('once the third of a day was read nothing more is told until the next, in UTC', async () => {
  const ada = await person('Ada')
  const { userId, pass } = await race()
  for (let time = 1; time <= 3; time++) await pass(ada)
  await stores.feed.markRead(userId, 'all', noon)
  await pass(ada, new Date('2026-05-01T23:59:59Z'))
  expect(await stores.itemsOf(userId)).toHaveLength(3)
  await pass(ada, new Date('2026-05-02T00:00:00Z'))
  expect(await stores.itemsOf(userId)).toHaveLength(4)
})

test('each competition has its own three', async () => {
  const ada = await person('Ada')
  const { userId, pass } = await race()
  const other = await stores.competitionOf(0)
  await stores.join(other.competitionId, userId)
  for (let time = 1; time <= 4; time++) await pass(ada)
  await stores.overtakings.tellOvertaken(
    { competitionId: other.competitionId, moverId: ada, version: 1, overtaken: [userId] },
    noon,
  )
  expect(await stores.itemsOf(userId)).toHaveLength(4)
})

test.each([1, 4, 5])('event %i that comes again changes nothing', async (again) => {
  const { competitionId, userId } = await race()
  const movers = await Promise.all(['Ada', 'Grace', 'Hedy', 'Mary', 'Rosa'].map(person))
  const event = (number: number) =>
    stores.overtakings.tellOvertaken(
      { competitionId, moverId: movers[number - 1] ?? '', version: number, overtaken: [userId] },
      noon,
    )
  for (const number of [1, 2, 3, 4, 5]) {
    if (number === 5) await stores.feed.markRead(userId, 'all', noon)
    await event(number)
  }
  const before = await stores.itemsOf(userId)
  expect(await event(again)).toEqual([])
  expect(await stores.itemsOf(userId)).toEqual(before)
})

test('the same event many times at once tells once, and different ones at once keep to three', async () => {
  const people = await Promise.all(['Ada', 'Grace', 'Hedy', 'Mary'].map(person))
  const { competitionId, userIds } = await stores.competitionOf(20)
  const events = people.flatMap((moverId, index) => {
    const overtaken = index % 2 ? userIds : userIds.toReversed()
    return Array.from({ length: 3 }, () => ({ competitionId, moverId, version: 1, overtaken }))
  })
  await Promise.all(events.map((event) => stores.overtakings.tellOvertaken(event, noon)))
  for (const userId of userIds) {
    const titles = await stores.titlesOf(userId)
    expect(titles).toHaveLength(3)
    expect(titles.at(-1)).toMatch(/ and 1 other overtook you$/)
  }
})

test('nobody is told of themselves, and nobody who left', async () => {
  const { competitionId, userIds } = await stores.competitionOf(3)
  const [mover = '', leaver = '', stayer = ''] = userIds
  await stores.leave(competitionId, leaver)
  const event = { competitionId, moverId: mover, version: 1, overtaken: userIds }
  expect(await stores.overtakings.tellOvertaken(event, noon)).toEqual([stayer])
})

test('someone of whom it is not known that they joined is waited for, and then told', async () => {
  const { competitionId } = await stores.competitionOf(0)
  const userId = randomUUID()
  const event = { competitionId, moverId: randomUUID(), version: 1, overtaken: [userId] }
  await expect(stores.overtakings.tellOvertaken(event, noon)).rejects.toThrow(NotYetError)
  await stores.join(competitionId, userId)
  expect(await stores.overtakings.tellOvertaken(event, noon)).toEqual([userId])
})

test('names that are not known yet do not keep anyone from being told', async () => {
  const [competitionId, userId] = [randomUUID(), randomUUID()]
  await stores.join(competitionId, userId)
  const event = { competitionId, moverId: randomUUID(), version: 1, overtaken: [userId] }
  await stores.overtakings.tellOvertaken(event, noon)
  expect(await stores.titlesOf(userId)).toEqual(['Someone overtook you'])
})

test('events that cannot come again are forgotten', async () => {
  const count = async (competitionId: string) => {
    const { rows } = await stores.pool.query(
      'select count(*) as count from overtakings where competition_id = $1',
      [competitionId],
    )
    return rows[0].count
  }
  const { competitionId, pass } = await race()
  await pass(randomUUID())
  await pass(randomUUID())
  const later = new Date(noon.getTime() + 8 * 24 * 3_600_000)
  await pass(randomUUID(), later)
  expect(await count(competitionId)).toBe(1)
})

test('a person goes by the newest name', async () => {
  const ada = await person('Ada')
  await stores.projections.savePerson({ userId: ada, displayName: 'Ada L.', version: 3 })
  await stores.projections.savePerson({ userId: ada, displayName: 'Ada K.', version: 2 })
  const { userId, pass } = await race()
  await pass(ada)
  expect(await stores.titlesOf(userId)).toEqual(['Ada L. overtook you'])
})
