import { check } from './environment.ts'
import { count, countOrOff } from './variables.ts'

/** What one request, one socket and one caller may ask of a gateway. */
export type GatewayLimits = {
  bodyBytes: number
  /** Lexical tokens of one operation. */
  tokens: number
  depth: number
  aliases: number
  rootFields: number
  /** Fields and fragments of one operation, with every fragment written out where it is used. */
  selections: number
  /** What an operation may cost, of a subscription each result; null: as much as it likes. */
  cost: number | null
  /** The same for a program with an API key. */
  costPerKey: number | null
  /** How long a list is taken to be, for the cost, that nothing is said of. */
  listSize: number
  /** What may be asked for in a minute, in requests and in what they cost; null: as much as one likes. */
  perMinute: Record<'person' | 'key' | 'address', { requests: number | null; cost: number | null }>
  /** Subscriptions on one socket. */
  subscriptionsPerSocket: number
  socketsPerPerson: number
  socketsPerKey: number
  socketsPerAddress: number
}

/** Reads them from the environment. Throws ConfigError. */
export function readGatewayLimits(env: NodeJS.ProcessEnv): GatewayLimits {
  const read = check(env, variables)
  return {
    bodyBytes: read.MAX_BODY_BYTES,
    tokens: read.MAX_TOKENS,
    depth: read.MAX_DEPTH,
    aliases: read.MAX_ALIASES,
    rootFields: read.MAX_ROOT_FIELDS,
    selections: read.MAX_SELECTIONS,
    cost: read.MAX_COST,
    costPerKey: read.MAX_COST_PER_KEY,
    listSize: read.LIST_SIZE,
    perMinute: {
      person: { requests: read.REQUESTS_PER_MINUTE_PER_PERSON, cost: read.COST_PER_MINUTE_PER_PERSON },
      key: { requests: read.REQUESTS_PER_MINUTE_PER_KEY, cost: read.COST_PER_MINUTE_PER_KEY },
      address: { requests: read.REQUESTS_PER_MINUTE_PER_ADDRESS, cost: read.COST_PER_MINUTE_PER_ADDRESS },
    },
    subscriptionsPerSocket: read.MAX_SUBSCRIPTIONS_PER_SOCKET,
    socketsPerPerson: read.MAX_SOCKETS_PER_PERSON,
    socketsPerKey: read.MAX_SOCKETS_PER_KEY,
    socketsPerAddress: read.MAX_SOCKETS_PER_ADDRESS,
  }
}

const variables = {
  MAX_BODY_BYTES: count.default(1_000_000),
  MAX_TOKENS: count.default(1_000),
  MAX_DEPTH: count.default(12),
  MAX_ALIASES: count.default(30),
  MAX_ROOT_FIELDS: count.default(20),
  MAX_SELECTIONS: count.default(2_000),
  MAX_COST: countOrOff.default(10_000),
  MAX_COST_PER_KEY: countOrOff.default(50_000),
  LIST_SIZE: count.default(10),
  REQUESTS_PER_MINUTE_PER_PERSON: countOrOff.default(1_200),
  COST_PER_MINUTE_PER_PERSON: countOrOff.default(100_000),
  REQUESTS_PER_MINUTE_PER_KEY: countOrOff.default(6_000),
  COST_PER_MINUTE_PER_KEY: countOrOff.default(1_000_000),
  REQUESTS_PER_MINUTE_PER_ADDRESS: countOrOff.default(3_000),
  COST_PER_MINUTE_PER_ADDRESS: countOrOff.default(200_000),
  MAX_SUBSCRIPTIONS_PER_SOCKET: count.default(50),
  MAX_SOCKETS_PER_PERSON: count.default(5),
  MAX_SOCKETS_PER_KEY: count.default(20),
  MAX_SOCKETS_PER_ADDRESS: count.default(20),
}
