import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { encodeCursor } from '../../platform/page.ts'
import { RefusedError } from '../../platform/refusal.ts'
import { noon, openStores, type Stores } from './test-support.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

/** Someone who was told so many things: number 1 first. */
async function reader(count: number): Promise<string> {
  const userId = randomUUID()
  await stores.pool.query(
    `insert into feed_items (user_id, position, dedupe_key, category, title, body, at)
     select $1, n, n, 'COMPETITION', n, '', $2 from generate_series(1, $3::int) n`,
    [userId, noon, count],
  )
  return userId
}

const ids = async (userId: string) => (await stores.itemsOf(userId)).map(({ id }) => id)

test('a feed is read newest first, page by page', async () => {
  const userId = await reader(5)
  const titles: string[] = []
  for (let after: string | null = null, more = true; more; ) {
    const { edges, pageInfo } = await stores.feed.page(userId, { first: 2, after })
    titles.push(...edges.map(({ node }) => node.title))
    after = pageInfo.endCursor
    more = pageInfo.hasNextPage
  }
  expect(titles).toEqual(['5', '4', '3', '2', '1'])
})

test('of what is unread alone, pages and the count leave out what was read', async () => {
  const userId = await reader(4)
  await stores.feed.markRead(userId, (await ids(userId)).slice(1, 3), noon)
  const { edges } = await stores.feed.page(userId, { unreadOnly: true })
  expect(edges.map(({ node }) => node.title)).toEqual(['4', '1'])
  expect(await stores.feed.unreadCount(userId)).toBe(2)
})

test('a page has at most 100 items, and a cursor must be one of the list', async () => {
  await expect(stores.feed.page(randomUUID(), { first: 101 })).rejects.toMatchObject({
    extensions: { code: 'BAD_USER_INPUT' },
  })
  for (const after of ['nonsense', encodeCursor(['1']), encodeCursor([1e300]), encodeCursor([1.5])]) {
    await expect(stores.feed.page(randomUUID(), { after })).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    })
  }
})

test('all can be marked at once, and what was read before keeps its time', async () => {
  const userId = await reader(2)
  const [first = ''] = await ids(userId)
  await stores.feed.markRead(userId, [first, first], noon)
  await stores.feed.markRead(userId, 'all', new Date('2026-05-02T00:00:00Z'))
  expect((await stores.itemsOf(userId)).map(({ readAt }) => readAt?.toISOString())).toEqual([
    '2026-05-01T12:00:00.000Z',
    '2026-05-02T00:00:00.000Z',
  ])
})

test('no ids mark none', async () => {
  const userId = await reader(1)
  await stores.feed.markRead(userId, [], noon)
  expect(await stores.feed.unreadCount(userId)).toBe(1)
})

test('an unknown id, a stranger’s and a malformed one are each refused by name, and nothing is marked', async () => {
  const userId = await reader(1)
  const [own = ''] = await ids(userId)
  const [strangers = ''] = await ids(await reader(1))
  const unknown = randomUUID()
  const refused = await stores.feed
    .markRead(userId, [own, unknown, strangers, 'malformed'], noon)
    .catch((e) => e)
  expect(refused).toBeInstanceOf(RefusedError)
  expect(refused.refusals).toMatchObject([
    { code: 'NOT_FOUND', field: ['ids', '1'], message: expect.stringContaining(unknown) },
    { code: 'NOT_FOUND', field: ['ids', '2'], message: expect.stringContaining(strangers) },
    { code: 'NOT_FOUND', field: ['ids', '3'], message: expect.stringContaining('malformed') },
  ])
  expect(await stores.feed.unreadCount(userId)).toBe(1)
})

test('more ids than a feed has items are refused as such', async () => {
  const many = Array.from({ length: 1_001 }, () => randomUUID())
  await expect(stores.feed.markRead(randomUUID(), many, noon)).rejects.toMatchObject({
    refusals: [{ code: 'INVALID_INPUT', field: ['ids'] }],
  })
})

test('marking the same items at once from many sides ends well', async () => {
  const userId = await reader(50)
  const all = await ids(userId)
  await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      stores.feed.markRead(userId, index % 2 ? all : all.toReversed(), noon),
    ),
  )
  expect(await stores.feed.unreadCount(userId)).toBe(0)
})
