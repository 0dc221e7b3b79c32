import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { NotYetError } from '../../platform/events.ts'
import { createAnnouncementStore } from './announcement-store.ts'
import { FEED_LIMIT } from './append-items.ts'
import { noon, openStores, type Stores } from './test-support.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

test('the organizer and everyone taking part are told once, however often the event comes', async () => {
  const { competitionId, organizerId, userIds } = await stores.competitionOf(2)
  await stores.join(competitionId, organizerId)
  const told = await stores.announce(competitionId, { cause: 'STARTED' })
  expect(told.sort()).toEqual([organizerId, ...userIds].sort())
  expect(await stores.announce(competitionId, { cause: 'STARTED' })).toEqual([])
  for (const userId of told) expect(await stores.titlesOf(userId)).toEqual(['Spring Steps has started'])
})

test('the same announcement twice at once tells everyone once', async () => {
  const { competitionId, userIds } = await stores.competitionOf(20)
  await Promise.all([1, 2, 3].map(() => stores.announce(competitionId, { cause: 'CLOSED' })))
  for (const userId of userIds) expect(await stores.titlesOf(userId)).toHaveLength(1)
})

test('who left is not told', async () => {
  const { competitionId, userIds } = await stores.competitionOf(1)
  await stores.leave(competitionId, userIds[0] ?? '')
  await stores.announce(competitionId, { cause: 'CANCELLED', reason: 'Floods.' })
  expect(await stores.itemsOf(userIds[0] ?? '')).toEqual([])
})

test('an older event about a participation changes nothing', async () => {
  const { competitionId } = await stores.competitionOf(0)
  const userId = randomUUID()
  await stores.leave(competitionId, userId, 2)
  await stores.join(competitionId, userId, 1)
  await stores.announce(competitionId, { cause: 'STARTED' })
  expect(await stores.itemsOf(userId)).toEqual([])
})

test('an announcement waits for the competition to be known, even if a rename is', async () => {
  const competitionId = randomUUID()
  await stores.projections.saveName({ competitionId, name: 'Renamed', version: 2 })
  await expect(stores.announce(competitionId, { cause: 'STARTED' })).rejects.toThrow(NotYetError)

  const organizerId = randomUUID()
  await stores.projections.saveOpened({ competitionId, name: 'Opened', organizerId })
  await stores.announce(competitionId, { cause: 'STARTED' })
  expect(await stores.titlesOf(organizerId)).toEqual(['Renamed has started'])
})

test('what was told stays as it was written', async () => {
  const { competitionId, userIds } = await stores.competitionOf(1)
  await stores.announce(competitionId, { cause: 'STARTED' })
  await stores.projections.saveName({ competitionId, name: 'Summer Steps', version: 2 })
  await stores.projections.saveName({ competitionId, name: 'Stale Steps', version: 1 })
  await stores.announce(competitionId, { cause: 'CLOSED' })
  expect(await stores.titlesOf(userIds[0] ?? '')).toEqual([
    'Spring Steps has started',
    'Summer Steps is over',
  ])
})

test('someone whose joining becomes known after the end is told of the end, as it was written', async () => {
  const { competitionId } = await stores.competitionOf(0)
  await stores.announce(competitionId, { cause: 'STARTED' })
  const later = new Date(noon.getTime() + 3_600_000)
  await stores.announce(competitionId, { cause: 'CLOSED' }, later)
  await stores.projections.saveName({ competitionId, name: 'Renamed', version: 2 })

  const userId = randomUUID()
  await stores.join(competitionId, userId, 1, later)
  await stores.join(competitionId, userId, 1, later)
  expect(await stores.titlesOf(userId)).toEqual(['Spring Steps is over'])
})

test('someone who joins minutes after the start is told of it, someone who joins hours after is not', async () => {
  const { competitionId } = await stores.competitionOf(0)
  await stores.announce(competitionId, { cause: 'STARTED' })
  const [soon, late] = [randomUUID(), randomUUID()]
  await stores.join(competitionId, soon, 1, new Date(noon.getTime() + 60_000))
  await stores.join(competitionId, late, 1, new Date(noon.getTime() + 3_600_000))
  expect(await stores.titlesOf(soon)).toEqual(['Spring Steps has started'])
  expect(await stores.titlesOf(late)).toEqual([])
})

test('who is joining while the end is told is waited for, and told', async () => {
  const { competitionId } = await stores.competitionOf(0)
  const userId = randomUUID()
  let announced = Promise.resolve<string[]>([])
  await stores.db.transaction(async (tx) => {
    await createAnnouncementStore(tx).saveParticipation({ competitionId, userId, version: 1 }, true, noon)
    announced = stores.announce(competitionId, { cause: 'CLOSED' })
    await Promise.race([announced, untilSomethingWaits()])
  })
  await announced
  expect(await stores.titlesOf(userId)).toEqual(['Spring Steps is over'])
})

