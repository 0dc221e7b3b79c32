import type { Logger } from '../../platform/logger.ts'
import { createPubSub } from '../../platform/pubsub.ts'
import type { OpenRedis } from '../../platform/redis.ts'

/** How many messages go to Redis at once. */
const BATCH = 1_000 // messages

export type WakeUps = ReturnType<typeof openWakeUps>

/**
 * Tells streams, in whatever process they are, that a feed may have something new. It says no more than that, and it
 * may get lost: what is new stands in the feed.
 */
export function openWakeUps({ commands, subscriber, prefix }: OpenRedis, logger: Logger) {
  const pubsub = createPubSub({ commands, subscriber })
  const channelOf = (userId: string) => `${prefix}notifications:${userId}`
  const listeners = new Set<() => void>()
  // Redis answers in order: after the ping the channels of before are subscribed to again, and nothing more is missed.
  const resume = () =>
    subscriber.ping().then(
      () => listeners.forEach((wake) => void wake()),
      () => {}, // away again; there will be another resumption
    )
  subscriber.on('ready', resume)

  return {
    /** Wakes the streams of these people. Never throws: a failure is logged, and the streams look by themselves later. */
    async wake(userIds: readonly string[]): Promise<void> {
      try {
        for (let start = 0; start < userIds.length; start += BATCH) {
          const batch = commands.pipeline()
          for (const userId of userIds.slice(start, start + BATCH)) batch.publish(channelOf(userId), '1')
          const failure = (await batch.exec())?.find(([error]) => error)
          if (failure?.[0]) throw failure[0]
        }
      } catch (error) {
        logger.warn(
          { error: error instanceof Error ? error.message : String(error) },
          'streams were not woken',
        )
      }
    },

    /**
     * Calls `wake` whenever this person's feed may have something new, and once as soon as it listens. Returns what
     * ends it.
     */
    listen(userId: string, wake: () => void): () => void {
      listeners.add(wake)
      const subscription = pubsub.subscribe(channelOf(userId), wake)
      subscription.then(wake, (error: Error) =>
        logger.warn({ error: error.message }, 'a stream is not woken'),
      )
      return () => {
        listeners.delete(wake)
        // RedisPubSub cannot take back what it has not finished.
        void subscription.then((id) => pubsub.unsubscribe(id))
      }
    },

    close(): void {
      subscriber.off('ready', resume)
    },
  }
}
