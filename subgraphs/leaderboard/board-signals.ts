import { RedisPubSub } from 'graphql-redis-subscriptions'
import type { OpenRedis, RedisClient } from '../../platform/redis.ts'
import { boardKeys } from './board-keys.ts'

export type BoardSignals = ReturnType<typeof openBoardSignals>

/**
 * What Redis announces of boards. An announcement may be lost, so whoever follows looks for itself now and then; a
 * signal comes also when there may have been others: once the subscription holds, and after a reconnect.
 */
export function openBoardSignals({
  commands,
  subscriber,
  prefix,
}: Pick<OpenRedis, 'commands' | 'subscriber' | 'prefix'>) {
  const pubsub = new RedisPubSub({ publisher: commands, subscriber: forgiving(subscriber) })
  const signals = new Set<() => void>()
  const resume = () => {
    for (const signal of signals) signal()
  }
  subscriber.on('ready', resume)

  return {
    /** Has `signal` called after every change of a board; returns what ends that. */
    follow(competitionId: string, signal: () => void): () => void {
      signals.add(signal)
      const subscription = pubsub.subscribe(boardKeys(prefix, competitionId).channel, signal)
      void subscription.then(signal)
      return () => {
        signals.delete(signal)
        // The library cannot end a subscription that does not hold yet.
        void subscription.then((id) => pubsub.unsubscribe(id))
      }
    },

    close(): void {
      subscriber.off('ready', resume)
      signals.clear()
    },
  }
}

/**
 * What the library uses of a client, except that nothing fails: a subscription waits for Redis, and what still waits
 * when the process stops does not matter, while the library leaves such a failure unhandled, which ends the process.
 */
function forgiving(subscriber: RedisClient): RedisClient {
  const used = {
    on: (event: string, listener: (...args: unknown[]) => void) => subscriber.on(event, listener),
    subscribe: (channel: string, done: (error: null) => void) =>
      subscriber.subscribe(channel).then(
        () => done(null),
        () => {},
      ),
    unsubscribe: (channel: string) => subscriber.unsubscribe(channel).catch(() => {}),
    punsubscribe: () => {},
  }
  // The library asks for a whole client and uses these four of it.
  return used as unknown as RedisClient
}
