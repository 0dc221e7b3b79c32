import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { ConfigError } from './environment.ts'
import { locateSubgraphs, readSubgraphSettings } from './subgraph-addresses.ts'

const unsigned = (env: NodeJS.ProcessEnv) => readSubgraphSettings(env, false)

const faultsOf = (...args: Parameters<typeof locateSubgraphs>) => {
  try {
    return locateSubgraphs(...args)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.faults
  }
}

test('a subgraph is where the supergraph says, unless the environment says otherwise', () => {
  const declared = [
    { name: 'accounts', url: 'http://accounts:4001/graphql' },
    { name: 'my-orders.v2', url: 'http://orders/graphql' },
  ]
  const env = { MY_ORDERS_V2_URL: 'https://elsewhere.example/graphql', ACCOUNTS_URL: '' }
  expect(locateSubgraphs(declared, unsigned(env))).toEqual([
    { name: 'accounts', url: 'http://accounts:4001/graphql', secret: null },
    { name: 'my-orders.v2', url: 'https://elsewhere.example/graphql', secret: null },
  ])
})

test('each subgraph is signed for with its own secret', () => {
  const secret = createHash('sha256').update('a').digest('base64url')
  const settings = readSubgraphSettings({ A_SECRET: secret, B_SECRET: 'short' }, true)
  expect(locateSubgraphs([{ name: 'a', url: 'http://a' }], settings)).toEqual([
    { name: 'a', url: 'http://a', secret },
  ])
  expect(faultsOf([{ name: 'b', url: 'http://b' }], settings)).toEqual([
    'B_SECRET: must have at least 32 characters',
  ])
})

test.each([
  ['no url at all', undefined, {}, 'A_URL: is missing, and the supergraph names no url either'],
  [
    'a url that leads nowhere',
    'a:4001',
    {},
    'A_URL: is missing, and the supergraph\'s "a:4001" is no http:// URL',
  ],
  [
    'another url that leads nowhere',
    'http://a',
    { A_URL: 'ftp://a' },
    'A_URL: must be an http:// or https:// URL',
  ],
])('%s is a fault', (_, url, env, fault) => {
  expect(faultsOf([{ name: 'a', url }], unsigned(env))).toEqual([fault])
})

test('one url cannot be that of two subgraphs whose variables have the same name', () => {
  const declared = [
    { name: 'a-b', url: 'http://one' },
    { name: 'a_b', url: 'http://two' },
  ]
  expect(locateSubgraphs(declared, unsigned({}))).toHaveLength(2)
  expect(faultsOf(declared, unsigned({ A_B_URL: 'http://three' }))).toEqual([
    'A_B_URL: would be that of a-b and a_b',
  ])
})
