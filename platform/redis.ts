import { randomInt } from 'node:crypto'
import { Cluster, Redis } from 'ioredis'
import type { Logger } from './logger.ts'

/** How long a connection may take to be made. */
const CONNECT = 2_000 // ms

/** How long a command may take. */
const COMMAND = 2_000 // ms

export type RedisClient = Redis | Cluster

export type OpenRedis = {
  /** Commands. Fails soon while Redis is away: whoever can do without does. */
  commands: RedisClient
  /** Subscriptions alone; comes back by itself with its channels, of a cluster at any node. */
  subscriber: Redis
  /** Before every key and channel, so that several systems can share a Redis. */
  prefix: string
  ping(): Promise<void>
  close(): void
}

/** One URL is a single Redis; several are nodes of one Redis Cluster. */
export function openRedis(options: { urls: string[]; prefix: string; logger: Logger }): OpenRedis {
  const commands = connect(options.urls)
  const subscriber = connectSubscriber(options.urls)
  let lastError: Error | undefined
  for (const client of [commands, subscriber]) {
    // ioredis reports every failed attempt to reconnect; one line per loss is enough.
    let reported = false
    client.on('error', (error: Error) => {
      lastError = reasonOf(error)
      if (!reported) options.logger.warn({ error: lastError.message }, 'redis is away')
      reported = true
    })
    client.on('ready', () => {
      if (reported) options.logger.info('redis is back')
      reported = false
    })
  }
  if (commands instanceof Cluster) reportNodes(commands, options.logger)
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

function connect(urls: string[]): RedisClient {
  const behaviour = { maxRetriesPerRequest: 1, connectTimeout: CONNECT, commandTimeout: COMMAND }
  const [url = ''] = urls
  if (urls.length === 1) return new Redis(url, { ...behaviour, enableOfflineQueue: false, retryStrategy })
  const { username, password, tls } = nodeOf(url)
  return new Cluster(urls, {
    // Also for the nodes that no URL names.
    redisOptions: { ...behaviour, username, password, tls },
    // Certificates are for names, not for the addresses that these stand for.
    dnsLookup: (name, done) => done(null, name),
    // With 100 ms between attempts: about half a second for a key whose node is away.
    maxRedirections: 6,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryStrategy,
  })
}

/**
 * Every node of a cluster tells what is published at any, so that one connection to any of them is enough. The subscriber
 * of Cluster moves to another node without a word, and nobody would know that messages may have been missed.
 */
function connectSubscriber(urls: string[]): Redis {
  const behaviour = { maxRetriesPerRequest: null, enableOfflineQueue: true, connectTimeout: CONNECT }
  // At random, so that processes spread.
  let turn = randomInt(urls.length)
  const url = () => urls[turn] ?? ''
  if (urls.length === 1) return new Subscriber(url(), { ...behaviour, retryStrategy })
  const subscriber: Redis = new Subscriber({
    ...behaviour,
    ...nodeOf(url()),
    retryStrategy(attempt) {
      turn = (turn + 1) % urls.length
      Object.assign(subscriber.options, nodeOf(url()))
      return retryStrategy(attempt)
    },
  })
  return subscriber
}

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

const retryStrategy = (attempt: number) => Math.min(attempt * 50, 1_000) // ms

function nodeOf(url: string) {
  const { protocol, username, password, hostname, port } = new URL(url)
  return {
    host: hostname.replace(/^\[|\]$/g, ''), // of IPv6
    port: Number(port || 6379),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    tls: protocol === 'rediss:' ? {} : undefined,
  }
}

/** Of a cluster of which no node answers, ioredis says just that; the error of the last node says why. */
function reasonOf(error: Error & { lastNodeError?: Error }): Error {
  return error.lastNodeError ?? error
}

function reportNodes(cluster: Cluster, logger: Logger): void {
  const away = new Set<string>()
  cluster.on('node error', (error: Error, node: string) => {
    if (!away.has(node)) logger.warn({ node, error: error.message }, 'a node of the Redis Cluster is away')
    away.add(node)
  })
  cluster.on('+node', (redis: Redis) => {
    const node = `${redis.options.host}:${redis.options.port}`
    redis.once('ready', () => {
      if (away.delete(node)) logger.info({ node }, 'a node of the Redis Cluster is back')
    })
  })
}
