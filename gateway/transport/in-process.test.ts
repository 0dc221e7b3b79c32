import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { anyone } from '../../platform/access.ts'
import { unauthenticated } from '../../platform/errors.ts'
import type { Identity } from '../../platform/identity.ts'
import { requestId } from '../../platform/request-id.ts'
import { scalars } from '../../platform/scalars.ts'
import { type ServedSubgraph, serveSubgraph } from '../../platform/serve-subgraph.ts'
import { defineSubgraph } from '../../platform/subgraph.ts'
import { createHttpTransport } from './http.ts'
import { createInProcessTransport } from './in-process.ts'
import { secret, silent } from './test-support.ts'
import { SubgraphError, type SubgraphRequest, type Transport } from './transport.ts'

const resolvers = {
  ...scalars,
  Query: {
    viewer(_: unknown, __: unknown, { viewer }: { viewer: { id: string } | null }) {
      if (!viewer) throw unauthenticated('This session has ended.')
      return { id: viewer.id, email: `${requestId.getStore()}@example.com`, role: 'USER' }
    },
    user(_: unknown, { id }: { id: string }) {
      if (id === 'broken') throw new Error('connect ECONNREFUSED 10.0.0.7:5432')
      return { id, displayName: 'Zoë ☃', joinedAt: new Date(0) }
    },
  },
}

let served: ServedSubgraph
let overHttp: Transport
let inProcess: Transport
beforeAll(async () => {
  const subgraph = defineSubgraph({
    name: 'users',
    resolvers,
    access: { User: anyone },
    context({ requestId }) {
      if (requestId === 'unlucky') throw new Error('no context')
      return {}
    },
    handlers: {},
  })
  const now = () => new Date()
  served = await serveSubgraph(subgraph, { host: '127.0.0.1', port: 0, secret, now, logger: silent, ready: async () => {} }) // biome-ignore format: one call
  overHttp = createHttpTransport({ name: 'users', url: served.url, secret }, { now, logger: silent })
  inProcess = createInProcessTransport(served)
})
afterAll(async () => {
  await Promise.all([overHttp.close(), inProcess.close()])
  await served.close()
})

const ann: Identity = { kind: 'person', id: 'ann', role: 'USER', scopes: [], sessionId: 's1' }
const anonymous: Identity = { kind: 'anonymous' }

test.each([
  [
    'data',
    { query: 'query ($id: ID!) { user(id: $id) { displayName joinedAt } }', variables: { id: 'zoë' } },
  ],
  ['who asks, and under which id', { query: '{ viewer { id email } }' }, ann],
  ['a coded error', { query: '{ viewer { id } }' }],
  ['an error that is masked', { query: '{ a: user(id: "broken") { id } b: user(id: "b") { id } }' }],
  [
    'an entity',
    { query: '{ _entities(representations: [{ __typename: "User", id: "a" }]) { ... on User { id } } }' },
  ],
  ['a field that does not exist', { query: '{ users { id } }' }],
  ['a fault of syntax', { query: '{' }],
  ['introspection', { query: '{ __schema { types { name } } }' }],
  ['a variable that does not fit', { query: 'query ($id: ID!) { user(id: $id) { id } }', variables: {} }],
  ['no operation', {}],
])(
  '%s is the same text in the process as over HTTP',
  async (_, operation, identity: Identity = anonymous) => {
    const request = {
      body: JSON.stringify(operation),
      kind: 'query',
      caller: { identity, requestId: 'r7' },
    } as const
    const text = await inProcess.send(request)
    expect(text).toMatch(/^{"(data|errors)"/)
    expect(text).toBe(await overHttp.send(request))
  },
)

test('where there is no answer over HTTP, there is none in the process', async () => {
  const caller = { identity: anonymous, requestId: 'unlucky' }
  const request = { body: '{"query":"{ __typename }"}', kind: 'query', caller } as const
  for (const { send } of [overHttp, inProcess]) {
    await expect(send(request)).rejects.toThrow(new SubgraphError('status 500'))
  }
})

const request: SubgraphRequest = { body: '{}', kind: 'query', caller: { identity: ann, requestId: 'r1' } }

test('a subgraph that does not answer in time is given up', async () => {
  const { send } = createInProcessTransport({ execute: () => new Promise(() => {}) }, { timeout: 20 })
  await expect(send(request)).rejects.toThrow(new SubgraphError('no answer within 20 ms'))
})

test('one that throws gives no answer, and closing lets requests in flight finish', async () => {
  let finish = () => {}
  const transport = createInProcessTransport({
    execute: () => new Promise((_, reject) => (finish = () => reject(new RangeError('a fault')))),
  })
  const answer = expect(transport.send(request)).rejects.toThrow(new SubgraphError('a fault'))
  let isClosed = false
  const closed = transport.close().then(() => (isClosed = true))
  await new Promise(setImmediate)
  expect(isClosed).toBe(false)
  finish()
  await Promise.all([answer, closed])
})
