import { afterEach, beforeEach, expect, test } from '@jest/globals'
import WebSocket from 'ws'
import { closing, eventually, framesOf, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

let subgraphs: TestSubgraphs
let gateway: TestGateway
beforeEach(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs, { sessionCheck: 50 })
})
afterEach(async () => {
  await gateway.close()
  await subgraphs.close()
})

const board = 'subscription { leaderboardChanged(competitionId: "cup") { revision } }'

type Request = { headers?: Record<string, string>; url?: string }

/** A socket that is open, with what has come over it. */
async function connect({ headers = {}, url = gateway.socketUrl }: Request = {}) {
  const socket = new WebSocket(url, 'graphql-transport-ws', { headers })
  const messages: { id?: string; type: string; payload?: unknown }[] = []
  socket.on('message', (message) => messages.push(JSON.parse(String(message))))
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return { socket, messages, send: (message: object) => socket.send(JSON.stringify(message)) }
}

/** The same, past its introduction. */
async function introduce(payload: object = {}, request: Request = {}) {
  const connection = await connect(request)
  connection.send({ type: 'connection_init', payload })
  await eventually(() => connection.messages.length > 0)
  return connection
}

const subscribe = (id: string, query = board) => ({ id, type: 'subscribe', payload: { query } })

test('only pages of this origin, or of one that is listed, may open a socket; programs may', async () => {
  const { host } = new URL(gateway.url)
  for (const origin of [`http://${host}`, 'https://podium.example'])
    (await connect({ headers: { origin } })).socket.close()
  ;(await connect()).socket.close()
  for (const origin of ['https://evil.example', `http://${host}.evil.example`, 'null', 'podium.example']) {
    await expect(connect({ headers: { origin } })).rejects.toThrow('403')
  }
})

test('who does not introduce itself is closed', async () => {
  const { socket } = await connect()
  expect(await closing(socket)).toBe(4408)
})

test('who subscribes without introduction is closed', async () => {
  const { socket, send } = await connect()
  send(subscribe('1'))
  expect(await closing(socket)).toBe(4401)
})

test('a message that is too long, or in too many pieces, closes the socket', async () => {
  const long = await introduce()
  long.send(subscribe('1', `${board} #${'x'.repeat(64 * 1024)}`))
  expect(await closing(long.socket)).toBe(1009)
  const pieces = await introduce()
  for (let i = 0; i < 65; i++) pieces.socket.send(' ', { fin: false })
  expect(await closing(pieces.socket)).toBe(1008)
})

test('a socket has a limited number of subscriptions, and a place again for each that ends', async () => {
  const { messages, send } = await introduce()
  for (const id of ['1', '2', '3', '4']) send(subscribe(id))
  await eventually(() => messages.some(({ type }) => type === 'error'))
  expect(messages.filter(({ type }) => type === 'error')).toMatchObject([
    { id: '4', payload: [{ extensions: { code: 'OPERATION_TOO_COMPLEX' } }] },
  ])
  send({ id: '1', type: 'complete' })
  send(subscribe('5'))
  await eventually(() => messages.some(({ id, type }) => id === '5' && type === 'next'))
})

test('an address has a limited number of anonymous sockets', async () => {
  const sockets = await Promise.all([1, 2, 3, 4].map(() => introduce()))
  const { socket, send } = await connect()
  send({ type: 'connection_init' })
  expect(await closing(socket)).toBe(1013)
  await introduce({ authorization: `Bearer ${await subgraphs.issuer.token()}` })
  sockets[0]?.socket.close()
  await eventually(() => sockets[0]?.socket.readyState === WebSocket.CLOSED)
  await introduce()
})

test('an address has a limited number of sockets that have not said who they are', async () => {
  const sockets = await Promise.all(Array.from({ length: 100 }, () => connect()))
  await expect(connect()).rejects.toThrow('429')
  sockets[0]?.send({ type: 'connection_init' })
  await eventually(() => sockets[0]?.messages.length === 1)
  await connect()
})

test('behind a trusted proxy an address is that of who is before it', async () => {
  const behind = await openGateway(subgraphs, { config: { trustedProxies: ['127.0.0.0/8'] } })
  const from = (address: string, payload?: object) =>
    introduce(payload, { headers: { 'x-forwarded-for': address }, url: behind.socketUrl })
  await Promise.all([1, 2, 3, 4].map(() => from('203.0.113.1')))
  await from('198.51.100.1, 203.0.113.2')
  const authorization = `Bearer ${await subgraphs.issuer.token()}`
  const { messages, send } = await from('198.51.100.1, 203.0.113.3', { authorization })
  subgraphs.asked.length = 0
  send(subscribe('1', 'subscription { notificationReceived { id } }')) // on behalf of its reader
  await eventually(() => subgraphs.feed.readers.size === 1)
  subgraphs.feed.publish('a')
  await eventually(() => messages.some(({ type }) => type === 'next'))
  expect(new Set(subgraphs.asked.map(({ address }) => address))).toEqual(new Set(['203.0.113.3']))
  await behind.close()
})

