import proxyAddr from '@fastify/proxy-addr'
import { z } from 'zod'
import { type SubgraphName, subgraphNames } from './names.ts'

/** The environment is at fault; the message names every fault, one a line. */
export class ConfigError extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    const lines = faults.map((fault) => `  ${fault}`)
    super(`The environment is not complete:\n${lines.join('\n')}\nSee .env.example.`)
    this.faults = faults
  }
}

/** Reads the configurations of several processes that are one, with the faults of all in one error. */
export function readTogether<T>(readers: readonly (() => T)[]): T[] {
  const faults = new Set<string>()
  const configs = readers.flatMap((read) => {
    try {
      return [read()]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      for (const fault of error.faults) faults.add(fault)
      return []
    }
  })
  if (faults.size > 0) throw new ConfigError([...faults])
  return configs
}

const port = z.coerce.number().int().min(0).max(65_535)
const count = z.coerce.number().int().positive()
const list = z.string().transform((text) => text.split(',').map((item) => item.trim()).filter(Boolean)) // biome-ignore format: one thought

const proxies = list.pipe(z.array(z.string().refine(isAddressOrRange, 'must be addresses or CIDR ranges')))

const common = {
  NODE_ENV: z.enum(['development', 'production']).default('production'),
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
}

const stores = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  REDIS_URL: list.pipe(
    z
      .array(z.url({ protocol: /^rediss?$/, error: 'must be one redis:// URL, or several of a cluster' }))
      .min(1),
  ),
  REDIS_PREFIX: z.string().default('podium:'),
}

const secret = z.string().min(32, 'must have at least 32 characters')

const defaultPorts: Record<SubgraphName, number> = {
  users: 4001,
  competitions: 4002,
  leaderboard: 4003,
  fitness: 4004,
  notifications: 4005,
}

/** What a process of one subgraph runs on. */
export type SubgraphConfig = {
  name: SubgraphName
  host: string
  port: number
  secret: string
  logLevel: string
  databaseUrl: string
  redis: { urls: string[]; prefix: string }
  /** How long after its end a competition still takes late syncs, in minutes; a multiple of 15. */
  syncGraceMinutes: number
}

/** What a gateway runs on. */
export type GatewayConfig = {
  production: boolean
  host: string
  port: number
  logLevel: string
  subgraphs: { name: SubgraphName; url: string; secret: string }[]
  jwksUrl: string
  /** Origins of pages that may call from a browser; empty: none but the gateway's own. */
  origins: string[]
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed; empty: none is. */
  trustedProxies: string[]
  limits: GatewayLimits
}

export type GatewayLimits = {
  bodyBytes: number
  /** Lexical tokens of one operation. */
  tokens: number
  depth: number
  /** Subscriptions on one socket. */
  subscriptionsPerSocket: number
  socketsPerPerson: number
  socketsPerAddress: number
}

/** Reads the environment of a subgraph's process. Throws ConfigError. */
export function readSubgraphConfig(env: NodeJS.ProcessEnv, name: SubgraphName): SubgraphConfig {
  const upper = name.toUpperCase()
  const read = check(env, {
    ...common,
    ...stores,
    [`${upper}_PORT`]: port.default(defaultPorts[name]),
    [`${upper}_SECRET`]: secret,
    SYNC_GRACE_MINUTES: z.coerce.number().int().min(0).multipleOf(15).default(1_440),
  })
  const named: Record<string, unknown> = read
  return {
    name,
    host: read.HOST,
    port: Number(named[`${upper}_PORT`]),
    secret: String(named[`${upper}_SECRET`]),
    logLevel: read.LOG_LEVEL,
    databaseUrl: read.DATABASE_URL,
    redis: { urls: read.REDIS_URL, prefix: read.REDIS_PREFIX },
    syncGraceMinutes: read.SYNC_GRACE_MINUTES,
  }
}

/** Reads the environment of a gateway's process. Throws ConfigError. */
export function readGatewayConfig(env: NodeJS.ProcessEnv): GatewayConfig {
  const perSubgraph = subgraphNames.flatMap((name) => [
    [
      `${name.toUpperCase()}_URL`,
      z.url({ protocol: /^https?$/ }).default(`http://127.0.0.1:${defaultPorts[name]}/graphql`),
    ],
    [`${name.toUpperCase()}_SECRET`, secret],
  ])
  const read = check(env, {
    ...common,
    // Object.fromEntries forgets its keys.
    ...(Object.fromEntries(perSubgraph) as Record<`${Uppercase<SubgraphName>}_URL`, z.ZodType<string>>),
    PORT: port.default(4000),
    JWKS_URL: z.url({ protocol: /^https?$/ }).optional(),
    ALLOWED_ORIGINS: list.default([]),
    TRUSTED_PROXIES: proxies.default([]),
    MAX_BODY_BYTES: count.default(1_000_000),
    MAX_TOKENS: count.default(1_000),
    MAX_DEPTH: count.default(12),
    MAX_SUBSCRIPTIONS_PER_SOCKET: count.default(50),
    MAX_SOCKETS_PER_PERSON: count.default(5),
    MAX_SOCKETS_PER_ADDRESS: count.default(20),
  })
  const named: Record<string, unknown> = read
  const subgraphs = subgraphNames.map((name) => ({
    name,
    url: String(named[`${name.toUpperCase()}_URL`]),
    secret: String(named[`${name.toUpperCase()}_SECRET`]),
  }))
  return {
    production: read.NODE_ENV === 'production',
    host: read.HOST,
    port: read.PORT,
    logLevel: read.LOG_LEVEL,
    subgraphs,
    jwksUrl: read.JWKS_URL ?? new URL('/.well-known/jwks.json', subgraphs[0]?.url).href,
    origins: read.ALLOWED_ORIGINS,
    trustedProxies: read.TRUSTED_PROXIES,
    limits: {
      bodyBytes: read.MAX_BODY_BYTES,
      tokens: read.MAX_TOKENS,
      depth: read.MAX_DEPTH,
      subscriptionsPerSocket: read.MAX_SUBSCRIPTIONS_PER_SOCKET,
      socketsPerPerson: read.MAX_SOCKETS_PER_PERSON,
      socketsPerAddress: read.MAX_SOCKETS_PER_ADDRESS,
    },
  }
}

function isAddressOrRange(text: string): boolean {
  try {
    proxyAddr.compile(text)
    return true
  } catch {
    return false
  }
}

function check<Shape extends z.ZodRawShape>(env: NodeJS.ProcessEnv, shape: Shape) {
  // An empty variable is how compose files and CI write "not set".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const result = z.object(shape).safeParse(given)
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => {
    const name = String(issue.path[0]) // of a list, too, whose items have a path of their own
    return `${name}: ${given[name] === undefined ? 'is missing' : issue.message}`
  })
  throw new ConfigError(faults)
}
