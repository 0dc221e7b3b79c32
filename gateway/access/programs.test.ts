import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import WebSocket from 'ws'
import { tellEndedSessions } from '../../platform/ended-sessions.ts'
import type { OpenRedis } from '../../platform/redis.ts'
import { openTestRedis, testRedisUrl } from '../../test/support/stores.ts'
import { closing, eventually, framesOf, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

// Programs with API keys, over HTTP, WebSocket and SSE.

const board = 'subscription { leaderboardChanged(competitionId: "cup") { revision } }'

let subgraphs: TestSubgraphs
let gateway: TestGateway
let redis: OpenRedis
const others: (() => unknown)[] = []
beforeAll(async () => {
  subgraphs = await openSubgraphs()
  redis = await openTestRedis()
  gateway = await openGateway(subgraphs, {
    config: { redis: { urls: [testRedisUrl()], prefix: redis.prefix } },
  })
})
afterEach(async () => {
  for (const close of others.splice(0)) await close()
})
afterAll(async () => {
  await gateway.close()
  redis.close()
  await subgraphs.close()
})

/** A socket that has presented a key, in whatever way; and what it is closed with. */
function present(payload: object, { socketUrl } = gateway) {
  const socket = new WebSocket(socketUrl, 'graphql-transport-ws')
  socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })))
  const closed = closing(socket)
  const acknowledged = new Promise<string>((resolve) => {
    socket.once('message', (data) => resolve(JSON.parse(String(data)).type))
    void closed.then((code) => resolve(`closed with ${code}`))
  })
  others.push(() => socket.terminate())
  return { acknowledged, closed }
}

/** A board that is watched over SSE: its first frame has come. `rest` is all that comes after it. */
async function watchEvents(token: string, { url } = gateway) {
  const leaving = new AbortController()
  others.push(() => leaving.abort())
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query: board }),
    signal: leaving.signal,
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  for (let text = ''; !text.includes('revision'); ) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) throw new Error(`it ended: ${text}`)
    text += value
  }
  const rest = (async () => {
    let text = ''
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text += part.value
    return text
  })()
  rest.catch(() => {}) // of those that a test leaves
  return { rest }
}

/** Tells gateways that a key has ended, or is good for something else. */
const tell = (sessionId: string) =>
  tellEndedSessions(redis, { sessionIds: [sessionId], until: Date.now() + 600_000 })

test('a program asks over HTTP for what its scopes allow', async () => {
  const query = '{ viewer { id } competition(id: "cup") { viewerParticipation { user { id } } } }'
  const reader = await gateway.ask(query, { token: subgraphs.key(['account:read']) })
  expect(reader.body).toEqual({
    data: { viewer: { id: 'ann' }, competition: { viewerParticipation: { user: { id: 'ann' } } } },
  })
  const other = await gateway.ask(query, { token: subgraphs.key([]) })
  expect(other.body).toEqual({ data: { viewer: null, competition: { viewerParticipation: null } } })
})

test('a program subscribes over WebSocket, however it presents its key, and over SSE', async () => {
  const key = subgraphs.key([])
  const ways = [
    { authorization: `Bearer ${key}` },
    { headers: { Authorization: `Bearer ${key}` } },
    { accessToken: key },
  ]
  for (const way of ways) expect(await present(way).acknowledged).toBe('connection_ack')
  others.splice(0).forEach((close) => void close())
  await eventually(async () => (await present(ways[0] ?? {}).acknowledged) === 'connection_ack')

  const client = gateway.watch({ connectionParams: { authorization: `Bearer ${subgraphs.key([])}` } })
  expect((await framesOf(client, board).next()).value.data).toMatchObject({ leaderboardChanged: {} })
  await client.dispose()
  await watchEvents(subgraphs.key([]))
})

test('a key that nobody has is refused over all three', async () => {
  const { status, body } = await gateway.ask('{ __typename }', { token: `podium_${'x'.repeat(43)}` })
  expect(status).toBe(401)
  expect(body).toMatchObject({
    errors: [
      {
        message: expect.stringContaining('This API key is not valid'),
        extensions: { code: 'UNAUTHENTICATED' },
      },
    ],
  })
  expect(await present({ accessToken: `podium_${'y'.repeat(43)}` }).closed).toBe(4403)
  const stream = await fetch(`${gateway.url}?query=${encodeURIComponent(board)}`, {
    headers: { accept: 'text/event-stream', authorization: `Bearer podium_${'z'.repeat(43)}` },
  })
  expect(stream.status).toBe(401)
})

