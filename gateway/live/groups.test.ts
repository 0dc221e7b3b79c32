import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Client } from 'graphql-ws'
import { eventually, framesOf, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

let subgraphs: TestSubgraphs
let gateway: TestGateway
const clients: Client[] = []
beforeEach(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs)
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.dispose()))
  await gateway.close()
  await subgraphs.close()
})

/** The frames of a subscription on a socket of its own. */
async function watch(query: string, { viewer, variables, of = gateway }: Watching = {}) {
  const authorization = viewer && `Bearer ${await subgraphs.issuer.token({ claims: { sub: viewer } })}`
  const client = of.watch({ connectionParams: { authorization } })
  clients.push(client)
  return framesOf(client, query, variables)
}

type Watching = { viewer?: string; variables?: Record<string, unknown>; of?: TestGateway }

const board = `subscription Board($id: ID! = "cup") {
  leaderboardChanged(competitionId: $id) { revision standings { user { displayName } } }
}`
const own = `subscription {
  leaderboardChanged(competitionId: "cup") { revision competition { viewerParticipation { user { displayName } } } }
}`

const next = async (frames: AsyncIterableIterator<unknown>) => (await frames.next()).value
const revisionOf = async (frames: Awaited<ReturnType<typeof watch>>) =>
  (await frames.next()).value.data.leaderboardChanged.revision

/** Until the board has so many subscriptions: whether somebody may see it is asked by one of its own, for a moment. */
const untilSubscribed = (count: number) => eventually(() => subgraphs.board.readers.size === count)

/** A gateway that judges its readers again and again. */
async function openStrict(): Promise<void> {
  await gateway.close()
  gateway = await openGateway(subgraphs, { admissionCheck: 100 })
}

test('all who watch the same share one subscription and one execution, signed in or not, whatever words they ask in', async () => {
  const readers = [
    await watch(board),
    await watch(board, { viewer: 'ann' }),
    await watch(board, { viewer: 'bob', variables: { id: 'cup' } }),
    await watch(`# the same\n${board.replace('Board', 'Other').replaceAll('\n', ' ')}`, { viewer: 'ann' }),
  ]
  for (const reader of readers) expect(await revisionOf(reader)).toBe(0)
  await untilSubscribed(1)
  subgraphs.named.length = 0
  subgraphs.board.publish(1)
  for (const reader of readers) expect(await revisionOf(reader)).toBe(1)
  expect(subgraphs.named).toEqual(['p0', 'p1'])
})

test('others watch something else: another board, or other fields', async () => {
  const readers = [
    await watch(board),
    await watch(board, { variables: { id: 'shield' } }),
    await watch(board.replace('revision', 'revision state')),
  ]
  for (const reader of readers) await revisionOf(reader)
  await untilSubscribed(3)
})

test('the last of them to leave takes the subscription along', async () => {
  const [first, second] = [await watch(board), await watch(board)]
  for (const reader of [first, second]) await revisionOf(reader)
  await first.return?.()
  subgraphs.board.publish(1)
  expect(await revisionOf(second)).toBe(1)
  await second.return?.()
  await untilSubscribed(0)
})

test('what depends on the viewer is shared by the sockets of one viewer, and by nobody else', async () => {
  const readers = [
    await watch(own, { viewer: 'ann' }),
    await watch(own, { viewer: 'ann' }),
    await watch(own, { viewer: 'bob' }),
    await watch(own),
  ]
  const frame = (viewerParticipation: object | null) => ({
    data: { leaderboardChanged: { revision: 0, competition: { viewerParticipation } } },
  })
  const participation = (id: string) => frame({ user: { displayName: `Person ${id}` } })
  const [ann, again, bob, anonymous] = await Promise.all(readers.map(next))
  expect([ann, again]).toEqual([participation('ann'), participation('ann')])
  expect(bob).toEqual(participation('bob'))
  expect(anonymous).toEqual(frame(null))
  await untilSubscribed(3)
})

