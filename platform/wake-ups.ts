import { describeError } from './describe-error.ts'
import type { Logger } from './logger.ts'
import { createPubSub } from './pubsub.ts'
import type { OpenRedis } from './redis.ts'

/** How many messages go to Redis at once. */
const BATCH = 1_000 // messages

/**
 * Tells streams, in whatever process they are, that what they show may have changed. It says no more than that, and it may
 * get lost: what changed stands in PostgreSQL.
 */
export type WakeUps = {
  /** Wakes who listens to these topics. Never rejects: a failure is logged, and streams look for themselves now and then. */
  wake(topics: readonly string[]): Promise<void>
  /**
   * Calls `wake` whenever there may be something new on a topic: also once the subscription holds, and after a reconnect.
   * Returns what ends it.
   */
  listen(topic: string, wake: () => void): () => void
  close(): void
}

/** Opens wake-ups over Redis pub/sub; `channelOf` names the channel of a topic. */
export function openWakeUps(
  { commands, subscriber }: Pick<OpenRedis, 'commands' | 'subscriber'>,
  channelOf: (topic: string) => string,
  logger: Logger,
): WakeUps {
  const pubsub = createPubSub({ commands, subscriber })
  const listeners = new Set<() => void>()
  // Redis answers in order: after the ping the channels of before are subscribed to again, and nothing more is missed.
  const resume = () =>
    subscriber.ping().then(
      () => listeners.forEach((wake) => void wake()),
      () => {}, // away again; there will be another resumption
    )
  subscriber.on('ready', resume)

  return {
    async wake(topics) {
      try {
        for (let start = 0; start < topics.length; start += BATCH) {
          const batch = commands.pipeline()
          for (const topic of topics.slice(start, start + BATCH)) batch.publish(channelOf(topic), '1')
          const failed = (await batch.exec())?.find(([error]) => error)
          if (failed?.[0]) throw failed[0]
        }
      } catch (error) {
        logger.warn({ error: describeError(error) }, 'streams were not woken')
      }
    },

    listen(topic, wake) {
      // Its own for each call, so that one who leaves takes nobody else's place.
      const listener = () => wake()
      listeners.add(listener)
      const subscription = pubsub.subscribe(channelOf(topic), listener)
      void subscription.then(listener)
      return () => {
        listeners.delete(listener)
        // RedisPubSub cannot take back what it has not finished.
        void subscription.then((id) => pubsub.unsubscribe(id))
      }
    },

    close() {
      subscriber.off('ready', resume)
      listeners.clear()
    },
  }
}