test('a person has a limited number of sockets, whatever their address', async () => {
  const authorization = `Bearer ${await subgraphs.issuer.token()}`
  for (let i = 0; i < 2; i++) await introduce({ authorization })
  const { socket, send } = await connect()
  send({ type: 'connection_init', payload: { authorization } })
  expect(await closing(socket)).toBe(1013)
  for (let i = 0; i < 4; i++) await introduce()
})

const bearers: [string, (token: string) => { payload?: object; headers?: Record<string, string> }][] = [
  ['authorization', (token) => ({ payload: { authorization: `Bearer ${token}` } })],
  ['Authorization', (token) => ({ payload: { Authorization: `Bearer ${token}` } })],
  ['headers.authorization', (token) => ({ payload: { headers: { authorization: `Bearer ${token}` } } })],
  ['accessToken', (token) => ({ payload: { accessToken: token } })],
  ['a header', (token) => ({ headers: { authorization: `Bearer ${token}` } })],
  [
    'a header beside an introduction without any',
    (token) => ({ payload: { authorization: null }, headers: { authorization: `Bearer ${token}` } }),
  ],
]

test.each(bearers)('credentials may come as %s', async (_, make) => {
  const { payload, headers } = make(await subgraphs.issuer.token())
  const { messages, send } = await introduce(payload, { headers })
  send(subscribe('1', 'subscription { notificationReceived { id } }'))
  await eventually(() => subgraphs.feed.readers.size === 1)
  subgraphs.feed.publish('a')
  await eventually(() => messages.length === 2)
  expect(messages[1]?.payload).toEqual({ data: { notificationReceived: { id: 'a' } } })
})

test('a socket ends with the token that it was opened with', async () => {
  const exp = Math.floor(Date.now() / 1_000) - 29 // s, within what clocks may differ
  const now = new Date((exp + 30) * 1_000 - 200) // where the clock stands, so that the token holds however long this takes
  const ending = await openGateway(subgraphs, { now: () => now })
  const authorization = `Bearer ${await subgraphs.issuer.token({ claims: { exp } })}`
  const { socket } = await introduce({ authorization }, { url: ending.socketUrl })
  expect(await closing(socket)).toBe(4403)
  await ending.close()
})

test('a session that is ended ends its sockets, and no others', async () => {
  const tokenOf = (sid: string) => subgraphs.issuer.token({ claims: { sid } })
  const ended = await introduce({ authorization: `Bearer ${await tokenOf('one')}` })
  const other = await introduce({ authorization: `Bearer ${await tokenOf('two')}` })
  subgraphs.ended.add('one')
  expect(await closing(ended.socket)).toBe(4403)
  expect(other.socket.readyState).toBe(WebSocket.OPEN)
})

test('a session goes on while there is no telling whether it is over', async () => {
  const { socket, messages, send } = await introduce({
    authorization: `Bearer ${await subgraphs.issuer.token()}`,
  })
  await subgraphs.stop('users')
  await new Promise((resolve) => setTimeout(resolve, 200)) // several checks; that nothing happens has no event
  send(subscribe('1'))
  await eventually(() => messages.some(({ type }) => type === 'next'))
  expect(socket.readyState).toBe(WebSocket.OPEN)
})

test('a slow reader skips to the latest frame, and others notice nothing', async () => {
  subgraphs.world.cup = 'x'.repeat(1_000_000) // so that the network holds back a few frames only
  const large = 'subscription { leaderboardChanged(competitionId: "cup") { revision competition { id } } }'
  const slow = await introduce()
  slow.send(subscribe('1', large))
  await eventually(() => slow.messages.length === 2)
  slow.socket.pause()
  const other = gateway.watch()
  const frames = framesOf(other, large)
  const revision = async () => (await frames.next()).value.data.leaderboardChanged.revision
  expect(await revision()).toBe(0)
  for (let published = 1; published <= 40; published++) {
    subgraphs.board.publish(published)
    expect(await revision()).toBe(published)
  }
  slow.socket.resume()
  const seen = () =>
    slow.messages.slice(1).map(({ payload }) => (payload as Frame).data.leaderboardChanged.revision)
  await eventually(() => seen().at(-1) === 40)
  expect(seen().length).toBeLessThan(40)
  expect(seen()).toEqual(seen().toSorted((a, b) => a - b))
  await other.dispose()
})

type Frame = { data: { leaderboardChanged: { revision: number } } }

test('who asks without reading the answers is cut off', async () => {
  const { socket, send } = await introduce()
  socket.pause()
  const closed = closing(socket)
  const payload = { filling: 'x'.repeat(60_000) }
  for (let sent = 0; sent < 500; sent++) send({ type: 'ping', payload }) // 30 MB, of which the network holds a part
  await eventually(() => socket.bufferedAmount === 0 || socket.readyState !== WebSocket.OPEN)
  socket.resume()
  expect(await closed).toBe(1006)
})

test('a gateway that stops sends its sockets elsewhere', async () => {
  const stopping = await openGateway(subgraphs)
  const other = stopping.watch({ on: { closed: (event) => codes.push((event as CloseEvent).code) } })
  const codes: number[] = []
  const frames = framesOf(other, board)
  await frames.next()
  const next = frames.next().catch(() => {})
  await stopping.close()
  await next
  expect(codes).toEqual([1001])
})
