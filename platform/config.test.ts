import { expect, test } from '@jest/globals'
import { readGatewayConfig, readSubgraphConfig } from './config.ts'
import { ConfigError } from './environment.ts'
import { subgraphNames } from './names.ts'
import type { DeclaredSubgraph } from './subgraph-addresses.ts'

const secrets = Object.fromEntries(
  subgraphNames.map((name) => [`${name.toUpperCase()}_SECRET`, name.padEnd(32, '.')]),
)
const stores = { DATABASE_URL: 'postgres://podium@127.0.0.1/podium', REDIS_URL: 'redis://127.0.0.1' }

/** A gateway of our own supergraph, or of one with other subgraphs. */
const readGateway = (env: NodeJS.ProcessEnv, declared: DeclaredSubgraph[] = []) =>
  readGatewayConfig(env, () => declared)

/** The faults named in a ConfigError's message, and what it says of each. */
function faultsOf(read: () => unknown): Record<string, string> {
  try {
    read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return Object.fromEntries(
      [...error.message.matchAll(/^ {2}(\w+): (.+)$/gm)].map(([, name, fault]) => [name, fault]),
    )
  }
  return {}
}

test('a subgraph needs its stores and its secret, and has defaults for the rest', () => {
  expect(readSubgraphConfig({ ...stores, ...secrets }, 'leaderboard')).toEqual({
    name: 'leaderboard',
    host: '127.0.0.1',
    port: 4003,
    secret: secrets.LEADERBOARD_SECRET,
    logLevel: 'info',
    databaseUrl: stores.DATABASE_URL,
    redis: { urls: ['redis://127.0.0.1'], prefix: 'podium:' },
    syncGraceMinutes: 1_440,
  })
})

test('every fault of a subgraph is told in one message, by name', () => {
  const env = {
    DATABASE_URL: 'mysql://127.0.0.1',
    REDIS_URL: 'redis://one,http://two',
    USERS_SECRET: 'short',
    USERS_PORT: '65536',
    LOG_LEVEL: 'loud',
    SYNC_GRACE_MINUTES: '20',
  }
  const faults = faultsOf(() => readSubgraphConfig(env, 'users'))
  expect(Object.keys(faults).sort()).toEqual(Object.keys(env).sort())
  expect(faults).toMatchObject({
    DATABASE_URL: 'must be a postgres:// URL',
    REDIS_URL: 'must be one redis:// URL, or several of a cluster',
    USERS_SECRET: 'must have at least 32 characters',
  })
})

test('what is missing or empty is told to be missing', () => {
  expect(faultsOf(() => readSubgraphConfig({ DATABASE_URL: '' }, 'fitness'))).toEqual({
    DATABASE_URL: 'is missing',
    REDIS_URL: 'is missing',
    FITNESS_SECRET: 'is missing',
  })
})

test('a number that is none, or none that may be, is told in words', () => {
  const env = { ...secrets, PORT: 'http', MAX_DEPTH: '1.5', MAX_ALIASES: '0', SUBGRAPH_TIMEOUT_MS: '60001' }
  expect(faultsOf(() => readGateway(env))).toEqual({
    PORT: 'must be a whole number',
    MAX_DEPTH: 'must be a whole number',
    MAX_ALIASES: 'must be 1 at least',
    SUBGRAPH_TIMEOUT_MS: 'must be 60000 at most',
  })
})

test('several URLs are a Redis Cluster’s', () => {
  const env = { ...stores, ...secrets, REDIS_URL: 'redis://one:1, rediss://two:2' }
  expect(readSubgraphConfig(env, 'users').redis.urls).toEqual(['redis://one:1', 'rediss://two:2'])
})

test('a gateway needs every subgraph’s secret, and finds subgraphs and keys where they are by default', () => {
  const config = readGateway({
    ...secrets,
    ALLOWED_ORIGINS: 'https://one.example, https://two.example',
  })
  expect(config.subgraphs).toEqual({ signing: true, variables: secrets })
  expect(config).toMatchObject({
    production: true,
    introspection: false,
    metrics: false,
    supergraph: null,
    subgraphTimeout: 5_000,
    sharing: { subgraphRequests: true, clientRequests: true, streams: true },
    redis: null,
    operationCache: 1_000,
    limits: { tokens: 1_000, depth: 12, aliases: 30, rootFields: 20, selections: 2_000 },
    port: 4000,
    jwksUrl: 'http://127.0.0.1:4001/.well-known/jwks.json',
    origins: ['https://one.example', 'https://two.example'],
    trustedProxies: [],
  })
})

