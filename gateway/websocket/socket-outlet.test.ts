import { connect as connectTcp } from 'node:net'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { Frame } from '../live/frame.ts'
import { closing, eventually } from '../test-support/gateway.ts'
import { openSocketServer, type SocketServer } from '../test-support/socket-server.ts'

let server: SocketServer
beforeEach(async () => {
  server = await openSocketServer()
})
afterEach(() => server.end())

const LARGE = 20_000_000 // bytes, more than the network holds back

/** A frame of so many characters. */
const frameOf = (length: number) => new Frame(JSON.stringify('x'.repeat(length - 2)))
const numbered = (n: number, length = 0) =>
  new Frame(JSON.stringify({ data: { n }, filling: 'x'.repeat(length) }))
const numberIn = ({ payload }: { payload?: unknown }) => (payload as { data: { n: number } }).data.n

const around = '{"id":"1","type":"next","payload":}'.length

test.each([125, 126, 127, 65_535, 65_536, 200_000])(
  'a message of %i bytes arrives as it is',
  async (length) => {
    const { texts, opened } = await server.watch()
    const frame = frameOf(length - around)
    opened[0].outlet.write(frame)
    await eventually(() => texts.length === 1)
    expect(texts[0]?.length).toBe(length)
    expect(texts[0] === `{"id":"1","type":"next","payload":${frame.result}}`).toBe(true)
  },
)

test('messages of all lengths follow each other, of many bytes a character, too', async () => {
  const { messages, opened } = await server.watch()
  const texts = [1, 100_000, 60, 30_000, 2, 70_000, 1].map((length) => 'é€😀'.repeat(length))
  for (const text of texts) {
    await eventually(() => !opened[0].outlet.isBusy())
    opened[0].outlet.write(new Frame(JSON.stringify({ data: text })))
  }
  await eventually(() => messages.length === texts.length)
  expect(messages.map(({ payload }) => (payload as { data: string }).data)).toEqual(texts)
})

test('the client of graphql-ws reads frames of every length', async () => {
  const client = createClient({ url: server.url, webSocketImpl: WebSocket, retryAttempts: 0 })
  const frames = client.iterate({ query: 'subscription { board }' })
  const seen: unknown[] = []
  const reading = (async () => {
    for await (const { data } of frames) seen.push(data)
  })()
  await eventually(() => server.streams.length === 1)
  const texts = [1, 1_000, 100_000].map((length) => 'x'.repeat(length))
  for (const text of texts) server.streams[0]?.outlet.write(new Frame(JSON.stringify({ data: text })))
  await eventually(() => seen.length === 3)
  server.streams[0]?.outlet.complete()
  await reading
  expect(seen).toEqual(texts)
  await client.dispose()
})

test.each(['"', '\\', '\n\u0000', 'é€😀', '\u2028', '\ud800', 'x'.repeat(200)])(
  'the id %j comes back as it was',
  async (id) => {
    const { messages, opened } = await server.watch([id])
    opened[0].outlet.write(numbered(1))
    await eventually(() => messages.length === 1)
    expect(messages[0]?.id).toBe(id)
  },
)

test('streams of one socket, pings and pongs do not disturb each other', async () => {
  const { socket, messages, send, opened } = await server.watch(['a', 'b'])
  let pongs = 0
  socket.on('pong', () => pongs++)
  for (let n = 0; n < 50; n++) {
    socket.ping(String(n))
    send({ type: 'ping', payload: { n } })
    for (const { outlet } of opened) {
      await eventually(() => !outlet.isBusy())
      outlet.write(numbered(n, n * 2_000))
    }
  }
  await eventually(() => messages.length === 150 && pongs === 50)
  const all = Array.from({ length: 50 }, (_, n) => n)
  for (const id of ['a', 'b'])
    expect(messages.filter((message) => message.id === id).map(numberIn)).toEqual(all)
  expect(messages.filter(({ type }) => type === 'pong').map(({ payload }) => payload)).toEqual(
    all.map((n) => ({ n })),
  )
})

test('a frame that left at once leaves the socket free for the next stream', async () => {
  const { opened, messages } = await server.watch(['a', 'b'])
  const frame = frameOf(3_000)
  for (const { outlet } of opened) {
    expect(outlet.isBusy()).toBe(false)
    outlet.write(frame)
  }
  await eventually(() => messages.length === 2)
})

test('who does not read makes the outlet busy, and is shown the latest frame after that', async () => {
  const { socket, messages, opened } = await server.watch()
  const [{ outlet }] = opened
  socket.pause()
  outlet.write(numbered(1, LARGE))
  expect(outlet.isBusy()).toBe(true)
  let drained = 0
  opened[0].onDrained = () => {
    drained++
    expect(outlet.isBusy()).toBe(false)
    outlet.write(numbered(3))
  }
  socket.resume()
  await eventually(() => messages.length === 2)
  expect(messages.map(numberIn)).toEqual([1, 3])
  expect(drained).toBe(1)
})

