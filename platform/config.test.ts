import { expect, test } from '@jest/globals'
import { ConfigError, readGatewayConfig, readSubgraphConfig } from './config.ts'
import { subgraphNames } from './names.ts'

const secrets = Object.fromEntries(
  subgraphNames.map((name) => [`${name.toUpperCase()}_SECRET`, name.padEnd(32, '.')]),
)
const stores = { DATABASE_URL: 'postgres://podium@127.0.0.1/podium', REDIS_URL: 'redis://127.0.0.1' }

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

test('several URLs are a Redis Cluster’s', () => {
  const env = { ...stores, ...secrets, REDIS_URL: 'redis://one:1, rediss://two:2' }
  expect(readSubgraphConfig(env, 'users').redis.urls).toEqual(['redis://one:1', 'rediss://two:2'])
})

test('a gateway needs every subgraph’s secret, and finds subgraphs and keys where they are by default', () => {
  const config = readGatewayConfig({
    ...secrets,
    ALLOWED_ORIGINS: 'https://one.example, https://two.example',
  })
  expect(config.subgraphs.map(({ name, url }) => [name, url])).toEqual([
    ['users', 'http://127.0.0.1:4001/graphql'],
    ['competitions', 'http://127.0.0.1:4002/graphql'],
    ['leaderboard', 'http://127.0.0.1:4003/graphql'],
    ['fitness', 'http://127.0.0.1:4004/graphql'],
    ['notifications', 'http://127.0.0.1:4005/graphql'],
  ])
  expect(config).toMatchObject({
    production: true,
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
    TRUSTED_PROXIES: '10.0.0.1,10.0.0.0/33',
  }
  expect(Object.keys(faultsOf(() => readGatewayConfig(env))).sort()).toEqual([
    'FITNESS_URL',
    'JWKS_URL',
    'MAX_DEPTH',
    'PORT',
    'TRUSTED_PROXIES',
    'USERS_SECRET',
  ])
})

test('trusted proxies are addresses and ranges', () => {
  const env = { ...secrets, TRUSTED_PROXIES: '10.0.0.1, 192.168.0.0/16,fd00::/8' }
  expect(readGatewayConfig(env).trustedProxies).toEqual(['10.0.0.1', '192.168.0.0/16', 'fd00::/8'])
  for (const TRUSTED_PROXIES of ['proxy.example', '0.0.0.0/0', '10.0.0.0/x']) {
    expect(faultsOf(() => readGatewayConfig({ ...secrets, TRUSTED_PROXIES }))).toEqual({
      TRUSTED_PROXIES: 'must be addresses or CIDR ranges',
    })
  }
})
