import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { hour, join, openCompetition, quarter, sync } from '../support/operations.ts'
import { openSocket } from '../support/socket.ts'
import { openTestSupergraph, type Person, type TestSupergraph } from '../support/supergraph.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'

const PER_SOCKET = 10 // subscriptions

type Socket = Awaited<ReturnType<typeof openSocket>>

const WATCH = 'subscription ($id: ID!) { leaderboardChanged(competitionId: $id) { standings { score } } }'
const QUARTER = 900_000 // ms

let podium: TestSupergraph
let ann: Person
let cup: string
let theirs: string
beforeAll(async () => {
  podium = await openTestSupergraph({ MAX_SUBSCRIPTIONS_PER_SOCKET: String(PER_SOCKET) })
  ann = await podium.person('Ann')
  const bea = await podium.person('Bea')
  const times = { startsAt: quarter(podium.now(), -24), endsAt: quarter(podium.now(), 24) }
  cup = await openCompetition(ann, times)
  await join(ann, cup)
  theirs = await openCompetition(bea, { ...times, visibility: 'INVITATION' })
})
afterAll(() => podium.close())

/** A socket with the stream `good` on the cup, whose first frame has come. */
let socket: Socket
const sockets: Socket[] = []
beforeEach(async () => {
  socket = await open()
})
afterEach(() => {
  for (const open of sockets.splice(0)) open.cut()
})

async function open(url = podium.url): Promise<Socket> {
  const opened = await openSocket(url)
  sockets.push(opened)
  await opened.introduce(ann.token)
  opened.subscribe('good', WATCH, { id: cup })
  await opened.message(({ id, type }) => id === 'good' && type === 'next')
  return opened
}

let walked = 0
let score = 0
/** Changes the board, and waits for the frames that show it on a stream of each of these sockets. */
async function goesOn(streams: [Socket, string][]): Promise<void> {
  walked += 1
  score += 100
  await sync(ann, [
    hour(`walk ${walked}`, 100, new Date(quarter(podium.now(), -23).getTime() + walked * QUARTER)),
  ])
  const payload = JSON.stringify({ data: { leaderboardChanged: { standings: [{ score }] } } })
  await Promise.all(
    streams.map(([socket, id]) =>
      socket.message((message) => message.id === id && JSON.stringify(message.payload) === payload),
    ),
  )
}

/** The codes of the errors that a stream over HTTP ends with. */
async function refusalOverHttp(accept: string, body: object): Promise<(string | undefined)[]> {
  const headers = { 'content-type': 'application/json', accept, authorization: `Bearer ${ann.token}` }
  const response = await fetch(podium.url, { method: 'POST', headers, body: JSON.stringify(body) })
  return [...(await response.text()).matchAll(/"code":"(\w+)"/g)].map(([, code]) => code)
}

