import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { pino } from 'pino'
import WebSocket from 'ws'
import { readGatewayConfig } from '../../platform/config.ts'
import { startGateway } from '../start.ts'
import { openForeign, shop, starless } from '../test-support/foreign.ts'
import { eventually, framesOf } from '../test-support/gateway.ts'
import { subgraphsInFile } from './file.ts'
import { createLinkPool } from './subgraph-links.ts'
import { openSupergraphs } from './supergraphs.ts'

const POLL = 20 // ms

let foreign: Awaited<ReturnType<typeof openForeign>>
beforeAll(async () => {
  foreign = await openForeign(shop)
})
afterAll(() => foreign.close())

let folder: string
let file: string
const gateways = new Set<{ close(): Promise<void> }>()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'podium-supergraph-'))
  file = join(folder, 'supergraph.graphql')
  writeFileSync(file, foreign.sdl())
})
afterEach(async () => {
  await Promise.all([...gateways].map((gateway) => gateway.close()))
  gateways.clear()
  rmSync(folder, { recursive: true })
})

/** A gateway of the file, as an environment with these variables makes it. */
async function open(env: NodeJS.ProcessEnv = {}) {
  const all = { SUPERGRAPH: file, SUBGRAPH_SIGNING: 'off', PORT: '0', LOG_LEVEL: 'silent', ...env }
  const gateway = await startGateway(readGatewayConfig(all, subgraphsInFile), { poll: POLL })
  gateways.add(gateway)
  return {
    ...gateway,
    async ask(query: string, headers: Record<string, string> = {}) {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      })
      return { status: response.status, body: await response.json() }
    },
    get: (path: string) => fetch(new URL(path, gateway.url)),
  }
}

const reviews = '{ products { name reviews { text } } }'
const reviewed = { data: { products: [{ name: 'Table', reviews: [{ text: 'Good, the 1.' }] }] } }
const stars = '{ products { reviews { stars } } }'
const starred = { data: { products: [{ reviews: [{ stars: 5 }] }] } }

/** Puts a file in place as most programs do. */
function replace(text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

test('a supergraph of foreign subgraphs is served at the urls that it names', async () => {
  const gateway = await open()
  expect(await gateway.ask(reviews)).toEqual({ status: 200, body: reviewed })
  expect((await gateway.get('/livez')).status).toBe(200)
  expect((await gateway.get('/readyz')).status).toBe(200)
})

test('a subscription of a foreign subgraph is served, with what another adds', async () => {
  const gateway = await open()
  const client = createClient({
    url: gateway.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  })
  const frames = framesOf(client, 'subscription { reviewed { name reviews { stars } } }')
  expect((await frames.next()).value).toEqual({
    data: { reviewed: { name: 'Table', reviews: [{ stars: 5 }] } },
  })
  await client.dispose()
})

test('where nobody can sign in, everyone is anonymous, whatever they send', async () => {
  const gateway = await open()
  expect((await gateway.ask(reviews, { authorization: 'Bearer of-another-system' })).body).toEqual(reviewed)
})

test('a foreign subgraph that is away is waited for, and named', async () => {
  const other = await openForeign({ reviews: shop.reviews ?? starless })
  const gateway = await open({ REVIEWS_URL: other.urls.reviews })
  expect((await gateway.get('/readyz')).status).toBe(200)
  await other.close()
  const response = await gateway.get('/readyz')
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({ status: 'not ready', waitingFor: ['reviews'] })
})

test('a subgraph is asked at the url of the environment, if that has one', async () => {
  const products = () => [{ sku: '2', name: 'Chair' }]
  const other = await openForeign({
    'product-catalog': {
      typeDefs: shop['product-catalog']?.typeDefs ?? '',
      resolvers: { Query: { products } },
    },
  })
  const gateway = await open({ PRODUCT_CATALOG_URL: other.urls['product-catalog'] })
  expect((await gateway.ask(reviews)).body).toMatchObject({ data: { products: [{ name: 'Chair' }] } })
  await other.close()
})

test('introspection is off in production unless it is turned on', async () => {
  const introspection = '{ __schema { queryType { name } } }'
  expect((await (await open()).ask(introspection)).status).toBe(400)
  const { body } = await (await open({ INTROSPECTION: 'on' })).ask(introspection)
  expect(body).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } })
})

