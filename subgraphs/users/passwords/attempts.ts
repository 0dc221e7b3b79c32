import type { Logger } from '../../../platform/logger.ts'
import type { OpenRedis } from '../../../platform/redis.ts'
import { RefusedError, refuse } from '../../../platform/refusal.ts'
import { createCounts } from './counts.ts'

/** Within this time so many wrong passwords are let through, for one account and from one address. */
const WINDOW = 15 * 60_000 // ms
const PER_ACCOUNT = 10
const PER_ADDRESS = 100

export type Attempts = ReturnType<typeof createAttempts>

/** Counts wrong passwords, one by one, however many come in one request. While Redis is away nothing is counted. */
export function createAttempts(redis: OpenRedis, logger: Logger) {
  const counts = createCounts(redis, logger)
  return {
    /**
     * Runs `check`, which refuses with WRONG_CREDENTIALS what is then counted. Refuses without running it while too many
     * are. `account` is an address in lower case, whether or not somebody has it.
     */
    async count<T>(
      { account, address = '' }: { account: string; address?: string | undefined },
      check: () => Promise<T>,
    ): Promise<T> {
      const limits: Limit[] = [
        { name: 'attempts:account', of: account, limit: PER_ACCOUNT },
        { name: 'attempts:address', of: address, limit: PER_ADDRESS },
      ]
      // Counted before it is known to be wrong: of many that come at once no more than the limit are tried.
      const taken = await Promise.all(limits.map(async (held) => (await add(held, 1)) > held.limit))
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

  async function giveBack(limits: Limit[]): Promise<void> {
    await Promise.all(limits.map((held) => add(held, -1)))
  }

  function add({ name, of }: Limit, amount: number): Promise<number> {
    return counts.add({ name, of, window: WINDOW }, amount)
  }
}

type Limit = { name: string; of: string; limit: number }

function isWrongPassword(error: unknown): boolean {
  return error instanceof RefusedError && error.refusals.some(({ code }) => code === 'WRONG_CREDENTIALS')
}