test('guesses count on the budget of their address, and keep nobody there from a key that was good', async () => {
  const none = { requests: null, cost: null }
  const perMinute = { person: none, key: none, address: { requests: 5, cost: null } }
  const limited = await openGateway(subgraphs, { config: { limits: { ...subgraphs.config.limits, perMinute } } }) // biome-ignore format: one call
  others.push(limited.close)
  const token = subgraphs.key(['account:read'])
  expect((await limited.ask('{ viewer { id } }', { token })).status).toBe(200)
  const guess = async (n: number) =>
    (await limited.ask('{ __typename }', { token: `podium_${String(n).padEnd(43, 'x')}` })).status
  const statuses = []
  for (let n = 0; n < 8; n++) statuses.push(await guess(n))
  expect(statuses.slice(0, 4)).toEqual([401, 401, 401, 401])
  expect(statuses).toContain(429)
  expect((await limited.ask('{ viewer { id } }', { token })).status).toBe(200)
})

test('a key that is revoked is refused, and its socket and its stream end, at once', async () => {
  const key = subgraphs.key(['account:read'], { sessionId: 'revoked' })
  const socket = present({ accessToken: key })
  await socket.acknowledged
  const stream = await watchEvents(key)
  expect((await gateway.ask('{ viewer { id } }', { token: key })).status).toBe(200)
  subgraphs.ended.add('revoked')
  await tell('revoked')
  expect(await socket.closed).toBe(4403)
  expect(await stream.rest).toContain('UNAUTHENTICATED')
  expect((await gateway.ask('{ viewer { id } }', { token: key })).status).toBe(401)
})

test('a key that is good for something else goes on with that: what it held ends, and it opens more', async () => {
  const change = { scopes: ['account:read'], sessionId: 'changed' }
  const key = subgraphs.key(change.scopes, change)
  const socket = present({ accessToken: key })
  await socket.acknowledged
  change.scopes.splice(0)
  await tell('changed')
  expect(await socket.closed).toBe(4403)
  expect((await gateway.ask('{ viewer { id } }', { token: key })).body).toEqual({ data: { viewer: null } })
  await watchEvents(key)
  expect(await present({ accessToken: key }).acknowledged).toBe('connection_ack')
})

test('a key that expires ends what it holds, and is refused', async () => {
  const key = subgraphs.key(['account:read'], { expiresAt: new Date(Date.now() + 6_000), sessionId: 'brief' })
  const socket = present({ accessToken: key })
  const stream = await watchEvents(key)
  expect(await socket.acknowledged).toBe('connection_ack')
  expect(await socket.closed).toBe(4403)
  expect(await stream.rest).toContain('UNAUTHENTICATED')
  subgraphs.ended.add('brief') // as users has it then
  expect((await gateway.ask('{ __typename }', { token: key })).status).toBe(401)
})

test('without Redis a gateway asks about keys that hold streams, whatever their scopes, and ends those that are over', async () => {
  const alone = await openGateway(subgraphs, { sessionCheck: 20 })
  others.push(alone.close)
  const [good, over] = [subgraphs.key([], { sessionId: 'good' }), subgraphs.key([], { sessionId: 'over' })]
  let isClosed = false
  const stays = present({ accessToken: good }, alone)
  void stays.closed.then(() => {
    isClosed = true
  })
  await stays.acknowledged
  const socket = present({ accessToken: over }, alone)
  await socket.acknowledged
  const asked = subgraphs.asked.length
  await eventually(() => subgraphs.asked.length > asked + 4)
  expect(isClosed).toBe(false)
  subgraphs.ended.add('over')
  expect(await socket.closed).toBe(4403)
  expect(isClosed).toBe(false)
})