test('a file that is replaced is served from then on', async () => {
  const gateway = await open()
  expect((await gateway.ask(stars)).body).toEqual(starred)
  replace(foreign.sdl({ reviews: starless }))
  await eventually(async () => (await gateway.ask(stars)).status === 400)
  expect((await gateway.ask(reviews)).body).toEqual(reviewed)
  replace(foreign.sdl())
  await eventually(async () => (await gateway.ask(stars)).status === 200)
})

test('a file behind a symlink that is turned is served, too', async () => {
  rmSync(file)
  writeFileSync(join(folder, 'one'), foreign.sdl())
  writeFileSync(join(folder, 'two'), foreign.sdl({ reviews: starless }))
  symlinkSync('one', file)
  const gateway = await open()
  expect((await gateway.ask(stars)).status).toBe(200)
  symlinkSync('two', `${file}.new`)
  renameSync(`${file}.new`, file)
  await eventually(async () => (await gateway.ask(stars)).status === 400)
})

test('a broken file is refused: what was served before goes on being served', async () => {
  const gateway = await open()
  for (const broken of ['enum {', 'type Query { a: Int }', '']) {
    writeFileSync(file, broken)
    await new Promise((resolve) => setTimeout(resolve, 10 * POLL))
    expect((await gateway.ask(stars)).body).toEqual(starred)
  }
  writeFileSync(file, foreign.sdl({ reviews: starless }))
  await eventually(async () => (await gateway.ask(stars)).status === 400)
})

test('what is refused is logged with all its faults, and once', async () => {
  const logged: { level: number; file?: string; faults?: string[] }[] = []
  const logger = pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) })
  const links = createLinkPool({
    transport: () => ({ send: async () => '', close: async () => {} }),
    upstream: () => ({ watch: () => () => {}, close: async () => {} }),
  })
  const env = { SUPERGRAPH: file, SUBGRAPH_SIGNING: 'off' }
  const config = readGatewayConfig(env, subgraphsInFile)
  const { current, close } = await openSupergraphs({ config, links, logger, poll: POLL })
  gateways.add({ close })
  const first = current()
  const refused = () => logged.filter(({ level }) => level === 50)

  replace(foreign.sdl().replace('text: String!', 'text: Lost!'))
  await eventually(() => refused().length > 0)
  await new Promise((resolve) => setTimeout(resolve, 5 * POLL))
  expect(refused()).toMatchObject([{ file, faults: ['Unknown type Lost'] }])
  replace(
    foreign
      .sdl()
      .replace(foreign.urls.reviews ?? '', '')
      .replace(foreign.urls['product-catalog'] ?? '', 'nowhere'),
  )
  await eventually(() => refused().length > 1)
  expect(refused()[1]?.faults?.map((fault) => fault.split(':')[0])).toEqual([
    'PRODUCT_CATALOG_URL',
    'REVIEWS_URL',
  ])
  expect(current()).toBe(first)

  replace(foreign.sdl({ reviews: starless }))
  await eventually(() => current() !== first)
  expect(logged.at(-1)).toMatchObject({ level: 30, msg: 'another supergraph is served' })
})

test('supergraphs are swapped under load without a failed request', async () => {
  // A fast machine asks for more than the budget of one address in that time.
  const gateway = await open({ REQUESTS_PER_MINUTE_PER_ADDRESS: 'off', COST_PER_MINUTE_PER_ADDRESS: 'off' })
  const [full, less] = [foreign.sdl(), foreign.sdl({ reviews: starless })]
  let isOver = false
  const answers = new Map<string, number>()
  const load = Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      for (let turn = 0; !isOver; turn++) {
        const alias = `a${index}_${turn}`
        // Some are new each time, and planned while supergraphs change.
        const { status, body } = await gateway.ask(
          turn % 20 === 0 ? `{ products { name ${alias}: reviews { text } } }` : reviews,
        )
        const answer = `${status} ${JSON.stringify(body).replace(alias, 'reviews')}`
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
      }
    }),
  )
  for (let swap = 1; swap <= 20; swap++) {
    const isFull = swap % 2 === 0
    replace(isFull ? full : less)
    await eventually(async () => (await gateway.ask(stars)).status === (isFull ? 200 : 400))
  }
  isOver = true
  await load
  expect([...answers.keys()]).toEqual([`200 ${JSON.stringify(reviewed)}`])
  expect(Math.max(...answers.values())).toBeGreaterThan(100)
})
