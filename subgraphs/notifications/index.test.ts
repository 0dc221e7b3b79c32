import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { type ExecutionResult, graphql, parse, subscribe } from 'graphql'
import type { EventHandlers } from '../../platform/events.ts'
import type { Identity } from '../../platform/identity.ts'
import { type OpenRedis, openRedis } from '../../platform/redis.ts'
import type { Resources } from '../../platform/resources.ts'
import type { Subgraph } from '../../platform/subgraph.ts'
import { openTestStore, silent, type TestStore, testPrefix, testRedisUrl } from '../../test/support/stores.ts'
import { openNotifications } from './index.ts'
import { noon } from './test-support.ts'

type Notification = { id: string; title: string }
type Stream = AsyncIterableIterator<ExecutionResult<{ notificationReceived: Notification }>>

const prefix = testPrefix()
let store: TestStore
let opened: { redis: OpenRedis; subgraph: Subgraph }[] = []
let streams: Stream[] = []
let notifications: Subgraph
beforeAll(async () => {
  store = await openTestStore('notifications')
  notifications = await open()
})
afterEach(async () => {
  await Promise.all(streams.map((stream) => stream.return?.()))
  streams = []
})
afterAll(async () => {
  for (const { redis, subgraph } of opened) {
    await subgraph.close()
    redis.close()
  }
  await store.close()
})

/** A process of the subgraph: each has connections to Redis of its own. */
async function open(): Promise<Subgraph> {
  const redis = openRedis({ urls: [testRedisUrl()], prefix, logger: silent })
  await new Promise((resolve) => redis.commands.once('ready', resolve))
  // The rest of the configuration is not looked at here.
  const resources = { db: store.db, redis, logger: silent, now: () => noon } as Resources
  const subgraph = await openNotifications(resources)
  opened = [...opened, { redis, subgraph }]
  return subgraph
}

const person = (id: string): Identity => ({
  kind: 'person',
  id,
  role: 'USER',
  scopes: [],
  sessionId: 'session',
})

async function send<Data>(identity: Identity, source: string, variableValues = {}): Promise<Data> {
  const contextValue = notifications.contextOf({ identity, requestId: 'request' })
  const { data, errors } = await graphql({
    schema: notifications.schema,
    source,
    variableValues,
    contextValue,
  })
  if (errors) throw errors[0]
  // What the query asked for is what came.
  return data as Data
}

async function listen(
  userId: string,
  after: string | null = null,
  subgraph = notifications,
): Promise<Stream> {
  const stream = await subscribe({
    schema: subgraph.schema,
    document: parse('subscription ($after: ID) { notificationReceived(after: $after) { id title } }'),
    variableValues: { after },
    contextValue: subgraph.contextOf({ identity: person(userId), requestId: 'request' }),
  })
  if (!(Symbol.asyncIterator in stream)) throw stream.errors?.[0]
  streams = [...streams, stream as Stream]
  return stream as Stream
}

async function next(stream: Stream): Promise<Notification> {
  const { value } = await stream.next()
  return value.data.notificationReceived
}

const handle: Required<EventHandlers> = new Proxy({} as Required<EventHandlers>, {
  get: (_, name) => notifications.handlers[name as keyof EventHandlers],
})

/** A competition that this person organizes; every one of its announcements is an item. */
async function competitionOf(organizerId: string, name = 'Spring Steps'): Promise<string> {
  const competitionId = randomUUID()
  await handle['competition.opened']({
    competitionId,
    name,
    organizerId,
    metric: 'STEPS',
    visibility: 'PUBLIC',
    startsAt: noon.toISOString(),
    endsAt: noon.toISOString(),
  })
  return competitionId
}

async function tell(userId: string, name: string): Promise<void> {
  await handle['competition.started']({ competitionId: await competitionOf(userId, name) })
}

