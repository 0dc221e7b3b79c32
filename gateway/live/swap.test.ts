import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type Client, createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { readGatewayConfig } from '../../platform/config.ts'
import { latest } from '../../platform/streams.ts'
import { startGateway } from '../start.ts'
import { subgraphsInFile } from '../supergraph/file.ts'
import type { FixtureSubgraph } from '../test-support/federation.ts'
import { openForeign } from '../test-support/foreign.ts'
import { eventually, framesOf } from '../test-support/gateway.ts'
import { createTopic } from '../test-support/topic.ts'

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])'

/** A score board, and who names its people. `priced` is what else there is of a person, and where. */
function subgraphs() {
  const scores = createTopic<number>()
  const board: FixtureSubgraph = {
    typeDefs: `${link}
      type Query { ok: Boolean @shareable }
      type Subscription { leader: Score! }
      type Score { points: Int! person: Person! }
      type Person @key(fields: "id") { id: ID! }`,
    resolvers: {
      Subscription: {
        leader: {
          subscribe: () =>
            latest((push) => {
              const show = (points: number) => push({ leader: { points, person: { id: 'p' } } })
              show(scores.published.at(-1) ?? 0)
              return scores.subscribe(show)
            }),
        },
      },
    },
  }
  const people: FixtureSubgraph = {
    typeDefs: `${link}
      type Query { ok: Boolean @shareable }
      type Person @key(fields: "id") { id: ID! name: String! @shareable motto: String! }`,
    resolvers: { Person: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'old name', motto: 'On.' }) } }, // biome-ignore format: one thought
  }
  return { scores, board, people }
}

let folder: string
let file: string
let gateway: Awaited<ReturnType<typeof startGateway>>
let client: Client
let fixture: ReturnType<typeof subgraphs>
let foreign: Awaited<ReturnType<typeof openForeign>>
beforeEach(async () => {
  fixture = subgraphs()
  foreign = await openForeign({ board: fixture.board, people: fixture.people })
  folder = mkdtempSync(join(tmpdir(), 'podium-swap-'))
  file = join(folder, 'supergraph.graphql')
  writeFileSync(file, foreign.sdl())
  await start()
})
afterEach(async () => {
  await stop()
  await foreign.close()
  rmSync(folder, { recursive: true })
})

async function start(spread = 50): Promise<void> {
  const env = {
    SUPERGRAPH: file,
    SUBGRAPH_SIGNING: 'off',
    PORT: '0',
    LOG_LEVEL: 'silent',
    INTROSPECTION: 'on',
  }
  gateway = await startGateway(readGatewayConfig(env, subgraphsInFile), { poll: 20, spread })
  client = createClient({
    url: gateway.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  })
}

async function stop(): Promise<void> {
  await client.dispose()
  await gateway.close()
}

const named = 'subscription { leader { points person { name } } }'
const inspired = 'subscription { leader { points person { motto } } }'

/** Has another supergraph served, which clients can tell by a field of its own. */
async function replace(sdl: string, mark: string): Promise<void> {
  writeFileSync(file, sdl.replace(/type Query[^{]*\{/, `$&\n  ${mark}: Boolean`))
  await eventually(async () => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __type(name: "Query") { fields { name } } }' }),
    })
    return (await response.text()).includes(`"${mark}"`)
  })
}

const leader = async (frames: ReturnType<typeof framesOf>) => (await frames.next()).value.data.leader

test('a stream whose plan is the same goes on as if nothing had been', async () => {
  const frames = framesOf(client, named)
  expect(await leader(frames)).toEqual({ points: 0, person: { name: 'old name' } })
  const [watching] = fixture.scores.readers
  await replace(foreign.sdl(), 'second')
  await replace(foreign.sdl(), 'third')
  fixture.scores.publish(1)
  expect(await leader(frames)).toEqual({ points: 1, person: { name: 'old name' } })
  expect([...fixture.scores.readers]).toEqual([watching])
})

test('a subgraph at another address is gone over to, with a fresh frame', async () => {
  const other = subgraphs()
  other.scores.publish(7)
  const moved = await openForeign({ board: other.board, people: other.people })
  const frames = framesOf(client, named)
  expect(await leader(frames)).toMatchObject({ points: 0 })
  await replace(moved.sdl(), 'second')
  expect(await leader(frames)).toMatchObject({ points: 7 })
  await eventually(() => fixture.scores.readers.size === 0)
  other.scores.publish(8)
  expect(await leader(frames)).toMatchObject({ points: 8 })
  await frames.return?.()
  await moved.close()
})

/** A supergraph whose people are named by another subgraph. */
async function openNewNames() {
  const names: FixtureSubgraph = {
    typeDefs: `${link} type Query { ok: Boolean @shareable } type Person @key(fields: "id") { id: ID! name: String! }`,
    resolvers: { Person: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'new name' }) } },
  }
  const mottoes = { typeDefs: fixture.people.typeDefs.replace('name: String! @shareable', '') }
  const { urls, close } = await openForeign({ names })
  const sdl = foreign.sdl({ people: { ...fixture.people, ...mottoes }, names })
  return { sdl: sdl.replaceAll('"http://names/graphql"', JSON.stringify(urls.names)), close }
}

test('what another subgraph adds from now on comes with a fresh frame, of the same subscription', async () => {
  const { sdl, close } = await openNewNames()
  const frames = framesOf(client, named)
  expect(await leader(frames)).toMatchObject({ person: { name: 'old name' } })
  const [watching] = fixture.scores.readers
  await replace(sdl, 'second')
  expect(await leader(frames)).toEqual({ points: 0, person: { name: 'new name' } })
  expect([...fixture.scores.readers]).toEqual([watching])
  await frames.return?.()
  await close()
})

test('streams take turns: one whose turn has not come goes on under the supergraph of before', async () => {
  await stop()
  await start(1_000_000_000) // ms, of which one in a million is a second
  const { sdl, close } = await openNewNames()
  const frames = framesOf(client, named)
  expect(await leader(frames)).toEqual({ points: 0, person: { name: 'old name' } })
  await replace(sdl, 'second')
  for (const points of [1, 2]) {
    fixture.scores.publish(points)
    expect(await leader(frames)).toEqual({ points, person: { name: 'old name' } })
  }
  await frames.return?.()
  await close()
})

test('a stream ends when its operation is not valid any more; the others of its socket go on', async () => {
  const [kept, lost] = [framesOf(client, named), framesOf(client, inspired)]
  expect(await leader(kept)).toMatchObject({ points: 0 })
  expect(await leader(lost)).toEqual({ points: 0, person: { motto: 'On.' } })
  const typeDefs = fixture.people.typeDefs.replace('motto: String!', '')
  await replace(foreign.sdl({ people: { ...fixture.people, typeDefs } }), 'second')
  await expect(lost.next()).rejects.toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
  fixture.scores.publish(1)
  expect(await leader(kept)).toEqual({ points: 1, person: { name: 'old name' } })
})