describe('a subscription that cannot be is refused, and the others of its socket go on', () => {
  const board = '{ revision }'
  const refused: [string, string, string, (() => object)?][] = [
    ['to a competition that is not there', WATCH, 'NOT_FOUND', () => ({ id: '00000000-0000-4000-8000-000000000000' })], // biome-ignore format: one row
    ['to what is no id', WATCH, 'NOT_FOUND', () => ({ id: "'; drop table boards; --" })],
    ['to a competition of others', WATCH, 'NOT_FOUND', () => ({ id: theirs })],
    ['to the own standing in a competition of others', 'subscription ($id: ID!) { viewerStandingChanged(competitionId: $id) { rank } }', 'NOT_FOUND', () => ({ id: theirs })], // biome-ignore format: one row
    ['without its variable', WATCH, 'BAD_USER_INPUT'],
    ['with variables of a wrong type', WATCH, 'BAD_USER_INPUT', () => ({ id: { of: 'something' } })],
    ['to more places than a page has', `subscription ($id: ID!) { leaderboardChanged(competitionId: $id, first: 101) ${board} }`, 'BAD_USER_INPUT', () => ({ id: cup })], // biome-ignore format: one row
    ['to nothing', 'subscription { }', 'GRAPHQL_PARSE_FAILED'],
    ['to no field of the root but its type', 'subscription { __typename }', 'GRAPHQL_VALIDATION_FAILED'],
    ['to a field that is not there', 'subscription { wish { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['to two fields', `subscription ($id: ID!) { leaderboardChanged(competitionId: $id) ${board} again: leaderboardChanged(competitionId: $id) ${board} }`, 'GRAPHQL_VALIDATION_FAILED', () => ({ id: cup })], // biome-ignore format: one row
    ['to two fields, one of them in a fragment', `subscription ($id: ID!) { ...F again: leaderboardChanged(competitionId: $id) ${board} } fragment F on Subscription { leaderboardChanged(competitionId: $id) ${board} }`, 'GRAPHQL_VALIDATION_FAILED', () => ({ id: cup })], // biome-ignore format: one row
    ['to a field that a condition may take away', `subscription ($id: ID!, $if: Boolean!) { leaderboardChanged(competitionId: $id) @include(if: $if) ${board} }`, 'BAD_USER_INPUT', () => ({ id: cup, if: true })], // biome-ignore format: one row
    ['with a part that is deferred', 'subscription ($id: ID!) { leaderboardChanged(competitionId: $id) { revision ... @defer { state } } }', 'BAD_USER_INPUT', () => ({ id: cup })], // biome-ignore format: one row
  ]

  test.each(refused)('%s', async (_, query, code, variables = () => ({})) => {
    socket.subscribe('bad', query, variables())
    expect(await socket.refusal('bad')).toEqual([code])
    for (const accept of ['text/event-stream', 'multipart/mixed;subscriptionSpec="1.0",application/json']) {
      expect(await refusalOverHttp(accept, { query, variables: variables() })).toEqual([code])
    }
    await goesOn([[socket, 'good']])
  })

  test('what is a query', async () => {
    socket.subscribe('bad', '{ competitions { totalCount } }')
    expect(await socket.refusal('bad')).toEqual(['BAD_USER_INPUT'])
    await goesOn([[socket, 'good']])
  })

  test('too many of them', async () => {
    for (let index = 1; index < PER_SOCKET; index += 1) socket.subscribe(`more ${index}`, WATCH, { id: cup })
    socket.subscribe('too many', WATCH, { id: cup })
    expect(await socket.refusal('too many')).toEqual(['OPERATION_TOO_COMPLEX'])
    await goesOn([[socket, 'good'], ...Array.from({ length: PER_SOCKET - 1 }, (_, index): [Socket, string] => [socket, `more ${index + 1}`])]) // biome-ignore format: one call
  })
})

test('a fragment on Subscription, an alias and a directive within are as good as plain fields', async () => {
  socket.subscribe(
    'fragment',
    `subscription Named($id: ID!, $no: Boolean = false) { ...F }
     fragment F on Subscription { leaderboardChanged(competitionId: $id) { revision @include(if: $no) standings { score } } }`,
    { id: cup },
  )
  await goesOn([
    [socket, 'good'],
    [socket, 'fragment'],
  ])
})

test('a stream that its reader ends goes quiet, and its id may be used again', async () => {
  socket.subscribe('short', WATCH, { id: cup })
  await socket.message(({ id }) => id === 'short')
  socket.say({ id: 'short', type: 'complete' })
  socket.say({ id: 'never begun', type: 'complete' })
  await goesOn([[socket, 'good']])
  socket.subscribe('short', WATCH, { id: cup })
  await goesOn([
    [socket, 'good'],
    [socket, 'short'],
  ])
})

describe('what breaks the protocol closes its socket, and no other', () => {
  const broken: [string, number, (socket: Socket) => void][] = [
    ['a message that is not JSON', 4400, (socket) => socket.say('{')],
    ['a message of no type that there is', 4400, (socket) => socket.say({ type: 'dance' })],
    ['a subscription without a query', 4400, (socket) => socket.say({ id: 'x', type: 'subscribe', payload: {} })], // biome-ignore format: one row
    ['a second introduction', 4429, (socket) => socket.say({ type: 'connection_init' })],
    ['an id that is in use', 4409, (socket) => socket.subscribe('good', WATCH, { id: cup })],
    [
      'a message that is too long',
      1009,
      (socket) => socket.subscribe('x', `${WATCH} #${'x'.repeat(70_000)}`),
    ],
  ]

  test.each(broken)('%s', async (_, code, breakIt) => {
    const other = await open()
    breakIt(socket)
    expect(await socket.closed).toBe(code)
    await goesOn([[other, 'good']])
  })

  test('a subscription before an introduction', async () => {
    const early = await openSocket(podium.url)
    sockets.push(early)
    early.subscribe('x', WATCH, { id: cup })
    expect(await early.closed).toBe(4401)
    await goesOn([[socket, 'good']])
  })
})

test('a socket whose other end has vanished is given up, and others notice nothing', async () => {
  const network = await openTcpProxy(Number(new URL(podium.url).port))
  await open(`http://127.0.0.1:${network.port}/graphql`)
  const [connection] = network.connections()
  connection?.swallow()
  await goesOn([[socket, 'good']])
  await connection?.lost
  await goesOn([[socket, 'good']])
  await network.close()
}, 120_000) // it is asked every 12 s whether it is there