test('of a private board those who may watch it share the frames, and others are told that there is none', async () => {
  subgraphs.world.seesBoards = (viewer) => viewer === 'ann' || viewer === 'bob'
  const readers = [await watch(board, { viewer: 'ann' }), await watch(board, { viewer: 'bob' })]
  for (const reader of readers) expect(await revisionOf(reader)).toBe(0)
  for (const viewer of ['eve', undefined]) {
    const stranger = await watch(board, viewer === undefined ? {} : { viewer })
    await expect(stranger.next()).rejects.toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
  }
  await untilSubscribed(1)
  subgraphs.board.publish(1)
  for (const reader of readers) expect(await revisionOf(reader)).toBe(1)
})

test('who is told less of people than others has frames that are told as little', async () => {
  subgraphs.world.seesPeople = (viewer) => viewer === 'ann'
  const people = async (reader: Awaited<ReturnType<typeof watch>>) =>
    (await next(reader)).data.leaderboardChanged.standings.map(
      ({ user }: { user: object | null }) => user !== null,
    )
  const [ann, eve, anonymous] = [await watch(board, { viewer: 'ann' }), await watch(board, { viewer: 'eve' }), await watch(board)] // biome-ignore format: one line
  expect(await people(ann)).toEqual([true, true])
  expect(await people(eve)).toEqual([false, false])
  expect(await people(anonymous)).toEqual([false, false])
  subgraphs.board.publish(1)
  expect(await people(ann)).toEqual([true, true])
  expect(await people(eve)).toEqual([false, false])
})

test('who may watch no longer gets no more, and is told so; others go on', async () => {
  await openStrict()
  const members = new Set<string | null>(['ann', 'bob'])
  subgraphs.world.seesBoards = (viewer) => members.has(viewer)
  const [ann, bob] = [await watch(board, { viewer: 'ann' }), await watch(board, { viewer: 'bob' })]
  for (const reader of [ann, bob]) await revisionOf(reader)
  members.delete('bob')
  await expect(bob.next()).rejects.toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
  subgraphs.board.publish(1)
  expect(await revisionOf(ann)).toBe(1)
})

test('who may see what others see from now on comes to share it', async () => {
  await openStrict()
  subgraphs.world.seesPeople = (viewer) => viewer === 'ann'
  const [ann, eve] = [await watch(board, { viewer: 'ann' }), await watch(board, { viewer: 'eve' })]
  for (const reader of [ann, eve]) await revisionOf(reader)
  await untilSubscribed(2)
  subgraphs.world.seesPeople = () => true
  await untilSubscribed(1)
  const somebody = { user: { displayName: 'Person p0' } }
  expect((await next(eve)).data.leaderboardChanged.standings[0]).toEqual(somebody)
  subgraphs.board.publish(1)
  for (const reader of [ann, eve]) expect(await revisionOf(reader)).toBe(1)
})

test('while a subgraph that adds to frames is away everyone is still in one group', async () => {
  await subgraphs.stop('users')
  const readers = [await watch(board), await watch(board), await watch(board)]
  for (const reader of readers) {
    expect(await next(reader)).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ extensions: { code: 'UNAVAILABLE' } })]) }) // biome-ignore format: one thought
  }
  await untilSubscribed(1)
})

test('who leaves before it is known whether they may watch is asked for no more', async () => {
  await subgraphs.stop('leaderboard')
  const readers = await Promise.all([0, 1, 2].map((first) => watch(board.replace('revision', `revision r${first}: revision`)))) // biome-ignore format: one thought
  const waiting = readers.map((reader) => reader.next())
  await new Promise((resolve) => setTimeout(resolve, 200)) // for the sockets, whose subscriptions nothing tells of
  await Promise.all(clients.splice(0).map((client) => client.dispose()))
  await Promise.allSettled(waiting)
  let subscriptions = 0
  const { subscribe } = subgraphs.board
  subgraphs.board.subscribe = (reader) => {
    subscriptions++
    return subscribe(reader)
  }
  await subgraphs.start('leaderboard')
  const present = await watch(board)
  expect(await revisionOf(present)).toBe(0)
  // Its group, and whether anyone may see it.
  expect(subscriptions).toBe(2)
})

test('with sharing turned off everyone has a subscription of their own', async () => {
  const sharing = { subgraphRequests: true, clientRequests: true, streams: false }
  const alone = await openGateway(subgraphs, { config: { sharing } })
  const readers = [await watch(board, { of: alone }), await watch(board, { of: alone })]
  for (const reader of readers) expect(await revisionOf(reader)).toBe(0)
  await untilSubscribed(2)
  await alone.close()
})
