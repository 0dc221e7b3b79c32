import { expect, test } from '@jest/globals'
import { pino } from 'pino'
import type { GatewayConfig } from '../../platform/config.ts'
import { loadSupergraph } from '../supergraph.ts'
import { composeFixture } from '../test-support/federation.ts'
import { limits } from '../test-support/front.ts'
import { engineFor, serve } from './served.ts'
import { createLinkPool } from './subgraph-links.ts'

const config = {
  limits,
  operationCache: 10,
  subgraphs: { signing: false, production: false, variables: {} },
} as Partial<GatewayConfig> as GatewayConfig // no more of it is read
const links = createLinkPool({
  transport: () => ({ send: async () => '{}', close: async () => {} }),
  upstream: () => ({ watch: () => () => {}, close: async () => {} }),
})

/** What serves films: their titles and prices, one or both shown to partners. */
const served = (
  before: Awaited<ReturnType<typeof serve>> | undefined,
  tags: { title: string; price?: string },
) => {
  const tag = '@tag(name: "partner")'
  const typeDefs = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@tag"])
    type Query { title: String ${tags.title} price(of: String): Int ${tags.price ?? ''} }`
  const supergraph = loadSupergraph(
    composeFixture({ films: { typeDefs: typeDefs.replaceAll('shown', tag) } }),
  )
  return serve(supergraph, { before, config, links, logger: pino({ level: 'silent' }) })
}

test('what partners asked is warmed for them under another contract, as far as that shows it', async () => {
  const before = await served(undefined, { title: 'shown', price: 'shown' })
  for (const query of ['{ title }', '{ price }']) engineFor(before, 'partner').operation(query)
  engineFor(before, 'whole').operation('{ title price }')
  const after = await served(before, { title: 'shown' })
  expect(engineFor(after, 'partner').kept()).toEqual([{ query: '{ title }', operationName: null }])
  expect(engineFor(after, 'whole').kept()).toEqual([{ query: '{ title price }', operationName: null }])
})

test('partners have nothing where nothing is shown to them, and something again once it is', async () => {
  const none = await served(undefined, { title: '' })
  expect(() => engineFor(none, 'partner')).toThrow('This service has no partner contract.')
  expect(engineFor(none, 'whole').operation('{ title }').kind).toBe('query')
  expect(engineFor(await served(none, { title: 'shown' }), 'partner').kept()).toEqual([])
})
