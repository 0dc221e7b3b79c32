import { describeError } from './describe-error.ts'
import type { Logger } from './logger.ts'
import type { OpenRedis } from './redis.ts'

/** Longer than a signature holds, whichever clock is ahead. */
const KEPT = 90_000 // ms

/** Whether a signature comes for the first time, at all processes of a subgraph together. */
export type IsFirst = (signature: string) => Promise<boolean>

/**
 * Knows signatures again: the body that one is for is carried out once, whoever sends it again. While Redis is away every one is
 * taken for the first.
 */
export function createReplayGuard({ commands, prefix }: OpenRedis, logger: Logger): IsFirst {
  return async (signature) => {
    try {
      return (await commands.set(`${prefix}signed:${signature}`, 1, 'PX', KEPT, 'NX')) === 'OK'
    } catch (error) {
      logger.warn({ error: describeError(error) }, 'mutations that come again are not known')
      return true
    }
  }
}
