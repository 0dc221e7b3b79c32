import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Client } from 'graphql-ws'
import type WebSocket from 'ws'
import { eventually, framesOf, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

let subgraphs: TestSubgraphs
let gateway: TestGateway
let client: Client
beforeEach(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs, { now: subgraphs.now })
  client = gateway.watch()
})
afterEach(async () => {
  await client.dispose()
  await gateway.close()
  await subgraphs.close()
})

const signIn = async () => {
  const authorization = `Bearer ${await subgraphs.issuer.token()}`
  client = gateway.watch({ connectionParams: { authorization } })
}

const board = `subscription ($first: Int) {
  board: leaderboardChanged(competitionId: "cup", first: $first) {
    revision
    competition { name }
    standings { rank user { displayName } }
  }
}`

const boardAt = (revision: number) => ({
  data: {
    board: {
      revision,
      competition: { name: 'The cup' },
      standings: [
        { rank: 1, user: { displayName: 'Person p0' } },
        { rank: 2, user: { displayName: 'Person p1' } },
      ],
    },
  },
})

test('a frame comes at once and after every change, joined from three subgraphs', async () => {
  const frames = framesOf(client, board, { first: 2 })
  expect((await frames.next()).value).toEqual(boardAt(0))
  subgraphs.board.publish(1)
  expect((await frames.next()).value).toEqual(boardAt(1))
})

test('many readers share one connection to a subgraph', async () => {
  const readers = Array.from({ length: 3 }, () => framesOf(client, board))
  for (const reader of readers) expect((await reader.next()).value).toEqual(boardAt(0))
  expect(subgraphs.connections.get('leaderboard')).toBe(1)
})

test('a reader who leaves is unsubscribed from the subgraph', async () => {
  const frames = framesOf(client, board)
  await frames.next()
  expect(subgraphs.board.readers.size).toBe(1)
  await frames.return?.()
  await eventually(() => subgraphs.board.readers.size === 0)
})

test('a subgraph that restarts goes on with a fresh frame, and its readers notice nothing', async () => {
  const frames = framesOf(client, board)
  await frames.next()
  await subgraphs.stop('leaderboard')
  subgraphs.board.publish(7)
  subgraphs.world.passed = 60_000 // ms, more than a signature is good for
  await subgraphs.start('leaderboard')
  expect((await frames.next()).value).toEqual(boardAt(7))
})

test('every notification is delivered, those of while its subgraph was away included, and none twice', async () => {
  await signIn()
  const frames = framesOf(client, 'subscription { notificationReceived { title } }')
  const title = async () => (await frames.next()).value.data.notificationReceived.title
  await eventually(() => subgraphs.feed.readers.size === 1)
  for (const id of ['a', 'b']) subgraphs.feed.publish(id)
  expect(await title()).toBe('Title a')
  expect(await title()).toBe('Title b')
  await subgraphs.stop('notifications')
  for (const id of ['c', 'd']) subgraphs.feed.publish(id)
  await subgraphs.start('notifications')
  expect(await title()).toBe('Title c')
  expect(await title()).toBe('Title d')
})

test('a reader who falls too far behind in events that all count is told to begin again after the last', async () => {
  await signIn()
  subgraphs.world.body = 'x'.repeat(20_000) // so that the network holds back a part of them only
  const query = 'subscription { notificationReceived { id body } }'
  let socket: WebSocket | undefined
  const authorization = `Bearer ${await subgraphs.issuer.token({ claims: { sub: 'slow' } })}`
  const slow = gateway.watch({ connectionParams: { authorization }, on: { connected: (open) => (socket = open as WebSocket) } }) // biome-ignore format: one call
  const [fast, behind] = [framesOf(client, query), framesOf(slow, query)]
  await eventually(() => subgraphs.feed.readers.size === 2)
  socket?.pause()
  for (let id = 1; id <= 2_000; id++) {
    subgraphs.feed.publish(String(id))
    expect((await fast.next()).value.data.notificationReceived.id).toBe(String(id))
  }
  socket?.resume()
  let last = 0
  const read = async () => {
    for await (const { data } of behind) expect(Number(data.notificationReceived.id)).toBe(++last)
  }
  await expect(read()).rejects.toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  expect(last).toBeGreaterThanOrEqual(1_000)
  await slow.dispose()
})

