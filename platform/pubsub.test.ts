import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestRedis, silent, testRedisUrl } from '../test/support/stores.ts'
import { openTcpProxy } from '../test/support/tcp-proxy.ts'
import { createPubSub } from './pubsub.ts'
import { type OpenRedis, openRedis } from './redis.ts'

let redis: OpenRedis
beforeAll(async () => {
  redis = await openTestRedis()
})
afterAll(() => redis.close())

/** Promises that were rejected with nobody to see it, as they would end a process. */
function watchRejections() {
  const seen: unknown[] = []
  const note = (reason: unknown) => void seen.push(reason)
  process.on('unhandledRejection', note)
  return {
    seen,
    stop: () => process.off('unhandledRejection', note),
  }
}

test('what is published arrives until it is not listened for any more', async () => {
  const pubsub = createPubSub(redis)
  const channel = `${redis.prefix}channel`
  const first = Promise.withResolvers<unknown>()
  const id = await pubsub.subscribe(channel, first.resolve)
  await pubsub.publish(channel, { n: 1 })
  expect(await first.promise).toEqual({ n: 1 })
  pubsub.unsubscribe(id)
  await redis.subscriber.ping() // in turn, on the connection that unsubscribes
  expect(await redis.commands.publish(channel, '2')).toBe(0)
})

test('unsubscribing after closing leaves no rejected promise behind', async () => {
  const rejections = watchRejections()
  const other = await openTestRedis()
  const pubsub = createPubSub(other)
  const id = await pubsub.subscribe('one', () => {})
  other.close()
  await new Promise((resolve) => other.subscriber.once('end', resolve))
  pubsub.unsubscribe(id)
  await new Promise(setImmediate)
  expect(rejections.seen).toEqual([])
  rejections.stop()
})

test('closing before a subscription was possible leaves none either', async () => {
  const rejections = watchRejections()
  const away = openRedis({ urls: ['redis://127.0.0.1:1'], prefix: '', logger: silent })
  const pubsub = createPubSub(away)
  void pubsub.subscribe('one', () => {})
  void pubsub.subscribe('one', () => {})
  away.close()
  await new Promise((resolve) => away.subscriber.once('end', resolve))
  await new Promise(setImmediate)
  expect(rejections.seen).toEqual([])
  rejections.stop()
})

test('closing while the subscriptions of before are asked for again leaves none either', async () => {
  const rejections = watchRejections()
  const url = new URL(testRedisUrl())
  const proxy = await openTcpProxy(Number(url.port))
  url.port = `${proxy.port}`
  const far = openRedis({ urls: [url.href], prefix: '', logger: silent })
  await createPubSub(far).subscribe('one', () => {})
  const back = new Promise((resolve) => far.subscriber.once('ready', resolve))
  for (const connection of proxy.connections()) connection.cut()
  await back
  for (const connection of proxy.connections()) connection.swallow()
  far.close()
  await new Promise((resolve) => far.subscriber.once('end', resolve))
  await new Promise(setImmediate)
  expect(rejections.seen).toEqual([])
  rejections.stop()
  await proxy.close()
})
