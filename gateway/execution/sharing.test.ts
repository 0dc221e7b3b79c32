import { expect, test } from '@jest/globals'
import type { Caller } from '../../platform/identity.ts'
import { createLogger } from '../../platform/logger.ts'
import { loadSupergraph } from '../supergraph.ts'
import { composeFixture, fixtureTransports } from '../test-support/federation.ts'
import { createSharing } from '../transport/shared.ts'
import { createEngine } from './engine.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])`
const caller: Caller = { identity: { kind: 'anonymous' }, requestId: 'r' }

/** A counter that one subgraph changes and another one reads; the first reading is answered when the test says. */
function open() {
  let count = 0
  const subgraphs = {
    writer: {
      typeDefs: `${link}
        type Query { counter: Counter }
        type Mutation { bump: Counter }
        type Counter @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: { counter: () => ({ id: '1' }) },
        Mutation: {
          bump() {
            count++
            return { id: '1' }
          },
        },
      },
    },
    reader: {
      typeDefs: `${link} type Counter @key(fields: "id") { id: ID! count: Int }`,
      resolvers: { Counter: { __resolveReference: () => ({ id: '1', count }) } },
    },
  }
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const read: string[] = []
  const transports = fixtureTransports(subgraphs, {
    async change(text, { subgraph, query }) {
      if (subgraph !== 'reader') return text
      begin()
      if (read.push(query) === 1) await held
      return text
    },
  })
  const sharing = createSharing()
  const engine = createEngine({
    supergraph: loadSupergraph(composeFixture(subgraphs)),
    transports: Object.fromEntries(
      Object.entries(transports).map(([name, transport]) => [name, sharing(transport)]),
    ),
    limits: { tokens: 200, depth: 8, aliases: 30, rootFields: 20, selections: 2_000 },
    logger: createLogger('silent'),
    cache: 10,
  })
  async function ask(query: string): Promise<unknown> {
    const operation = engine.operation(query)
    if (operation.kind === 'subscription') throw new Error('no subscription is run here')
    return JSON.parse((await operation.run({ variables: {}, caller })).data ?? 'null')
  }
  return { ask, begun, release, read }
}

test('neither a mutation’s own payload nor what is asked after it is what another subgraph was read for before', async () => {
  const { ask, begun, release, read } = open()
  const query = '{ counter { count } }'
  const before = ask(query)
  await begun
  expect(await ask('mutation { bump { count } }')).toEqual({ bump: { count: 1 } })
  expect(await ask(query)).toEqual({ counter: { count: 1 } })
  release()
  expect(await before).toEqual({ counter: { count: 0 } })
  expect(new Set(read).size).toBe(1) // they are the same request, and could have been shared
})
