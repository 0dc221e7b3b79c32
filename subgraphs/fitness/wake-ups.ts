import { describeError } from '../../platform/describe-error.ts'
import type { Logger } from '../../platform/logger.ts'
import { createPubSub } from '../../platform/pubsub.ts'
import type { OpenRedis } from '../../platform/redis.ts'

/** How often everyone is woken without a reason: messages get lost, and days end. */
const ROUND = 30_000 // ms

export type WakeUps = ReturnType<typeof openWakeUps>

/**
 * Tells streams, in whatever process they are, that a person's totals may have changed. It says no more than that, and
 * it may get lost: the totals stand in PostgreSQL.
 */
export function openWakeUps({ commands, subscriber, prefix }: OpenRedis, logger: Logger) {
  const pubsub = createPubSub({ commands, subscriber })
  const channelOf = (userId: string) => `${prefix}fitness:${userId}`
  const listeners = new Set<() => void>()
  const wakeAll = () => listeners.forEach((wake) => void wake())
  // Redis answers in order: after the ping the channels of before are subscribed to again, and nothing more is missed.
  const resume = () => subscriber.ping().then(wakeAll, () => {}) // away again: there will be another resumption
  subscriber.on('ready', resume)
  const rounds = setInterval(wakeAll, ROUND).unref()

  return {
    /** Wakes the streams of these people. Returns at once and never throws. */
    wake(userIds: readonly string[]): void {
      for (const userId of userIds) {
        pubsub
          .publish(channelOf(userId), 1)
          .catch((error) => logger.debug({ error: describeError(error) }, 'streams were not woken'))
      }
    },

    /** Calls `wake` whenever this person's totals may have changed, once as soon as it listens. Returns what ends it. */
    listen(userId: string, wake: () => void): () => void {
      listeners.add(wake)
      const subscription = pubsub.subscribe(channelOf(userId), wake)
      subscription.then(wake)
      return () => {
        listeners.delete(wake)
        // RedisPubSub cannot take back what it has not finished.
        subscription.then((id) => pubsub.unsubscribe(id))
      }
    },

    close(): void {
      clearInterval(rounds)
      subscriber.off('ready', resume)
    },
  }
}