test('an unexpected error within a frame is masked and names what its subgraph logged it under', async () => {
  subgraphs.world.cup = 'broken'
  const { value: frame } = await framesOf(client, board).next()
  expect(frame.errors).toEqual([
    {
      message: 'Something went wrong here. It is logged under the request id.',
      path: ['board', 'competition', 'name'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
    },
  ])
  expect(subgraphs.logged).toContainEqual(
    expect.objectContaining({
      requestId: frame.errors[0].extensions.requestId,
      error: expect.stringContaining('duplicate key'),
    }),
  )
})

test('so is one that ends a subscription', async () => {
  await signIn()
  const broken = framesOf(client, 'subscription { notificationReceived(after: "broken") { id } }')
  const [error] = await broken.next().catch((errors) => errors)
  expect(error.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) })
  expect(subgraphs.logged).toMatchObject([
    { requestId: error.extensions.requestId, error: expect.stringContaining('ECONNRESET') },
  ])
})

test('a subgraph that stays away ends its streams with a coded error', async () => {
  const impatient = await openGateway(subgraphs, { patience: 2_000 })
  const other = impatient.watch()
  const frames = framesOf(other, board)
  await frames.next()
  await subgraphs.stop('leaderboard')
  await expect(frames.next()).rejects.toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  await other.dispose()
  await impatient.close()
})

test('a subgraph that only adds to frames and is away costs its own fields, until it is back, even if nothing changes', async () => {
  await subgraphs.stop('users')
  const frames = framesOf(client, 'subscription { leaderboardChanged(competitionId: "cup") { revision standings { user { bio } } } }') // biome-ignore format: one line
  const nobody = { user: { bio: null } }
  expect((await frames.next()).value).toMatchObject({
    data: { leaderboardChanged: { revision: 0, standings: [nobody, nobody] } },
    errors: [
      { path: ['leaderboardChanged', 'standings', 0, 'user', 'bio'], extensions: { code: 'UNAVAILABLE' } },
      { path: ['leaderboardChanged', 'standings', 1, 'user', 'bio'], extensions: { code: 'UNAVAILABLE' } },
    ],
  })
  await subgraphs.start('users')
  const somebody = { user: { bio: 'short' } }
  expect((await frames.next()).value).toEqual({
    data: { leaderboardChanged: { revision: 0, standings: [somebody, somebody] } },
  })
})

test('an error that ends a subscription is at the name that the client gave its field', async () => {
  await signIn()
  const refused = framesOf(client, 'subscription { ...Mine } fragment Mine on Subscription { mine: notificationReceived(after: "unknown") { id } }') // biome-ignore format: one operation
  await expect(refused.next()).rejects.toMatchObject([{ path: ['mine'] }])
})

test('what a subgraph refuses ends the subscription with its code', async () => {
  const anonymous = framesOf(client, 'subscription { notificationReceived { id } }')
  await expect(anonymous.next()).rejects.toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  await signIn()
  const unknown = framesOf(client, 'subscription { notificationReceived(after: "unknown") { id } }')
  await expect(unknown.next()).rejects.toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})

test.each([
  ['a query', '{ viewer { id } }', 'BAD_USER_INPUT'],
  ['a fault of syntax', 'subscription {', 'GRAPHQL_PARSE_FAILED'],
  ['a field that does not exist', 'subscription { boardChanged }', 'GRAPHQL_VALIDATION_FAILED'],
  ['a variable that is missing', 'subscription ($c: ID!) { leaderboardChanged(competitionId: $c) { revision } }', 'BAD_USER_INPUT'], // biome-ignore format: one row
  ['a condition at the root that is a variable', 'subscription ($x: Boolean!) { todayChanged @include(if: $x) { steps } }', 'BAD_USER_INPUT'], // biome-ignore format: one row
  ['a condition at the root', 'subscription { ... @skip(if: false) { todayChanged { steps } } }', 'BAD_USER_INPUT'], // biome-ignore format: one row
])('%s is answered with an error of its own, and the socket stays', async (_, query, code) => {
  await expect(framesOf(client, query).next()).rejects.toMatchObject([{ extensions: { code } }])
  expect((await framesOf(client, board).next()).value).toEqual(boardAt(0))
})
