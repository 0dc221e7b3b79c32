import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { readGatewayConfig, readSubgraphConfig } from './config.ts'
import { subgraphNames } from './names.ts'
import { ConfigError } from './settings/environment.ts'
import type { DeclaredSubgraph } from './settings/subgraph-addresses.ts'

const secrets = Object.fromEntries(
  subgraphNames.map((name) => [
    `${name.toUpperCase()}_SECRET`,
    createHash('sha256').update(name).digest('base64url'),
  ]),
)
const stores = {
  DATABASE_URL: 'postgres://podium@127.0.0.1/podium',
  REDIS_URL: 'redis://127.0.0.1',
  OBJECT_STORE: 'file:///srv/podium',
  FILES_URL: 'https://podium.example/files',
  APP_URL: 'https://app.example',
}

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
    objects: { kind: 'folder', folder: '/srv/podium', url: 'https://podium.example/files' },
    syncGraceMinutes: 1_440,
    mail: { kind: 'off' },
    appUrl: 'https://app.example',
    signingKeyDays: 30,
  })
})

test('every fault of a subgraph is told in one message, by name', () => {
  const env = {
    DATABASE_URL: 'mysql://127.0.0.1',
    REDIS_URL: 'redis://one,http://two',
    OBJECT_STORE: 'ftp://files',
    APP_URL: 'ftp://app',
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
    OBJECT_STORE: expect.stringContaining('is missing'),
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
  expect(config.subgraphs).toEqual({ signing: true, production: true, variables: secrets })
  expect(config).toMatchObject({
    production: true,
    introspection: false,
    publicDocs: false,
    explorer: false,
    trustedDocuments: null,
    metrics: false,
    supergraph: null,
    subgraphTimeout: 5_000,
    sharing: { subgraphRequests: true, clientRequests: true, streams: true },
    redis: null,
    operationCache: 1_000,
    limits: {
      ...{
        tokens: 1_000,
        depth: 12,
        aliases: 30,
        rootFields: 20,
        selections: 2_000,
        cost: 10_000,
        costPerKey: 50_000,
        listSize: 10,
        bodyBytes: 1_000_000,
        subscriptionsPerSocket: 50,
        socketsPerPerson: 5,
        socketsPerKey: 20,
        socketsPerAddress: 20,
      },
      perMinute: {
        person: { requests: 1_200, cost: 100_000 },
        key: { requests: 6_000, cost: 1_000_000 },
        address: { requests: 3_000, cost: 200_000 },
      },
    },
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
    MAX_COST: 'none',
    MAX_COST_PER_KEY: 'none',
    LIST_SIZE: 'off',
    REQUESTS_PER_MINUTE_PER_PERSON: '0',
    COST_PER_MINUTE_PER_PERSON: '-1',
    REQUESTS_PER_MINUTE_PER_KEY: '0',
    COST_PER_MINUTE_PER_KEY: '-1',
    MAX_SOCKETS_PER_KEY: '0',
    REQUESTS_PER_MINUTE_PER_ADDRESS: '1.5',
    COST_PER_MINUTE_PER_ADDRESS: 'on',
    INTROSPECTION: 'yes',
    EXPLORER: 'yes',
    TRUSTED_DOCUMENTS: 'some',
    ALLOWED_ORIGINS: '*',
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

test('the documentation is for everyone in development, and in production where that is said', () => {
  const publicDocs = (env: NodeJS.ProcessEnv) => readGateway({ ...secrets, ...env }).publicDocs
  expect(publicDocs({})).toBe(false)
  expect(publicDocs({ PUBLIC_DOCS: 'on' })).toBe(true)
  expect(publicDocs({ NODE_ENV: 'development' })).toBe(true)
  expect(publicDocs({ NODE_ENV: 'development', PUBLIC_DOCS: 'off' })).toBe(false)
})

test('introspection can be turned on in production, and off in development', () => {
  const introspection = (env: NodeJS.ProcessEnv) => readGateway({ ...foreign, ...env }).introspection
  expect(introspection({})).toBe(false)
  expect(introspection({ INTROSPECTION: 'on' })).toBe(true)
  expect(introspection({ NODE_ENV: 'development' })).toBe(true)
  expect(introspection({ NODE_ENV: 'development', INTROSPECTION: 'off' })).toBe(false)
})

test('what may be asked for in a minute, and at what cost, can be any number or off', () => {
  const env = { MAX_COST: 'off', MAX_COST_PER_KEY: '7', COST_PER_MINUTE_PER_PERSON: '5', COST_PER_MINUTE_PER_KEY: 'off', REQUESTS_PER_MINUTE_PER_ADDRESS: 'off' } // biome-ignore format: one value
  expect(readGateway({ ...foreign, ...env }).limits).toMatchObject({
    cost: null,
    costPerKey: 7,
    perMinute: {
      person: { requests: 1_200, cost: 5 },
      key: { requests: 6_000, cost: null },
      address: { requests: null, cost: 200_000 },
    },
  })
  expect(faultsOf(() => readGateway({ ...foreign, MAX_COST: 'none' }))).toEqual({
    MAX_COST: 'must be a whole number of 1 at least, or off',
  })
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

test('whatever leaves a gateway open keeps it from starting in production, and not in development', () => {
  const open = {
    ...secrets,
    USERS_SECRET: 'x'.repeat(32),
    COMPETITIONS_SECRET: 'change-me-before-this-is-used-123',
    LEADERBOARD_SECRET: 'abcdefgh'.repeat(4),
    FITNESS_SECRET: '0123456789abcdefghijklmnopqrstuv',
    NOTIFICATIONS_SECRET: `development-${'qWvT3kZ9'.repeat(4)}`,
    ALLOWED_ORIGINS: 'https://app.example,http://app.example,http://localhost:3000',
    EXPLORER: 'on',
    INTROSPECTION: 'on',
    JWKS_URL: 'http://keys.example/jwks.json',
  }
  expect(faultsOf(() => readGateway(open))).toEqual({
    USERS_SECRET: 'repeats itself',
    COMPETITIONS_SECRET: 'has "change-me" in it, as nothing random has',
    LEADERBOARD_SECRET: 'repeats itself',
    FITNESS_SECRET: 'is counted out',
    NOTIFICATIONS_SECRET: 'has "development" in it, as nothing random has',
    ALLOWED_ORIGINS: 'http://app.example is not https, so that whoever is on the way changes its pages',
    EXPLORER: 'is for development',
    INTROSPECTION: 'is for development; partners read their contract instead',
    JWKS_URL:
      'the keys of access tokens are fetched from there, which must be by https or within a private network',
  })
  const config = readGateway({ ...open, NODE_ENV: 'development' })
  expect(config).toMatchObject({ production: false, explorer: true, subgraphs: { production: false } })
})

test('each subgraph has a secret of its own in production', () => {
  const env = { ...secrets, FITNESS_SECRET: secrets.USERS_SECRET }
  expect(faultsOf(() => readGateway(env))).toEqual({
    FITNESS_SECRET: 'is that of USERS_SECRET, and each has its own',
  })
})

test('our own subgraphs are not asked unsigned in production, whatever file their supergraph is in', () => {
  const told = { SUBGRAPH_SIGNING: 'is off, and the subgraphs of Podium answer nothing that is not signed' }
  expect(faultsOf(() => readGateway({ SUBGRAPH_SIGNING: 'off' }))).toEqual(told)
  const own = subgraphNames.map((name) => ({ name, url: `http://${name}/graphql` }))
  expect(faultsOf(() => readGateway(foreign, own))).toEqual(told)
  expect(faultsOf(() => readGateway({ ...foreign, NODE_ENV: 'development' }, own))).toEqual({})
})

test.each([
  ['http://127.0.0.1:4001', true],
  ['http://users:4001', true],
  ['http://users.podium.svc.cluster.local', true],
  ['http://10.1.2.3', true],
  ['http://[fd00::1]', true],
  ['https://users.example', true],
  ['http://users.example', false],
  ['http://8.8.8.8', false],
  ['http://10.1.2.3.example', false],
])('the keys of access tokens may be fetched in production from %s: %p', (origin, may) => {
  const faults = (env: NodeJS.ProcessEnv) => Object.keys(faultsOf(() => readGateway({ ...secrets, ...env })))
  expect(faults({ JWKS_URL: `${origin}/jwks.json` })).toEqual(may ? [] : ['JWKS_URL'])
  expect(faults({ USERS_URL: `${origin}/graphql` })).toEqual(may ? [] : ['USERS_URL'])
})

test.each(['*', 'null', 'app.example', 'https://app.example/', 'https://*.example', 'ftp://app.example'])(
  '%s is no origin',
  (origin) => {
    const env = { ...secrets, NODE_ENV: 'development', ALLOWED_ORIGINS: `https://one.example,${origin}` }
    expect(faultsOf(() => readGateway(env))).toEqual({
      ALLOWED_ORIGINS: 'must be origins, as https://app.example is one',
    })
  },
)

test('a subgraph in production has a secret that nobody guesses and a database that nobody opens', () => {
  const env = {
    ...stores,
    DATABASE_URL: 'postgres://podium:postgres@database/podium',
    USERS_SECRET: 'password'.repeat(4),
  }
  expect(faultsOf(() => readSubgraphConfig({ ...env, LOG_LEVEL: 'loud' }, 'users'))).toEqual({
    DATABASE_URL: 'has a password that everybody tries first',
    USERS_SECRET: 'has "password" in it, as nothing random has',
    LOG_LEVEL: expect.any(String),
  })
  expect(readSubgraphConfig({ ...env, NODE_ENV: 'development' }, 'users').secret).toBe(env.USERS_SECRET)
})

test('documents are trusted where a file has them, and nothing else runs where that is said', () => {
  const trusted = (env: NodeJS.ProcessEnv) => readGateway({ ...secrets, ...env }).trustedDocuments
  const TRUSTED_DOCUMENTS_FILE = 'documents.json'
  expect(trusted({})).toBeNull()
  expect(trusted({ TRUSTED_DOCUMENTS_FILE })).toEqual({ file: 'documents.json', only: false })
  expect(trusted({ TRUSTED_DOCUMENTS_FILE, TRUSTED_DOCUMENTS: 'only' })).toMatchObject({ only: true })
  expect(trusted({ TRUSTED_DOCUMENTS_FILE, TRUSTED_DOCUMENTS: 'off' })).toBeNull()
  expect(faultsOf(() => trusted({ TRUSTED_DOCUMENTS: 'only', PORT: 'http' }))).toEqual({
    TRUSTED_DOCUMENTS_FILE: 'is missing, and TRUSTED_DOCUMENTS is only',
    PORT: expect.any(String),
  })
})
