import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { openTestRedis, silent, testPrefix, testRedisUrl } from '../test/support/stores.ts'
import { openTcpProxy } from '../test/support/tcp-proxy.ts'
import { type EndedSessions, hearEndedSessions, tellEndedSessions } from './ended-sessions.ts'
import { type OpenRedis, openRedis } from './redis.ts'
import { recorder } from './test-support.ts'

let redis: OpenRedis
const closers: (() => unknown)[] = []
beforeAll(async () => {
  redis = await openTestRedis()
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(() => redis.close())

/** The same Redis under a prefix of a test's own. */
const fresh = (): OpenRedis => ({ ...redis, prefix: testPrefix() })

const ended = (...sessionIds: string[]): EndedSessions => ({ sessionIds, until: 1_000 })

/** What is heard, each session as often as it is. */
function hear(from: OpenRedis) {
  const { happened, add, until } = recorder()
  const stop = hearEndedSessions(from, silent, ({ sessionIds }) => sessionIds.forEach(add))
  closers.push(stop)
  return { happened, until: (...ids: string[]) => until((heard) => ids.every((id) => heard.includes(id))) }
}

test('what ended is heard by all who listen, once each', async () => {
  const here = fresh()
  const [one, two] = [hear(here), hear(here)]
  await tellEndedSessions(here, ended('a', 'b'))
  await tellEndedSessions(here, ended('c'))
  await Promise.all([one, two].map(({ until }) => until('c')))
  expect(one.happened).toEqual(['a', 'b', 'c'])
  expect(two.happened).toEqual(['a', 'b', 'c'])
})

test('who comes later hears what ended before', async () => {
  const here = fresh()
  await tellEndedSessions(here, ended('early'))
  await hear(here).until('early')
})

test('more than are read at once are all heard', async () => {
  const here = fresh()
  for (let n = 0; n < 2_500; n++) {
    await here.commands.xadd(`${here.prefix}sessions:ended`, '*', 'ended', JSON.stringify(ended(`${n}`)))
  }
  const { happened, until } = hear(here)
  await until('2499')
  expect(happened).toHaveLength(2_500)
})

test('who was cut off from Redis hears what it missed, once it is back', async () => {
  const url = new URL(testRedisUrl())
  const proxy = await openTcpProxy(Number(url.port))
  const through = Object.assign(new URL(url), { port: `${proxy.port}`, hostname: '127.0.0.1' })
  const far = openRedis({ urls: [through.href], prefix: testPrefix(), logger: silent })
  closers.push(proxy.close, far.close)
  const near = { ...redis, prefix: far.prefix }
  const { happened, until } = hear(far)
  await tellEndedSessions(near, ended('before'))
  await until('before')
  for (const connection of proxy.connections()) connection.cut()
  await tellEndedSessions(near, ended('meanwhile'))
  await until('meanwhile')
  expect(happened).toEqual(['before', 'meanwhile'])
})

test('what cannot be told says so', async () => {
  const away = openRedis({ urls: ['redis://127.0.0.1:1'], prefix: '', logger: silent })
  closers.push(away.close)
  await expect(tellEndedSessions(away, ended('a'))).rejects.toThrow()
})

test('what nobody needs any more does not stay in Redis', async () => {
  const here = fresh()
  await tellEndedSessions(here, ended('a'))
  expect(await here.commands.pttl(`${here.prefix}sessions:ended`)).toBeGreaterThan(10 * 60_000)
})
