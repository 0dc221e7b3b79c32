import type { Logger } from '../../../platform/logger.ts'
import type { OpenRedis } from '../../../platform/redis.ts'
import { refuse } from '../../../platform/refusal.ts'
import { createCounts } from '../passwords/counts.ts'
import type { Purpose } from './email-tokens.ts'

/** Within this time so many mails may be asked for from one address of the network, for whatever accounts. */
const WINDOW = 3_600_000 // ms
const PER_ADDRESS: Record<Purpose, number> = { RESET_PASSWORD: 20, VERIFY_EMAIL: 100 }

export type MailLimit = ReturnType<typeof createMailLimit>

/**
 * Counts the mails that are asked for from an address of the network, one by one, however many in one operation: they go to
 * whatever addresses somebody names.
 */
export function createMailLimit(redis: OpenRedis, logger: Logger) {
  const counts = createCounts(redis, logger)
  /** Whether one more may go out. */
  return async (purpose: Purpose, address = ''): Promise<boolean> =>
    (await counts.add({ name: `mails:${purpose}`, of: address, window: WINDOW }, 1)) <= PER_ADDRESS[purpose]
}

/** For what asks for a mail and nothing else. */
export const refuseMail = () =>
  refuse('TOO_MANY_ATTEMPTS', 'Too many mails were asked for from here. Try again in an hour.')
