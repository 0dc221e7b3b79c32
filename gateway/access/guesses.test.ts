import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import WebSocket from 'ws'
import { closing, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

// What credentials that are no good cost others: nothing, once the budget of their address is spent.

const BUDGET = 3 // requests, so that a next one takes 20 s

let subgraphs: TestSubgraphs
let gateway: TestGateway
const sockets: WebSocket[] = []
beforeAll(async () => {
  subgraphs = await openSubgraphs()
})
beforeEach(async () => {
  const none = { requests: null, cost: null }
  const perMinute = { person: none, key: none, address: { requests: BUDGET, cost: null } }
  gateway = await openGateway(subgraphs, { config: { limits: { ...subgraphs.config.limits, perMinute } } })
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await gateway.close()
})
afterAll(() => subgraphs.close())

const guess = () => `podium_${randomBytes(32).toString('base64url')}`

/** What a socket with these credentials is closed with; undefined: it is let in. */
async function introduce(accessToken: string): Promise<number | undefined> {
  const socket = new WebSocket(gateway.socketUrl, 'graphql-transport-ws')
  sockets.push(socket)
  socket.once('open', () =>
    socket.send(JSON.stringify({ type: 'connection_init', payload: { accessToken } })),
  )
  const admitted = new Promise<undefined>((resolve) => socket.once('message', () => resolve(undefined)))
  return Promise.race([closing(socket), admitted])
}

async function spendAll(): Promise<void> {
  for (let status = 200; status !== 429; ) status = (await gateway.ask('{ __typename }')).status
  subgraphs.lookedUp.length = 0
}

test('once the budget of an address is spent, nobody is asked about what it guesses, over HTTP or WebSocket', async () => {
  await spendAll()
  expect((await gateway.ask('{ __typename }', { token: guess() })).status).toBe(429)
  for (const path of ['/schema/partner.graphql', '/docs']) {
    const headers = { authorization: `Bearer ${guess()}` }
    expect((await fetch(`${gateway.origin}${path}`, { headers })).status).toBe(429)
  }
  expect(await introduce(guess())).toBe(1013)
  expect(subgraphs.lookedUp).toEqual([])
})

test('guesses that come at once are counted before anybody is asked', async () => {
  subgraphs.lookedUp.length = 0
  const socket = connect(Number(new URL(gateway.origin).port), '127.0.0.1')
  const url = `/graphql?query=${encodeURIComponent('{ __typename }')}`
  for (let n = 0; n < 50; n++) socket.write(`GET ${url} HTTP/1.1\r\nhost: podium\r\nauthorization: Bearer ${guess()}\r\n${n === 49 ? 'connection: close\r\n' : ''}\r\n`) // biome-ignore format: one request
  const statuses = (await text(socket)).match(/HTTP\/1.1 \d+/g)
  expect(statuses).toHaveLength(50)
  expect(subgraphs.lookedUp.length).toBeLessThanOrEqual(BUDGET)
})

test('whoever is refused at a socket is counted on their address', async () => {
  for (let n = 0; n < BUDGET; n++) expect(await introduce(n % 2 ? guess() : 'forged')).toBe(4403)
  expect((await gateway.ask('{ __typename }')).status).toBe(429)
  expect(await introduce('forged')).toBe(1013)
})

test('a key is looked up as a request of its address, and then goes on when the budget of that is spent', async () => {
  const token = subgraphs.key([])
  for (let n = 0; n < 2 * BUDGET; n++) {
    expect((await gateway.ask('{ __typename }', { token })).status).toBe(200)
  }
  const { headers } = await gateway.ask('{ __typename }')
  expect(headers.get('ratelimit')).toMatch(`"requests";r=${BUDGET - 2};`)
  await spendAll()
  expect((await gateway.ask('{ __typename }', { token })).status).toBe(200)
  expect(await introduce(token)).toBeUndefined()
})

test('credentials are the same however they are spelled, and are looked up once', async () => {
  const token = subgraphs.key([])
  subgraphs.lookedUp.length = 0
  for (const spelling of ['Bearer ', 'bearer ', 'BEARER   ', `Bearer ${' '.repeat(9_000)}`]) {
    const headers = { 'content-type': 'application/json', authorization: spelling + token }
    const { status } = await fetch(gateway.url, {
      method: 'POST',
      headers,
      body: '{"query":"{ __typename }"}',
    })
    expect(status).toBe(200)
  }
  expect(subgraphs.lookedUp).toHaveLength(1)
})
