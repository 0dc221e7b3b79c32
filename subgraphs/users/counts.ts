import { createHash } from 'node:crypto'
import { describeError } from '../../platform/describe-error.ts'
import type { Logger } from '../../platform/logger.ts'
import type { OpenRedis } from '../../platform/redis.ts'

/** What is counted: of whom, and for how long from the first on, in ms. */
export type Counted = { name: string; of: string; window: number }

/** Counts that all processes share. While Redis is away nothing is counted. */
export function createCounts({ commands, prefix }: OpenRedis, logger: Logger) {
  return {
    /** The sum so far, with what is added; 0 while Redis is away. */
    async add({ name, of, window }: Counted, amount: number): Promise<number> {
      const key = `${prefix}${name}:${hashed(of)}`
      try {
        const sum = await commands.incrby(key, amount)
        // From the first on; what is left when the window ends between the two ends with the next.
        if (sum <= 1) await commands.pexpire(key, window)
        return sum
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
