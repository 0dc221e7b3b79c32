import { once } from 'node:events'
import { expect, test } from '@jest/globals'
import { GraphQLError } from 'graphql'
import { InvalidOperationError } from '../execution/invalid-operation.ts'
import { eventually } from '../test-support/gateway.ts'
import {
  PARTS,
  query,
  rawRequest,
  SSE,
  type StreamRequest,
  streamFronts,
  ticks,
} from '../test-support/http-streams.ts'

const open = streamFronts()

const away = { message: 'away', extensions: { code: 'UNAVAILABLE' } }

test('server-sent events are a next for each result, and complete', async () => {
  const { show, readers, subscriptions, subscribe } = await open()
  const body = { query: 'subscription A { ticks }', operationName: 'A', variables: { a: 1 } }
  const { response, until, rest } = await subscribe({ accept: SSE, body })
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': readers[0]?.caller.requestId,
    'transfer-encoding': 'chunked',
    connection: 'keep-alive',
  })
  expect(subscriptions).toMatchObject([body])
  expect(await until('\n\n')).toMatch(/^retry: [1-4]\d{3}\n\n$/)
  show(ticks(1))
  expect(await until('\n\n')).toBe('event: next\ndata: {"data":{"ticks":1}}\n\n')
  show('{\n"data":\r\nnull\r}')
  expect(await until('\n\n')).toBe('event: next\ndata: {\ndata: "data":\ndata: null\ndata: }\n\n')
  readers[0]?.complete()
  expect(await rest()).toBe('event: complete\ndata:\n\n')
})

test('parts are a payload for each result, and the last boundary', async () => {
  const { show, readers, subscribe } = await open()
  const { response, until, rest } = await subscribe({ accept: PARTS })
  expect(response.headers.get('content-type')).toBe('multipart/mixed;boundary=graphql;subscriptionSpec=1.0')
  expect(response.headers.get('content-length')).toBeNull()
  expect(await until('graphql')).toBe('\r\n--graphql')
  show(ticks(1))
  const part = '\r\ncontent-type: application/json\r\n\r\n{"payload":{"data":{"ticks":1}}}\r\n--graphql'
  expect(await until('--graphql')).toBe(part)
  readers[0]?.complete()
  expect(await rest()).toBe('--\r\n')
})

test.each([
  [SSE, `event: next\ndata: {"errors":[${JSON.stringify(away)}]}\n\nevent: complete\ndata:\n\n`],
  [
    PARTS,
    `\r\ncontent-type: application/json\r\n\r\n{"payload":null,"errors":[${JSON.stringify(away)}]}\r\n--graphql--\r\n`,
  ],
])('a stream of %s that fails says why', async (accept, end) => {
  const { readers, subscribe } = await open()
  const { until, rest } = await subscribe({ accept })
  await until('\n')
  readers[0]?.fail([away])
  expect((await rest()).endsWith(end)).toBe(true)
})

test.each([
  undefined,
  '*/*',
  'application/json',
  'multipart/mixed',
  'multipart/mixed;subscriptionSpec=2.0,*/*',
])('who accepts %s is told of every way to subscribe', async (accept) => {
  const { front } = await open()
  const { status, body } = await front.post({ query }, accept ? { accept } : {})
  expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT'])
  for (const way of ['graphql-transport-ws', SSE, 'multipart/mixed;subscriptionSpec="1.0"']) {
    expect(body.errors[0].message).toContain(way)
  }
})

test.each([
  ['a query', '{ hello }', 'event: next\ndata: {"data":{"hello":"hello"}}\n\nevent: complete\ndata:\n\n'],
  [
    'a mutation',
    'mutation { change }',
    'event: next\ndata: {"data":{"change":1}}\n\nevent: complete\ndata:\n\n',
  ],
])('%s that wants events is answered with one', async (_, query, text) => {
  const { subscribe } = await open()
  const { response, rest } = await subscribe({ accept: SSE, body: { query } })
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ])
  expect(await rest()).toBe(text)
})