/** Until a transaction of this database waits for the lock of another. */
async function untilSomethingWaits(): Promise<void> {
  for (let waits = false; !waits; ) {
    const { rowCount } = await stores.pool.query(
      `select from pg_locks where not granted and locktype = 'advisory'
       and database = (select oid from pg_database where datname = current_database())`,
    )
    waits = rowCount !== 0
  }
}

test('of those who join at the same time as the end is told, each is told', async () => {
  const { competitionId } = await stores.competitionOf(0)
  const userIds = Array.from({ length: 40 }, () => randomUUID())
  await Promise.all([
    ...userIds.slice(0, 20).map((userId) => stores.join(competitionId, userId)),
    stores.announce(competitionId, { cause: 'CLOSED' }),
    ...userIds.slice(20).map((userId) => stores.join(competitionId, userId)),
  ])
  for (const userId of userIds) expect(await stores.titlesOf(userId)).toEqual(['Spring Steps is over'])
})

test('events in any order, twice each, leave the same feeds', async () => {
  const names = ['opened', 'joined', 'left', 'started', 'closed', 'completed'] as const
  const order = fc.shuffledSubarray([...names, ...names], { minLength: 12, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(order, async (events) => {
      const competitionId = randomUUID()
      const [organizerId, ada, grace] = [randomUUID(), randomUUID(), randomUUID()]
      await stores.join(competitionId, grace)
      const handle = {
        opened: () => stores.projections.saveOpened({ competitionId, organizerId, name: 'Spring Steps' }),
        joined: () => stores.join(competitionId, ada),
        left: () => stores.leave(competitionId, grace),
        started: () => stores.announce(competitionId, { cause: 'STARTED' }),
        closed: () => stores.announce(competitionId, { cause: 'CLOSED' }),
        completed: () => stores.announce(competitionId, { cause: 'COMPLETED' }),
      }
      // What comes too early is tried again, as the queue does.
      for (let waiting: (typeof names)[number][] = events; waiting.length > 0; ) {
        const early: typeof waiting = []
        for (const event of waiting) {
          await handle[event]().catch((error: unknown) => {
            if (!(error instanceof NotYetError)) throw error
            early.push(event)
          })
        }
        waiting = early
      }
      const all = [
        'Spring Steps has started',
        'Spring Steps is over',
        'Spring Steps: the standings are final',
      ]
      expect((await stores.titlesOf(organizerId)).sort()).toEqual(all)
      expect((await stores.titlesOf(ada)).sort()).toEqual(all)
    }),
    { numRuns: 20 },
  )
})

test('a feed has positions without gaps, in the order of their commits', async () => {
  const competitions = await Promise.all(Array.from({ length: 12 }, () => stores.competitionOf(0)))
  const userId = randomUUID()
  for (const { competitionId } of competitions) await stores.join(competitionId, userId)
  await Promise.all(
    competitions.map(({ competitionId }) => stores.announce(competitionId, { cause: 'STARTED' })),
  )
  const positions = (await stores.itemsOf(userId)).map(({ position }) => position)
  expect(positions).toEqual(Array.from({ length: 12 }, (_, index) => index + 1))
})

test('a competition of 25,000 people is told page by page, each page one statement', async () => {
  const { competitionId } = await stores.competitionOf(0)
  await stores.pool.query(
    'insert into participants select $1, gen_random_uuid(), 1, true from generate_series(1, 25000)',
    [competitionId],
  )
  const pages: number[] = []
  for await (const told of stores.announcements.announce(competitionId, { cause: 'CLOSED' }, noon)) {
    pages.push(told.length)
  }
  expect(pages).toEqual([10_000, 10_000, 5_001])
})

test('a feed keeps its newest items', async () => {
  const { competitionId, userIds } = await stores.competitionOf(1)
  await stores.pool.query(
    `insert into feed_items (user_id, position, dedupe_key, category, title, body, at)
     select $1, n, n, 'RANK', n, '', now() from generate_series(1, ${FEED_LIMIT}) n`,
    [userIds[0]],
  )
  await stores.pool.query('insert into feeds values ($1, $2)', [userIds[0], FEED_LIMIT])
  await stores.announce(competitionId, { cause: 'STARTED' })
  const items = await stores.itemsOf(userIds[0] ?? '')
  expect(items).toHaveLength(FEED_LIMIT)
  expect([items[0]?.title, items.at(-1)?.title]).toEqual(['2', 'Spring Steps has started'])
})
