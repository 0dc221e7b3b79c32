import { RedisPubSub } from 'graphql-redis-subscriptions'
import type { Redis } from 'ioredis'
import type { OpenRedis } from './redis.ts'

/** How long until a subscription that Redis refused is asked for again. */
const RETRY = 1_000 // ms

/**
 * Publish and subscribe by callback, on the connections of `redis`. A subscription that fails is tried again until it
 * works, so its promise may take its time and is never rejected; unsubscribing never fails.
 */
export function createPubSub({
  commands,
  subscriber,
}: Pick<OpenRedis, 'commands' | 'subscriber'>): RedisPubSub {
  return new RedisPubSub({
    publisher: commands,
    // RedisPubSub calls no more of its subscriber than this.
    subscriber: patient(subscriber) as unknown as Redis,
  })
}

/**
 * RedisPubSub leaves promises without a handler wherever a command of its subscriber fails, as all do that are under
 * way when the connection is closed. One of them would end the process.
 */
function patient(subscriber: Redis) {
  type Command = (channel: string) => Promise<unknown>
  const insist = (command: Command) => (channel: string, done: (error: null) => void) => {
    const attempt = (): void => {
      // ioredis sends it while it connects, too, and forgets it when that attempt fails.
      if (subscriber.status !== 'ready') return void subscriber.once('ready', attempt)
      command(channel).then(
        () => done(null),
        () => void (subscriber.status !== 'end' && setTimeout(attempt, RETRY).unref()),
      )
    }
    attempt()
  }
  const ignore = (command: Command) => (channel: string) => void command(channel).catch(() => {})
  return {
    on: (event: string, listener: (...values: unknown[]) => void) => subscriber.on(event, listener),
    subscribe: insist((channel) => subscriber.subscribe(channel)),
    psubscribe: insist((pattern) => subscriber.psubscribe(pattern)),
    unsubscribe: ignore((channel) => subscriber.unsubscribe(channel)),
    punsubscribe: ignore((pattern) => subscriber.punsubscribe(pattern)),
  }
}
