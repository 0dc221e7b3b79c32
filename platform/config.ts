import { z } from 'zod'
import { type SubgraphName, subgraphNames } from './names.ts'
import { ConfigError, check, givenIn, readTogether } from './settings/environment.ts'
import { type GatewayLimits, readGatewayLimits } from './settings/gateway-limits.ts'
import { type MailSettings, readAppUrl, readMailSettings } from './settings/mail-settings.ts'
import { type ObjectStoreSettings, readObjectStoreSettings } from './settings/object-store-settings.ts'
import { type OutsideIssuer, readOutsideIssuer } from './settings/outside-issuer-settings.ts'
import { checkProductionDatabase, checkProductionGateway, isProduction } from './settings/production.ts'
import { readSigningKeyDays } from './settings/signing-key-settings.ts'
import {
  type DeclaredSubgraph,
  locateSubgraphs,
  readSubgraphSettings,
  type SubgraphSettings,
} from './settings/subgraph-addresses.ts'
import {
  common,
  count,
  onOff,
  origins,
  port,
  proxies,
  redisUrls,
  secret,
  stores,
  strongSecret,
  wholeNumber,
} from './settings/variables.ts'

const defaultPorts: Record<SubgraphName, number> = {
  users: 4001,
  competitions: 4002,
  leaderboard: 4003,
  fitness: 4004,
  notifications: 4005,
}

/** The five subgraphs, where they listen on one machine. */
export const ownSubgraphs = subgraphNames.map((name) => ({
  name,
  url: `http://127.0.0.1:${defaultPorts[name]}/graphql`,
}))

/** What a process of one subgraph runs on. */
export type SubgraphConfig = {
  name: SubgraphName
  host: string
  port: number
  secret: string
  logLevel: string
  databaseUrl: string
  redis: { urls: string[]; prefix: string }
  objects: ObjectStoreSettings
  /** How long after its end a competition still takes late syncs, in minutes; a multiple of 15. */
  syncGraceMinutes: number
  /** How mails go out; off where the subgraph sends none. */
  mail: MailSettings
  /** Where the app is that people use, without a slash at the end. */
  appUrl: string
  /** For how many days each key signs access tokens. */
  signingKeyDays: number
}

/** What a gateway runs on. */
export type GatewayConfig = {
  production: boolean
  host: string
  port: number
  logLevel: string
  /** The file that the supergraph is in; null: it is composed from schema/*.graphql. */
  supergraph: string | null
  subgraphs: SubgraphSettings
  /** How long a subgraph may take to answer, in ms. */
  subgraphTimeout: number
  /** Where the keys of access tokens are; null: nobody can sign in, and everyone is anonymous. */
  jwksUrl: string | null
  /** Whose access tokens are taken beside ours; null: nobody's. */
  outsideIssuer: OutsideIssuer | null
  /** Whether clients may ask for the schema. */
  introspection: boolean
  /** Whether /docs is for everyone, or for API keys that show the contract with partners. */
  publicDocs: boolean
  /** Whether / is the explorer. */
  explorer: boolean
  /** The manifest of documents that run by their ids, and whether nothing else runs; null: there is none. */
  trustedDocuments: { file: string; only: boolean } | null
  /** Whether /metrics is served, to whoever reaches this port. */
  metrics: boolean
  /** Whether identical requests in flight, of the same caller, are one; and subscriptions to the same. */
  sharing: { subgraphRequests: boolean; clientRequests: boolean; streams: boolean }
  /** Where gateways share what callers have left of their budgets; null: each counts alone. */
  redis: { urls: string[]; prefix: string } | null
  /** How many compiled operations are kept. */
  operationCache: number
  /** Origins of pages that may call from a browser; empty: none but the gateway's own. */
  origins: string[]
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed; empty: none is. */
  trustedProxies: string[]
  limits: GatewayLimits
}

/** Reads the environment of a subgraph's process. Throws ConfigError. */
export function readSubgraphConfig(env: NodeJS.ProcessEnv, name: SubgraphName): SubgraphConfig {
  const upper = name.toUpperCase()
  const given = givenIn(env)
  const [read, objects, signingKeyDays, mail, appUrl] = readTogether([
    () =>
      check(env, {
        ...common,
        ...stores,
        [`${upper}_PORT`]: port.default(defaultPorts[name]),
        [`${upper}_SECRET`]: isProduction(given) ? strongSecret : secret,
        SYNC_GRACE_MINUTES: wholeNumber
          .min(0, 'must be 0 at least')
          .multipleOf(15, 'must be a multiple of 15')
          .default(1_440),
      }),
    () => readObjectStoreSettings(env),
    () => readSigningKeyDays(env),
    () => readMailSettings(env, name),
    () => readAppUrl(env, name),
    () => checkProductionDatabase(given),
  ])
  const named: Record<string, unknown> = read
  return {
    name,
    host: read.HOST,
    port: Number(named[`${upper}_PORT`]),
    secret: String(named[`${upper}_SECRET`]),
    logLevel: read.LOG_LEVEL,
    databaseUrl: read.DATABASE_URL,
    redis: { urls: read.REDIS_URL, prefix: read.REDIS_PREFIX },
    objects,
    syncGraceMinutes: read.SYNC_GRACE_MINUTES,
    mail,
    appUrl,
    signingKeyDays,
  }
}