test('an outlet that others made busy tells, too, when it is free', async () => {
  const { socket, send, opened, messages } = await server.watch()
  const [{ outlet }] = opened
  socket.pause()
  let sent = 0
  for (; !outlet.isBusy() && sent < 1_000; sent++) {
    send({ type: 'ping', payload: { filling: 'x'.repeat(60_000) } })
    await new Promise(setImmediate)
  }
  let drained = 0
  opened[0].onDrained = () => void drained++
  socket.resume()
  await eventually(() => drained === 1 && messages.length === sent)
})

test('streams of a slow socket take turns', async () => {
  const { messages, opened } = await server.watch(['a', 'b', 'c'])
  let written = 0
  for (const stream of opened) {
    stream.onDrained = () => {
      if (written < 9) stream.outlet.write(numbered(written++, LARGE))
    }
  }
  opened[0].onDrained()
  await eventually(() => messages.length === 9)
  expect(messages.map(({ id }) => id).join('')).toBe('aabcabcab')
})

test('a stream that awaits its turn in a promise has it before the others', async () => {
  const { messages, opened } = await server.watch(['patient', 'greedy'])
  const [patient, greedy] = opened
  let written = 0
  const write = (stream = patient) => {
    if (written < 6 && !stream.outlet.isBusy()) stream.outlet.write(numbered(written++, LARGE))
  }
  patient.onDrained = () => void Promise.resolve().then(() => write())
  if (greedy) greedy.onDrained = () => write(greedy)
  write(greedy)
  await eventually(() => messages.length === 6)
  expect(messages.filter(({ id }) => id === 'patient')).toHaveLength(3)
})

test('a stream that fails ends with its errors as they are, and the others go on', async () => {
  const { messages, opened } = await server.watch(['a', 'b'])
  const errors = [{ message: 'Too late.', extensions: { code: 'UNAVAILABLE' } }, { message: 'And more.' }]
  opened[0].outlet.write(numbered(1))
  opened[0].outlet.fail(errors)
  opened[0].outlet.write(numbered(2))
  opened[0].outlet.complete()
  opened[1]?.outlet.write(numbered(3))
  await eventually(() => messages.length === 3)
  expect(messages.filter(({ id }) => id === 'a').map(({ type, payload }) => [type, payload])).toEqual([
    ['next', { data: { n: 1 }, filling: '' }],
    ['error', errors],
  ])
  expect(messages.filter(({ id }) => id === 'b').map(numberIn)).toEqual([3])
  expect(opened.map(({ isClosed }) => isClosed)).toEqual([false, false])
})

test('a stream that is complete says so, and its id is free again', async () => {
  const { messages, send, opened } = await server.watch()
  opened[0].outlet.complete()
  await eventually(() => messages.length === 1)
  expect(messages).toEqual([{ id: '1', type: 'complete' }])
  send({ id: '1', type: 'subscribe', payload: { query: '{ board }' } })
  await eventually(() => server.streams.length === 2)
  server.streams[1]?.outlet.write(numbered(1))
  await eventually(() => messages.length === 2)
})

test('a client that leaves a stream closes it, and may use its id again in the same breath', async () => {
  const { messages, send, opened } = await server.watch()
  send({ id: '1', type: 'complete' })
  send({ id: '1', type: 'subscribe', payload: { query: '{ board }' } })
  await eventually(() => server.streams.length === 2)
  expect(opened[0].isClosed).toBe(true)
  opened[0].outlet.write(numbered(1))
  opened[0].outlet.fail([{ message: 'of a stream that was left' }])
  server.streams[1]?.outlet.write(numbered(2))
  send({ type: 'ping' })
  await eventually(() => messages.some(({ type }) => type === 'pong'))
  expect(messages.map(({ type }) => type)).toEqual(['next', 'pong'])
  expect(server.streams[1]?.isClosed).toBe(false)
})

test('streams of one id that begin and end in one breath leave nothing behind', async () => {
  const { socket, messages, send } = await server.watch([])
  // ws has no better way to send several messages in one piece.
  const { _socket: tcp } = socket as unknown as { _socket: { cork(): void; uncork(): void } }
  tcp.cork()
  const subscribe = () => send({ id: '1', type: 'subscribe', payload: { query: '{ board }' } })
  for (let times = 0; times < 10; times++) {
    subscribe()
    send({ id: '1', type: 'complete' })
  }
  subscribe()
  tcp.uncork()
  send({ type: 'ping' })
  await eventually(() => messages.some(({ type }) => type === 'pong') && server.streams.length === 11)
  expect(server.streams.filter(({ isClosed }) => !isClosed)).toEqual([server.streams.at(-1)])
})

test('a socket that is lost closes its streams', async () => {
  const { socket, opened } = await server.watch(['a', 'b'])
  socket.terminate()
  await eventually(() => opened.every(({ isClosed }) => isClosed))
  opened[0].outlet.write(numbered(1))
  opened[0].outlet.fail([])
})

