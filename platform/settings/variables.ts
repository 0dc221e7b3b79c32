import proxyAddr from '@fastify/proxy-addr'
import { z } from 'zod'
import { SECRET_LENGTH } from './subgraph-addresses.ts'
import { weaknessOf } from './weak-secret.ts'

// How single variables of the environment are read; config.ts makes configurations of them.

export const wholeNumber = z.coerce.number('must be a whole number').int('must be a whole number')
export const port = wholeNumber.min(0, 'must be 0 at least').max(65_535, 'must be 65535 at most')
export const count = wholeNumber.positive('must be 1 at least')
export const countOrOff = z.union(
  [z.literal('off').transform(() => null), count],
  'must be a whole number of 1 at least, or off',
)
export const onOff = z.enum(['on', 'off']).transform((word) => word === 'on')
export const list = z.string().transform((text) => text.split(',').map((item) => item.trim()).filter(Boolean)) // biome-ignore format: one thought

export const proxies = list.pipe(
  z.array(z.string().refine(isAddressOrRange, 'must be addresses or CIDR ranges')),
)

export const common = {
  NODE_ENV: z.enum(['development', 'production']).default('production'),
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
}

export const redisUrls = list.pipe(
  z
    .array(z.url({ protocol: /^rediss?$/, error: 'must be one redis:// URL, or several of a cluster' }))
    .min(1),
)

export const stores = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  REDIS_URL: redisUrls,
  REDIS_PREFIX: z.string().default('podium:'),
}

export const origins = list.pipe(
  z.array(z.string().refine(isOrigin, 'must be origins, as https://app.example is one')),
)

export const secret = z
  .string()
  .min(SECRET_LENGTH, { error: `must have at least ${SECRET_LENGTH} characters`, abort: true })
export const strongSecret = secret.refine((text) => weaknessOf(text) === null, {
  error: ({ input }) => weaknessOf(String(input)) ?? '',
})

function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text
}

function isAddressOrRange(text: string): boolean {
  try {
    proxyAddr.compile(text)
    return true
  } catch {
    return false
  }
}
