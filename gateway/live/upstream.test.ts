import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { type Caller, operationBody, signCaller } from '../../platform/identity.ts'
import { silent } from '../../test/support/stores.ts'
import { openTcpProxy } from '../../test/support/tcp-proxy.ts'
import { eventually } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'
import { openUpstream } from './upstream.ts'

const caller: Caller = { identity: { kind: 'gateway' }, requestId: 'r1' }
const operation = {
  query: 'subscription { leaderboardChanged(competitionId: "cup") { revision competition { id } } }',
}

type Data = { leaderboardChanged: { revision: number } }
const revisionOf = ({ data }: { data?: unknown }) => (data as Data).leaderboardChanged.revision

let subgraphs: TestSubgraphs
let url: string
let secret: string
beforeEach(async () => {
  subgraphs = await openSubgraphs()
  const { LEADERBOARD_URL = '', LEADERBOARD_SECRET = '' } = subgraphs.config.subgraphs.variables
  url = LEADERBOARD_URL
  secret = LEADERBOARD_SECRET
})
afterEach(() => subgraphs.close())

test('a subgraph that has fallen silent is connected to anew, and its watchers notice nothing but a fresh state', async () => {
  const { hostname, port } = new URL(url)
  const network = await openTcpProxy(Number(port))
  const address = { name: 'leaderboard', url: `http://${hostname}:${network.port}/graphql`, secret }
  const upstream = openUpstream(address, {
    now: subgraphs.now,
    logger: silent,
    patience: 1_000_000, // ms
    ping: 200, // ms
  })
  const revisions: number[] = []
  const ends: unknown[] = []
  upstream.watch(() => operation, caller, {
    next: (event) => void revisions.push(revisionOf(event)),
    error: (errors) => void ends.push(errors),
    complete: () => void ends.push('complete'),
  })
  await eventually(() => revisions.length > 0)
  network.connections()[0]?.swallow()
  subgraphs.board.publish(1)
  await eventually(() => revisions.at(-1) === 1)
  expect(ends).toEqual([])
  await upstream.close()
  await network.close()
})

test('a subgraph that is away is tried again with growing pauses', async () => {
  let attempts = 0
  const away = createServer((connection) => {
    attempts++
    connection.destroy()
  })
  away.listen(0, '127.0.0.1')
  await once(away, 'listening')
  const { port } = away.address() as AddressInfo
  const address = { name: 'leaderboard', url: `http://127.0.0.1:${port}/graphql`, secret }
  const start = performance.now()
  const upstream = openUpstream(address, { now: subgraphs.now, logger: silent, patience: 1_000_000 }) // ms
  const leave = upstream.watch(() => operation, caller, { next() {}, error() {}, complete() {} })
  await eventually(() => attempts >= 5)
  // Half of 100, 200, 400 and 800 ms at least; timers go by whole ones.
  expect(performance.now() - start).toBeGreaterThan(740)
  leave()
  await upstream.close()
  away.close()
})

test('of a gateway that does not read a subgraph keeps what the network does not take, and the latest', async () => {
  subgraphs.world.cup = 'x'.repeat(1_000_000)
  const sockets: WebSocket[] = []
  class Socket extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol, { perMessageDeflate: false })
      sockets.push(this)
    }
  }
  const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: Socket })
  const body = operationBody(operation)
  const extensions = signCaller(caller, { subgraph: 'leaderboard', body, secret, now: subgraphs.now() })
  const revisions: number[] = []
  client.subscribe<Data>(
    { ...operation, extensions },
    { next: (event) => void revisions.push(revisionOf(event)), error() {}, complete() {} },
  )
  await eventually(() => revisions.length === 1)
  sockets[0]?.pause()
  for (let revision = 1; revision <= 60; revision++) {
    subgraphs.board.publish(revision)
    for (let turns = 0; turns < 5; turns++) await turn()
  }
  sockets[0]?.resume()
  await eventually(() => revisions.at(-1) === 60)
  // The buffers of the network take up to 16 MB.
  expect(revisions.length).toBeLessThan(25)
  await client.dispose()
})
