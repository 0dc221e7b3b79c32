import type { Logger } from '../../platform/logger.ts'
import type { OpenRedis } from '../../platform/redis.ts'
import { refuse } from '../../platform/refusal.ts'
import { createCounts } from './counts.ts'

/** Within this time so many password resets may be requested from one address of the network, for whatever accounts. */
const WINDOW = 3_600_000 // ms
const PER_ADDRESS = 20

export type ResetLimit = ReturnType<typeof createResetLimit>

/** Counts requests for password resets, one by one, however many come in one operation. Refuses too many. */
export function createResetLimit(redis: OpenRedis, logger: Logger) {
  const counts = createCounts(redis, logger)
  return async (address = ''): Promise<void> => {
    const requested = await counts.add({ name: 'resets:address', of: address, window: WINDOW }, 1)
    if (requested > PER_ADDRESS) {
      refuse('TOO_MANY_ATTEMPTS', 'Too many mails were asked for from here. Try again in an hour.')
    }
  }
}
