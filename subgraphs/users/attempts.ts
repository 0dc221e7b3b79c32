import { createHash } from 'node:crypto'
import { describeError } from '../../platform/describe-error.ts'
import type { Logger } from '../../platform/logger.ts'
import type { OpenRedis } from '../../platform/redis.ts'
import { RefusedError, refuse } from '../../platform/refusal.ts'

/** Within this time so many wrong passwords are let through, for one account and from one address. */
const WINDOW = 15 * 60_000 // ms
const PER_ACCOUNT = 10
const PER_ADDRESS = 100

export type Attempts = ReturnType<typeof createAttempts>

/** Counts wrong passwords, one by one, however many come in one request. While Redis is away nothing is counted. */
export function createAttempts({ commands, prefix }: OpenRedis, logger: Logger) {
  return {
    /**
     * Runs `check`, which refuses with WRONG_CREDENTIALS what is then counted. Refuses without running it while too many
     * are. `account` is an address in lower case, whether or not somebody has it.
     */
    async count<T>(
      { account, address = '' }: { account: string; address?: string | undefined },
      check: () => Promise<T>,
    ): Promise<T> {
      const limits: [string, number][] = [
        [`${prefix}attempts:account:${hashed(account)}`, PER_ACCOUNT],
        [`${prefix}attempts:address:${hashed(address)}`, PER_ADDRESS],
      ]
      // Counted before it is known to be wrong: of many that come at once no more than the limit are tried.
      const taken = await Promise.all(limits.map(async ([key, limit]) => (await add(key, 1)) > limit))
      if (taken.includes(true)) {
        await giveBack(limits)
        const message = 'Too many wrong passwords. Try again in a quarter of an hour.'
        return refuse('TOO_MANY_ATTEMPTS', message)
      }
      try {
        const result = await check()
        await giveBack(limits)
        return result
      } catch (error) {
        if (!isWrongPassword(error)) await giveBack(limits)
        throw error
      }
    },
  }

  async function giveBack(limits: [string, number][]): Promise<void> {
    await Promise.all(limits.map(([key]) => add(key, -1)))
  }

  /** The sum so far; 0 while Redis is away. */
  async function add(key: string, count: number): Promise<number> {
    try {
      const sum = await commands.incrby(key, count)
      // From the first on; what is left when the window ends between the two ends with the next.
      if (sum <= 1) await commands.pexpire(key, WINDOW)
      return sum
    } catch (error) {
      logger.warn({ error: describeError(error) }, 'wrong passwords are not counted')
      return 0
    }
  }
}

function isWrongPassword(error: unknown): boolean {
  return error instanceof RefusedError && error.refusals.some(({ code }) => code === 'WRONG_CREDENTIALS')
}

/** Addresses are kept nowhere but with their account. */
function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
