import { Cluster, Redis } from 'ioredis'
import type { Logger } from './logger.ts'

export type RedisClient = Redis | Cluster

export type OpenRedis = {
  /** Commands. Fails at once while Redis is away: whoever can do without does. */
  commands: RedisClient
  /** Subscriptions alone; comes back by itself with its channels. */
  subscriber: RedisClient
  /** Before every key and channel, so that several systems can share a Redis. */
  prefix: string
  ping(): Promise<void>
  close(): void
}

/** One URL is a single Redis; several are nodes of one Redis Cluster. */
export function openRedis(options: { urls: string[]; prefix: string; logger: Logger }): OpenRedis {
  const commands = connect(Redis, options.urls, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: 2_000, // ms
  })
  const subscriber = connect(Subscriber, options.urls, {
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
  })
  let lastError: Error | undefined
  for (const client of [commands, subscriber]) {
    // ioredis reports every failed attempt to reconnect; one line per loss is enough.
    let reported = false
    client.on('error', (error: Error) => {
      lastError = error
      if (!reported) options.logger.warn({ error: error.message }, 'redis is away')
      reported = true
    })
    client.on('ready', () => {
      if (reported) options.logger.info('redis is back')
      reported = false
    })
  }
  return {
    commands,
    subscriber,
    prefix: options.prefix,
    async ping() {
      if (commands.status !== 'ready') throw lastError ?? new Error('not connected yet')
      await commands.ping()
    },
    close() {
      commands.disconnect()
      subscriber.disconnect()
    },
  }
}

type Behaviour = { maxRetriesPerRequest: number | null; enableOfflineQueue: boolean; commandTimeout?: number }

/**
 * After a reconnect ioredis subscribes to the channels of before and leaves that promise without a handler: when the
 * connection is closed meanwhile, it would end the process.
 */
class Subscriber extends Redis {
  override sendCommand(...command: Parameters<Redis['sendCommand']>): unknown {
    const reply = super.sendCommand(...command)
    Promise.resolve(reply).catch(() => {})
    return reply
  }
}

function connect(Single: typeof Redis, urls: string[], behaviour: Behaviour): RedisClient {
  const [url] = urls
  if (url === undefined) throw new Error('no Redis URL')
  const retryStrategy = (attempt: number) => Math.min(attempt * 50, 1_000) // ms
  if (urls.length === 1) return new Single(url, { ...behaviour, retryStrategy, connectTimeout: 2_000 })
  return new Cluster(urls, {
    redisOptions: behaviour,
    clusterRetryStrategy: retryStrategy,
    enableOfflineQueue: behaviour.enableOfflineQueue,
  })
}
