import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import cors from '@fastify/cors'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import Fastify from 'fastify'
import { anonymous } from '../platform/identity.ts'
import { readGatewayLimits } from '../platform/settings/gateway-limits.ts'
import { silent } from '../test/support/stores.ts'
import { createAddressOf } from './access/address.ts'
import { openBudget } from './access/budget.ts'
import { crossOrigin } from './http/response-headers.ts'
import { passOn } from './pass-on.ts'

const LIMIT = 5 * 1_048_576 // bytes

let answer: (request: IncomingMessage, response: ServerResponse) => void
const limits = readGatewayLimits({ REQUESTS_PER_MINUTE_PER_ADDRESS: '20' })
const budget = openBudget({ limits, redis: null })
const addressOf = createAddressOf(['127.0.0.1'])
const upstream = createServer((request, response) => answer(request, response))
const app = Fastify({ forceCloseConnections: true })
let to: string | undefined
let origin: string

beforeAll(async () => {
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  await app.register(cors, { origin: ['https://podium.example'], ...crossOrigin })
  passOn(app, { path: '/files/*', methods: ['GET', 'HEAD', 'PUT'], to: () => to, bodyLimit: LIMIT, addressOf, budget, logger: silent }) // biome-ignore format: one call
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
})
beforeEach(() => {
  to = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
})
afterAll(async () => {
  await app.close()
  upstream.close()
  await budget.close()
})

/** What is answered to bytes that no client would send by itself. */
async function raw(lines: string[]): Promise<string> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  socket.write(`${lines.join('\r\n')}\r\nhost: podium\r\nconnection: close\r\n\r\n`)
  return text(socket)
}

test('a request goes on with what describes its body, and nothing of who sends it', async () => {
  let seen: IncomingMessage | undefined
  answer = async (request, response) => {
    seen = request
    response.setHeader('content-type', 'image/webp').end(await buffer(request))
  }
  const body = randomBytes(LIMIT)
  const response = await fetch(`${origin}/files/a/b.webp?signature=x%2Fy`, {
    method: 'PUT',
    body,
    headers: {
      'content-type': 'image/png',
      authorization: 'Bearer token',
      cookie: 'a=b',
      'podium-caller': 'somebody',
      'podium-signature': 'forged',
      'x-forwarded-for': '10.0.0.1',
    },
  })
  expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true)
  expect(seen?.url).toBe('/files/a/b.webp?signature=x%2Fy')
  const { host, connection, accept, ...headers } = seen?.headers ?? {}
  expect(headers).toEqual({ 'content-type': 'image/png', 'content-length': String(LIMIT) })
})

test('an answer comes with its headers, save those of the connection', async () => {
  answer = (_, response) =>
    response
      .writeHead(404, { 'content-security-policy': 'sandbox', 'keep-alive': 'timeout=1', 'x-own': 'yes' })
      .end('nothing')
  const response = await fetch(`${origin}/files/x`)
  expect([response.status, await response.text()]).toEqual([404, 'nothing'])
  expect(response.headers.get('content-security-policy')).toBe('sandbox')
  expect(response.headers.get('x-own')).toBe('yes')
  expect(response.headers.get('keep-alive')).not.toBe('timeout=1')
})

test('HEAD is told the length of what it does not get', async () => {
  answer = (_, response) => response.setHeader('content-length', 1_000).end()
  const response = await fetch(`${origin}/files/x`, { method: 'HEAD' })
  expect([response.status, response.headers.get('content-length')]).toEqual([200, '1000'])
})

test('an upload that is refused before its end is told so', async () => {
  answer = (_, response) => response.writeHead(403).end('not you')
  const body = randomBytes(LIMIT)
  for (let time = 0; time < 5; time++) {
    const response = await fetch(`${origin}/files/x`, { method: 'PUT', body })
    expect([response.status, await response.text()]).toEqual([403, 'not you'])
  }
})

test('a body that is too long, or nobody says how long, is refused', async () => {
  answer = () => expect('it').toBe('passed on')
  const long = await fetch(`${origin}/files/x`, { method: 'PUT', body: randomBytes(LIMIT + 1) })
  expect(long.status).toBe(413)
  const chunked = await raw(['PUT /files/x HTTP/1.1', 'transfer-encoding: chunked'])
  expect(chunked).toMatch(/^HTTP\/1.1 411 /)
})

