import { createHash } from 'node:crypto'
import { describeError } from '../../../platform/describe-error.ts'
import type { Logger } from '../../../platform/logger.ts'
import type { OpenRedis } from '../../../platform/redis.ts'

/** What is counted: of whom, and for how long from the first on, in ms. */
export type Counted = { name: string; of: string; window: number }

/** At once, since a count that did not end would keep somebody out for ever. */
const script = `
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return sum`

/** Counts that all processes share. While Redis is away nothing is counted. */
export function createCounts({ commands, prefix }: OpenRedis, logger: Logger) {
  return {
    /** The sum so far, with what is added; 0 while Redis is away. */
    async add({ name, of, window }: Counted, amount: number): Promise<number> {
      const key = `${prefix}${name}:${hashed(of)}`
      try {
        return Number(await commands.eval(script, 1, key, amount, window))
      } catch (error) {
        logger.warn({ counted: name, error: describeError(error) }, 'attempts are not counted')
        return 0
      }
    },
  }
}

/** Addresses are kept nowhere but with their account. */
function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