test('while users is away those with a key are asked to come later, and others go on', async () => {
  const known = subgraphs.key(['account:read'])
  await gateway.ask('{ __typename }', { token: known })
  await subgraphs.stop('users')
  try {
    const { status, body } = await gateway.ask('{ __typename }', { token: subgraphs.key([]) })
    expect(status).toBe(503)
    expect(body.errors?.[0]?.extensions?.code).toBe('UNAVAILABLE')
    expect(await present({ accessToken: subgraphs.key([]) }).closed).toBe(1013)
    expect((await gateway.ask('{ __typename }', { token: known })).status).toBe(200)
    expect((await gateway.ask('{ __typename }')).status).toBe(200)
  } finally {
    await subgraphs.start('users')
  }
})

test('each key has budgets of its own, and dearer operations than its owner', async () => {
  const none = { requests: null, cost: null }
  const perMinute = { person: none, address: none, key: { requests: 5, cost: null } }
  const limits = { ...subgraphs.config.limits, cost: 10, costPerKey: 20, perMinute }
  const limited = await openGateway(subgraphs, { config: { limits } })
  others.push(limited.close)
  const [one, two] = [subgraphs.key([]), subgraphs.key([])]
  const person = await subgraphs.issuer.token()
  const ask = (token: string, query = '{ __typename }') => limited.ask(query, { token })

  const dear = '{ competitions(first: 14) { edges { cursor } } }' // 15
  expect((await ask(person, dear)).body.errors?.[0]?.extensions?.code).toBe('OPERATION_TOO_COMPLEX')
  const response = await fetch(limited.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'podium-cost': 'report', authorization: `Bearer ${one}` },
    body: JSON.stringify({ query: dear }),
  })
  expect(await response.json()).toMatchObject({ extensions: { cost: { estimated: 15, limit: 20 } } })
  expect(response.headers.get('ratelimit-policy')).toBe('"requests";q=5;w=60, "owner-requests";q=15;w=60')

  const statuses = []
  for (let n = 0; n < 8; n++) statuses.push((await ask(one)).status)
  expect(statuses).toContain(429)
  expect((await ask(two)).status).toBe(200)
  expect((await ask(person)).status).toBe(200)
})

test.each([
  ['requests', { requests: 5, cost: null }],
  ['cost', { requests: null, cost: 25 }],
])(
  'all keys of a person have three budgets together in %s, and nobody else has less for it',
  async (_, key) => {
    const none = { requests: null, cost: null }
    const limits = { ...subgraphs.config.limits, perMinute: { person: none, address: none, key } }
    const limited = await openGateway(subgraphs, { config: { limits } })
    others.push(limited.close)
    const ask = (token: string) => limited.ask('{ competitions(first: 4) { edges { cursor } } }', { token }) // 5

    /** The answer to the first request of a key that finds nothing left. */
    async function spend() {
      for (let made = 0; made < 50; made++) {
        const token = subgraphs.key([])
        const first = await ask(token)
        if (first.status !== 200) return { first, made }
        for (let n = 1; n < 5; n++) await ask(token)
      }
      throw new Error('fifty keys have fifty budgets')
    }

    const { first, made } = await spend()
    expect(made).toBeGreaterThanOrEqual(3)
    expect([first.status, first.body.errors?.[0]?.extensions?.code]).toEqual([429, 'RATE_LIMITED'])
    expect(first.headers.get('ratelimit')).toMatch(/^"(requests|cost)";r=\d+;t=\d+, "owner-\1";r=[0-4];/)
    expect((await ask(subgraphs.key([], { userId: 'bob' }))).status).toBe(200)
    expect((await ask(await subgraphs.issuer.token())).status).toBe(200)
  },
)

test('each key has places of its own for sockets, which are none of its owner’s', async () => {
  const [one, two] = [subgraphs.key([]), subgraphs.key([])]
  const person = { accessToken: await subgraphs.issuer.token() }
  for (let n = 0; n < subgraphs.config.limits.socketsPerKey; n++) {
    expect(await present({ accessToken: one }).acknowledged).toBe('connection_ack')
  }
  expect(await present({ accessToken: one }).closed).toBe(1013)
  for (const other of [person, person, { accessToken: two }]) {
    expect(await present(other).acknowledged).toBe('connection_ack')
  }
  expect(await present(person).closed).toBe(1013)
})