test('every fault of a gateway is told in one message, by name', () => {
  const env = {
    ...secrets,
    USERS_SECRET: '',
    FITNESS_URL: 'ftp://fitness',
    PORT: 'http',
    MAX_DEPTH: '0',
    JWKS_URL: 'keys',
    MAX_ALIASES: '-1',
    MAX_ROOT_FIELDS: 'few',
    MAX_SELECTIONS: '0.5',
    INTROSPECTION: 'yes',
    SUBGRAPH_SHARING: 'true',
    CLIENT_SHARING: '1',
    OPERATION_CACHE: '0',
    SUBGRAPH_TIMEOUT_MS: '5s',
    TRUSTED_PROXIES: '10.0.0.1,10.0.0.0/33',
  }
  const faulty = Object.keys(env).filter((name) => !/_SECRET$/.test(name) || name === 'USERS_SECRET')
  expect(Object.keys(faultsOf(() => readGateway(env))).sort()).toEqual(faulty.sort())
})

test('trusted proxies are addresses and ranges', () => {
  const env = { ...secrets, TRUSTED_PROXIES: '10.0.0.1, 192.168.0.0/16,fd00::/8' }
  expect(readGateway(env).trustedProxies).toEqual(['10.0.0.1', '192.168.0.0/16', 'fd00::/8'])
  for (const TRUSTED_PROXIES of ['proxy.example', '0.0.0.0/0', '10.0.0.0/x']) {
    expect(faultsOf(() => readGateway({ ...secrets, TRUSTED_PROXIES }))).toEqual({
      TRUSTED_PROXIES: 'must be addresses or CIDR ranges',
    })
  }
})

const foreign = { SUPERGRAPH: 'shop.graphql', SUBGRAPH_SIGNING: 'off' }
const declared = [
  { name: 'accounts', url: 'http://accounts:4001' },
  { name: 'orders-v2', url: '' },
]

test('a gateway of another supergraph needs no secrets where nothing is signed, and has nobody’s keys', () => {
  const config = readGateway({ ...foreign, ORDERS_V2_URL: 'https://orders.example' }, declared)
  expect(config).toMatchObject({
    supergraph: 'shop.graphql',
    subgraphs: { signing: false, variables: { ORDERS_V2_URL: 'https://orders.example' } },
    jwksUrl: null,
  })
  expect(readGateway({ ...foreign, JWKS_URL: 'https://keys.example' }).jwksUrl).toBe('https://keys.example')
})

test('what the subgraphs of another supergraph lack is told by name, with all other faults', () => {
  const env = { SUPERGRAPH: 'shop.graphql', ACCOUNTS_SECRET: 'short', PORT: 'http' }
  expect(faultsOf(() => readGateway(env, declared))).toEqual({
    ACCOUNTS_SECRET: 'must have at least 32 characters',
    ORDERS_V2_URL: 'is missing, and the supergraph names no url either',
    ORDERS_V2_SECRET: 'is missing, and SUBGRAPH_SIGNING is not off',
    PORT: expect.any(String),
  })
})

test('what keeps a file from being a supergraph is told with all other faults', () => {
  const noFile = () => {
    throw new ConfigError(['SUPERGRAPH: shop.graphql does not exist'])
  }
  expect(faultsOf(() => readGatewayConfig({ ...foreign, MAX_TOKENS: 'all' }, noFile))).toEqual({
    SUPERGRAPH: 'shop.graphql does not exist',
    MAX_TOKENS: expect.any(String),
  })
})

test('introspection can be turned on in production, and off in development', () => {
  const introspection = (env: NodeJS.ProcessEnv) => readGateway({ ...foreign, ...env }).introspection
  expect(introspection({})).toBe(false)
  expect(introspection({ INTROSPECTION: 'on' })).toBe(true)
  expect(introspection({ NODE_ENV: 'development' })).toBe(true)
  expect(introspection({ NODE_ENV: 'development', INTROSPECTION: 'off' })).toBe(false)
})

test('switches and limits are read as they are set', () => {
  const env = { SUBGRAPH_SHARING: 'off', CLIENT_SHARING: 'off', LIVE_SHARING: 'off', OPERATION_CACHE: '5', SUBGRAPH_TIMEOUT_MS: '250', MAX_ALIASES: '7', MAX_ROOT_FIELDS: '8', MAX_SELECTIONS: '9' } // biome-ignore format: one value
  expect(readGateway({ ...foreign, ...env })).toMatchObject({
    sharing: { subgraphRequests: false, clientRequests: false, streams: false },
    operationCache: 5,
    subgraphTimeout: 250,
    limits: { aliases: 7, rootFields: 8, selections: 9 },
  })
})