test('a person reads their feed as an entity, with what it is about', async () => {
  const [userId, moverId] = [randomUUID(), randomUUID()]
  const competitionId = await competitionOf(randomUUID())
  const times = { startsAt: noon.toISOString(), endsAt: noon.toISOString() }
  await handle['user.joined']({ userId: moverId, displayName: 'Ada', timeZone: 'UTC', version: 1 })
  await handle['participant.joined']({
    competitionId,
    userId,
    version: 1,
    metric: 'STEPS',
    countsManual: true,
    ...times,
  })
  await handle['competition.started']({ competitionId })
  await handle['standing.changed']({ competitionId, userId: moverId, version: 1, overtaken: [userId] })
  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      ... on Viewer {
        unreadNotificationCount
        notifications { edges { node { category title at readAt competition { id } user { id } } } }
      }
    }
  }`
  const representations = [{ __typename: 'Viewer', id: userId }]
  expect(await send(person(userId), query, { representations })).toEqual({
    _entities: [
      {
        unreadNotificationCount: 2,
        notifications: {
          edges: [
            {
              node: {
                category: 'RANK',
                title: 'Ada overtook you',
                at: noon.toISOString(),
                readAt: null,
                competition: { id: competitionId },
                user: { id: moverId },
              },
            },
            {
              node: {
                category: 'COMPETITION',
                title: 'Spring Steps has started',
                at: noon.toISOString(),
                readAt: null,
                competition: { id: competitionId },
                user: null,
              },
            },
          ],
        },
      },
    ],
  })
  expect(await send(person(randomUUID()), query, { representations })).toEqual({ _entities: [null] })
})

const MARK = `mutation ($ids: [ID!]) {
  markNotificationsRead(ids: $ids) { viewer { unreadNotificationCount } userErrors { code field } }
}`

test('marking as read answers with the count that is left', async () => {
  const userId = randomUUID()
  await tell(userId, 'Spring Steps')
  const left = { viewer: { unreadNotificationCount: 0 }, userErrors: [] }
  expect(await send(person(userId), MARK)).toEqual({ markNotificationsRead: left })
})

test('an id that is not the caller’s is a userError', async () => {
  expect(await send(person(randomUUID()), MARK, { ids: [randomUUID()] })).toEqual({
    markNotificationsRead: { viewer: null, userErrors: [{ code: 'NOT_FOUND', field: ['ids', '0'] }] },
  })
})

test('nobody who is not signed in marks or listens', async () => {
  await expect(send({ kind: 'anonymous' }, MARK)).rejects.toMatchObject({
    extensions: { code: 'UNAUTHENTICATED' },
  })
})

test('a stream brings what comes, to its own person alone, from whichever process', async () => {
  const elsewhere = await open()
  const [ada, grace] = [randomUUID(), randomUUID()]
  await tell(ada, 'Before')
  const stream = await listen(ada, null, elsewhere)
  const received = next(stream)
  await tell(grace, 'Not hers')
  await tell(ada, 'Spring Steps')
  expect((await received).title).toBe('Spring Steps has started')
})

test('a stream begins after the item named, oldest first', async () => {
  const userId = randomUUID()
  for (const name of ['One', 'Two', 'Three']) await tell(userId, name)
  const replay = await listen(userId, (await newest(userId, 3))[2]?.id)
  expect([(await next(replay)).title, (await next(replay)).title]).toEqual([
    'Two has started',
    'Three has started',
  ])
})

test.each([
  ['unknown', async () => randomUUID()],
  ['malformed', async () => 'malformed'],
  [
    'a stranger’s',
    async () => {
      const stranger = randomUUID()
      await tell(stranger, 'Spring Steps')
      return (await newest(stranger, 1))[0]?.id
    },
  ],
])('a stream cannot begin after an item that is %s', async (_, after) => {
  await expect(listen(randomUUID(), await after())).rejects.toMatchObject({
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

test('a reader who reconnects again and again while things happen gets each once and in order', async () => {
  const userId = randomUUID()
  await tell(userId, 'First')
  let last = (await newest(userId, 1))[0]?.id ?? ''
  const competitions = await Promise.all(Array.from({ length: 60 }, () => competitionOf(userId)))
  const writing = Promise.all(
    competitions.map((competitionId) => handle['competition.started']({ competitionId })),
  )
  const received: string[] = []
  while (received.length < 60) {
    const stream = await listen(userId, last)
    for (let left = 1 + (received.length % 7); left > 0 && received.length < 60; left--) {
      last = (await next(stream)).id
      received.push(last)
    }
    await stream.return?.()
  }
  await writing
  expect(received).toEqual((await newest(userId, 60)).map(({ id }) => id).reverse())
})

test('what happens while Redis is away arrives as soon as it is back', async () => {
  const elsewhere = await open()
  const redis = opened.at(-1)?.redis
  const userId = randomUUID()
  const stream = await listen(userId, null, elsewhere)
  const received = next(stream)
  const back = new Promise((resolve) => redis?.subscriber.once('ready', resolve))
  redis?.subscriber.disconnect(true)
  await tell(userId, 'Spring Steps')
  await back
  expect((await received).title).toBe('Spring Steps has started')
})

test('a handler succeeds while Redis is away', async () => {
  const alone = await open()
  opened.at(-1)?.redis.close()
  const userId = randomUUID()
  const competitionId = await competitionOf(userId)
  await alone.handlers['competition.started']?.({ competitionId })
  expect(await newest(userId, 1)).toHaveLength(1)
})

test('a stream that waits can be returned', async () => {
  const stream = await listen(randomUUID())
  const waiting = stream.next()
  await stream.return?.()
  expect((await waiting).done).toBe(true)
})

async function newest(userId: string, first: number): Promise<Notification[]> {
  const { _entities } = await send<{
    _entities: { notifications: { edges: { node: Notification }[] } }[]
  }>(
    person(userId),
    `query ($viewer: _Any!, $first: Int!) {
      _entities(representations: [$viewer]) { ... on Viewer { notifications(first: $first) { edges { node { id title } } } } }
    }`,
    { viewer: { __typename: 'Viewer', id: userId }, first },
  )
  return _entities.flatMap(({ notifications: { edges } }) => edges.map(({ node }) => node))
}