test('nothing is written after the closing frame', async () => {
  const tcp = connectTcp(server.port, '127.0.0.1')
  const came: Buffer[] = []
  tcp.on('data', (bytes) => came.push(bytes))
  const masked = (message: object) => {
    const text = Buffer.from(JSON.stringify(message))
    return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text])
  }
  tcp.write(
    'GET /graphql HTTP/1.1\r\nHost: podium\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
  )
  tcp.write(masked({ type: 'connection_init' }))
  await eventually(() => Buffer.concat(came).includes('connection_ack'))
  tcp.write(masked({ id: '1', type: 'subscribe', payload: { query: '{ board }' } }))
  await eventually(() => server.streams.length === 1)
  const outlet = server.streams[0]?.outlet
  server.endSessions()
  outlet?.write(numbered(1))
  outlet?.fail([{ message: 'too late' }])
  outlet?.complete()
  const end = Buffer.from([0x88, 2 + 'Forbidden'.length, 4403 >> 8, 4403 & 255, ...Buffer.from('Forbidden')])
  await eventually(() => Buffer.concat(came).includes(end))
  tcp.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 4403 >> 8, 4403 & 255]))
  await new Promise((resolve) => tcp.once('close', resolve))
  expect(Buffer.concat(came).subarray(-end.length)).toEqual(end)
})

test('who breaks the protocol is closed with its code', async () => {
  const early = await server.connect()
  early.send({ id: '1', type: 'subscribe', payload: { query: '{ board }' } })
  expect(await closing(early.socket)).toBe(4401)
  const twice = await server.watch()
  twice.send({ type: 'connection_init' })
  expect(await closing(twice.socket)).toBe(4429)
  const same = await server.watch(['1'])
  same.send({ id: '1', type: 'subscribe', payload: { query: '{ board }' } })
  expect(await closing(same.socket)).toBe(4409)
  const nonsense = await server.watch()
  nonsense.socket.send(Buffer.from([0, 255, 1, 254]))
  expect(await closing(nonsense.socket)).toBe(4400)
  const other = new WebSocket(server.url, 'graphql-ws')
  other.once('error', () => {})
  expect(await closing(other)).toBeGreaterThan(1000)
  await eventually(() => server.streams.every(({ isClosed }) => isClosed))
})

test('a request without a mask or with a reserved bit harms its socket alone', async () => {
  const good = await server.watch()
  for (const bytes of [
    [0x81, 0x01, 0x61],
    [0xf1, 0x80, 0, 0, 0, 0],
    [0x83, 0x80, 0, 0, 0, 0],
    [0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ]) {
    const tcp = connectTcp(server.port, '127.0.0.1')
    tcp.on('error', () => {})
    tcp.write(
      'GET /graphql HTTP/1.1\r\nHost: podium\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    )
    tcp.write(Buffer.from(bytes))
    tcp.resume()
    tcp.once('end', () => tcp.end())
    await new Promise((resolve) => tcp.once('close', resolve))
  }
  good.opened[0].outlet.write(numbered(1))
  await eventually(() => good.messages.length === 1)
})

test('there are sockets at /graphql and nowhere else', async () => {
  const other = new WebSocket(server.url.replace('/graphql', '/graphql/more'), 'graphql-transport-ws')
  const refused = await new Promise<Error>((resolve) => other.once('error', resolve))
  expect(refused.message).toContain('404')
  const asked = new WebSocket(`${server.url}?from=app`, 'graphql-transport-ws')
  await new Promise((resolve) => asked.once('open', resolve))
})

test('one caller stands for all streams of a socket', async () => {
  const { opened } = await server.watch(['a', 'b'], { headers: { 'user-agent': 'watch/1' } })
  expect(opened[0].caller).toMatchObject({
    identity: { id: 'ada' },
    address: '127.0.0.1',
    userAgent: 'watch/1',
  })
  expect(opened[1]?.caller).toBe(opened[0].caller)
})

test('a slow reader keeps the message that others read meanwhile, each under their own id', async () => {
  const [slow, fast] = [await server.watch(['slow']), await server.watch(['fast, of another length'])]
  slow.socket.pause()
  const filling = 4_000 // bytes, of a message that is written in one piece
  let written = 0
  for (; !slow.opened[0].outlet.isBusy(); written++) {
    const frame = numbered(written, filling)
    for (const { opened } of [slow, fast]) opened[0].outlet.write(frame)
    while (fast.messages.length <= written) await new Promise(setImmediate) // of thousands each is there in a moment
  }
  for (const more of [1, 2, 3]) {
    fast.opened[0].outlet.write(numbered(-more, filling))
    await eventually(() => fast.messages.length === written + more)
  }
  slow.socket.resume()
  await eventually(() => slow.messages.length === written)
  expect(slow.messages.map(({ id, type }) => `${id} ${type}`)).toEqual(slow.messages.map(() => 'slow next'))
  expect(slow.messages.map(numberIn)).toEqual(slow.messages.map((_, index) => index))
  expect(fast.messages.map(({ id }) => id)).toEqual(fast.messages.map(() => 'fast, of another length'))
})