/**
 * Reads the environment of a gateway's process. `declaredIn` tells the subgraphs of a supergraph file, which may be any;
 * it throws ConfigError for what is no such file. Throws ConfigError.
 */
export function readGatewayConfig(
  env: NodeJS.ProcessEnv,
  declaredIn: (file: string) => DeclaredSubgraph[],
): GatewayConfig {
  const [read, limits, supergraph, trustedDocuments, outsideIssuer] = readTogether([
    () => check(env, gatewayVariables),
    () => readGatewayLimits(env),
    () => readSupergraph(env, declaredIn),
    () => readTrustedDocuments(env),
    () => readOutsideIssuer(env, { isOwn: servesOwn(env, declaredIn) }),
    () => checkProductionGateway(givenIn(env), { isOwn: servesOwn(env, declaredIn) }),
  ])
  const production = read.NODE_ENV === 'production'
  return {
    production,
    host: read.HOST,
    port: read.PORT,
    logLevel: read.LOG_LEVEL,
    supergraph: supergraph.file,
    subgraphs: supergraph.subgraphs,
    subgraphTimeout: read.SUBGRAPH_TIMEOUT_MS,
    jwksUrl: read.JWKS_URL ?? keysOfOwn(supergraph),
    outsideIssuer,
    introspection: read.INTROSPECTION ?? !production,
    publicDocs: read.PUBLIC_DOCS ?? !production,
    explorer: read.EXPLORER ?? !production,
    trustedDocuments,
    metrics: read.METRICS ?? !production,
    sharing: {
      subgraphRequests: read.SUBGRAPH_SHARING,
      clientRequests: read.CLIENT_SHARING,
      streams: read.LIVE_SHARING,
    },
    redis: read.REDIS_URL ? { urls: read.REDIS_URL, prefix: read.REDIS_PREFIX } : null,
    operationCache: read.OPERATION_CACHE,
    origins: read.ALLOWED_ORIGINS,
    trustedProxies: read.TRUSTED_PROXIES,
    limits,
  }
}

const gatewayVariables = {
  ...common,
  PORT: port.default(4000),
  REDIS_URL: redisUrls.optional(),
  REDIS_PREFIX: stores.REDIS_PREFIX,
  JWKS_URL: z.url({ protocol: /^https?$/ }).optional(),
  INTROSPECTION: onOff.optional(),
  PUBLIC_DOCS: onOff.optional(),
  EXPLORER: onOff.optional(),
  METRICS: onOff.optional(),
  ALLOWED_ORIGINS: origins.default([]),
  TRUSTED_PROXIES: proxies.default([]),
  SUBGRAPH_TIMEOUT_MS: count.max(60_000, 'must be 60000 at most').default(5_000),
  SUBGRAPH_SHARING: onOff.default(true),
  CLIENT_SHARING: onOff.default(true),
  LIVE_SHARING: onOff.default(true),
  OPERATION_CACHE: count.default(1_000),
}

/** Which supergraph, and where its subgraphs are. */
function readSupergraph(env: NodeJS.ProcessEnv, declaredIn: (file: string) => DeclaredSubgraph[]) {
  const [{ SUPERGRAPH: file = null }, { SUBGRAPH_SIGNING: signing }] = readTogether([
    () => check(env, { SUPERGRAPH: z.string().optional() }),
    () => check(env, { SUBGRAPH_SIGNING: onOff.default(true) }),
  ])
  const subgraphs = readSubgraphSettings(env, signing)
  return { file, subgraphs, addresses: locateSubgraphs(file ? declaredIn(file) : ownSubgraphs, subgraphs) }
}

/** Whether it is our own subgraphs that are served, wherever their supergraph is read from. */
function servesOwn(env: NodeJS.ProcessEnv, declaredIn: (file: string) => DeclaredSubgraph[]): boolean {
  const { SUPERGRAPH: file } = givenIn(env)
  if (!file) return true
  const declared = new Set(declaredIn(file).map(({ name }) => name))
  return subgraphNames.every((name) => declared.has(name))
}

/** Which documents are trusted, by default those of the file that is given. */
function readTrustedDocuments(env: NodeJS.ProcessEnv): GatewayConfig['trustedDocuments'] {
  const { TRUSTED_DOCUMENTS_FILE: file, TRUSTED_DOCUMENTS: mode = file ? 'on' : 'off' } = check(env, {
    TRUSTED_DOCUMENTS_FILE: z.string().optional(),
    TRUSTED_DOCUMENTS: z.enum(['off', 'on', 'only']).optional(),
  })
  if (mode === 'off') return null
  if (!file) throw new ConfigError([`TRUSTED_DOCUMENTS_FILE: is missing, and TRUSTED_DOCUMENTS is ${mode}`])
  return { file, only: mode === 'only' }
}

/** Whose tokens the callers of a foreign supergraph have nothing says but JWKS_URL. */
function keysOfOwn({ file, addresses: [users] }: ReturnType<typeof readSupergraph>): string | null {
  return users && !file ? new URL('/.well-known/jwks.json', users.url).href : null
}