test.each([
  '/files/../graphql',
  '/files/%2e%2e/graphql',
  '/files/./x',
  '/files\\..\\graphql',
  '//evil.example/files/x',
  'http://evil.example/files/x',
])('%s leads nowhere', async (target) => {
  answer = () => expect('it').toBe('passed on')
  expect(await raw([`GET ${target} HTTP/1.1`])).toMatch(/^HTTP\/1.1 404 /)
})

test('where nobody serves it there is nothing', async () => {
  to = undefined
  expect((await fetch(`${origin}/files/x`)).status).toBe(404)
})

test('methods that are not named are not known', async () => {
  answer = () => expect('it').toBe('passed on')
  for (const method of ['POST', 'DELETE', 'PATCH']) {
    expect((await fetch(`${origin}/files/x`, { method })).status).toBe(404)
  }
})

test('whoever is away or fails is told of as away, without a word of theirs', async () => {
  const told = { errors: [{ message: expect.any(String), extensions: { code: 'UNAVAILABLE' } }] }
  answer = (_, response) => response.writeHead(500).end('ENOSPC /srv/podium')
  const failed = await fetch(`${origin}/files/x`)
  expect([failed.status, await failed.json()]).toEqual([503, told])
  answer = (request) => request.socket.destroy()
  const cut = await fetch(`${origin}/files/x`)
  expect([cut.status, await cut.json()]).toEqual([503, told])
  to = 'http://127.0.0.1:1'
  const away = await fetch(`${origin}/files/x`)
  expect([away.status, await away.json()]).toEqual([503, told])
})

test('a client that goes away in the middle of its upload ends it', async () => {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  const ended = new Promise<boolean>((resolve) => {
    answer = (request) => {
      request.once('data', () => socket.destroy())
      request.once('error', () => resolve(request.complete))
    }
  })
  socket.write('PUT /files/x HTTP/1.1\r\nhost: podium\r\ncontent-length: 1000\r\n\r\nthe beginning')
  expect(await ended).toBe(false)
})

test('pages of listed origins may send files, and no others', async () => {
  const preflight = (from: string) =>
    fetch(`${origin}/files/x`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      },
    })
  const known = await preflight('https://podium.example')
  expect(known.headers.get('access-control-allow-origin')).toBe('https://podium.example')
  expect(known.headers.get('access-control-allow-methods')).toContain('PUT')
  const stranger = await preflight('https://evil.example')
  expect(stranger.headers.get('access-control-allow-origin')).toBeNull()
  answer = (_, response) => response.end()
  const sent = await fetch(`${origin}/files/x`, { headers: { origin: 'https://podium.example' } })
  expect(sent.headers.get('access-control-allow-origin')).toBe('https://podium.example')
})

test('an address reads and sends ten times as many files as it may make requests, which it may make besides', async () => {
  answer = (_, response) => response.end()
  const ask = (address: string, method = 'GET', body?: Buffer) =>
    fetch(`${origin}/files/x`, { method, body, headers: { 'x-forwarded-for': address } })
  /** The first answer of many that is none of who serves it, and how many came before. */
  async function refusal(method: string, body?: Buffer) {
    for (let answered = 0; answered < 5_000; answered++) {
      const response = await ask('192.0.2.1', method, body)
      if (response.status !== 200) return { response, answered }
    }
    throw new Error('nothing was refused')
  }

  const { headers } = await ask('192.0.2.1')
  expect(headers.get('ratelimit-policy')).toBe('"files";q=200;w=60')
  const read = await refusal('HEAD')
  expect(read.response.status).toBe(429)
  expect(read.answered).toBeGreaterThanOrEqual(199)
  const sent = await refusal('PUT', randomBytes(1_000))
  expect([sent.response.status, await sent.response.json()]).toEqual([
    429,
    { errors: [{ message: expect.any(String), extensions: { code: 'RATE_LIMITED' } }] },
  ])
  expect(Number(sent.response.headers.get('retry-after'))).toBeGreaterThan(0)
  await budget.accountOf({ identity: anonymous, address: '192.0.2.1' }).request()
  expect((await ask('192.0.2.2')).status).toBe(200)
})