test.each([
  ['does not parse', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
  ['is not valid', { query: 'subscription { none }' }, 'GRAPHQL_VALIDATION_FAILED'],
  [
    'is too large',
    { query: `{ ${Array.from({ length: 25 }, (_, i) => `a${i}: hello`).join(' ')} }` },
    'OPERATION_TOO_COMPLEX',
  ],
  [
    'is not known by its hash',
    { extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } },
    'PERSISTED_QUERY_NOT_FOUND',
  ],
])('of an operation that %s an event tells', async (_, body, code) => {
  const { subscribe } = await open()
  const { response, rest } = await subscribe({ accept: SSE, body })
  expect(response.status).toBe(200)
  const [next = '', ...end] = (await rest()).split('\n\n')
  expect(next).toMatch(/^event: next\ndata: /)
  expect(JSON.parse(next.split('data: ')[1] ?? '').errors[0].extensions.code).toBe(code)
  expect(end).toEqual(['event: complete\ndata:', ''])
})

test.each<[string, () => Error, number]>([
  ['a variable that does not fit', () => new InvalidOperationError([coded('BAD_USER_INPUT')]), 400],
  ['an operation that was valid', () => new InvalidOperationError([new GraphQLError('none')]), 400],
  ['what is unexpected', () => new Error('select'), 500],
])('a stream is refused for %s', async (_, make, status) => {
  const { streams, readers, subscribe } = await open()
  streams.prepare = () => {
    throw make()
  }
  const parts = await subscribe({ accept: PARTS })
  expect(parts.response.status).toBe(status)
  expect(JSON.parse(await parts.rest()).errors[0].extensions.code).toEqual(expect.any(String))
  const events = await subscribe({ accept: SSE })
  expect(events.response.status).toBe(status === 400 ? 200 : status)
  expect(await events.rest()).not.toContain('select')
  expect(readers).toEqual([])
})

const coded = (code: string) => new GraphQLError('no', { extensions: { code } })

test.each<[string, number, StreamRequest]>([
  ['a token that is not valid', 401, { accept: SSE, headers: { authorization: 'Bearer forged' } }],
  ['a body that is no request', 400, { accept: SSE, body: { query: 7 } }],
  ['a body of more than 64 kB', 413, { accept: SSE, body: { query, pad: 'x'.repeat(64 * 1024) } }],
  [
    'a body of more than 64 kB, in parts',
    413,
    { accept: PARTS, body: { query, pad: 'x'.repeat(64 * 1024) } },
  ],
])('%s is refused with %i', async (_, status, asked) => {
  const { subscribe } = await open()
  const { response, rest } = await subscribe(asked)
  expect(response.status).toBe(status)
  expect(JSON.parse(await rest()).errors[0].extensions.code).toEqual(expect.any(String))
})

test('only pages that may ask get a stream by GET', async () => {
  const { readers, get } = await open()
  expect((await get({ 'sec-fetch-site': 'cross-site' })).status).toBe(400)
  expect((await get({ origin: 'https://evil.example' })).status).toBe(400)
  expect(readers).toEqual([])
  const listed = await get({ 'sec-fetch-site': 'cross-site', origin: 'https://podium.example' })
  expect(listed.headers.get('access-control-allow-origin')).toBe('https://podium.example')
  const own = await get({ 'sec-fetch-site': 'same-origin' })
  expect([listed.status, own.status]).toEqual([200, 200])
  await Promise.all([listed.body?.cancel(), own.body?.cancel()])
})

test('a HEAD gives the head of a stream and opens none', async () => {
  const { readers, get } = await open()
  const { status, headers } = await get({}, 'HEAD')
  expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
  expect(readers).toEqual([])
})

test('HTTP/1.0 gets a stream that ends with its connection', async () => {
  const { show, readers, write } = await open()
  const socket = await write(rawRequest('1.0'))
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await eventually(() => readers.length === 1)
  show(ticks(1))
  await eventually(() => text.includes('}}\n\n'))
  readers[0]?.complete()
  await once(socket, 'end')
  const [head = '', body] = text.split('\r\n\r\n')
  expect(head.toLowerCase()).not.toContain('transfer-encoding')
  expect(body).toMatch(
    /^retry: \d{4}\n\nevent: next\ndata: {"data":{"ticks":1}}\n\nevent: complete\ndata:\n\n$/,
  )
})
