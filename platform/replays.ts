import { randomUUID } from 'node:crypto'
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
    const key = `${prefix}signed:${signature}`
    const asking = randomUUID()
    try {
      if ((await commands.set(key, asking, 'PX', KEPT, 'NX')) === 'OK') return true
      // ioredis asks once more where the answer got lost, and then finds what it noted itself.
      return (await commands.get(key)) === asking
    } catch (error) {
      logger.warn({ error: describeError(error) }, 'mutations that come again are not known')
      return true
    }
  }
}
