import { expect, test } from '@jest/globals'
import { openTestRedis, silent, testPrefix, testRedisUrl } from '../test/support/stores.ts'
import { openTcpProxy } from '../test/support/tcp-proxy.ts'
import { openRedis } from './redis.ts'
import { createReplayGuard } from './replays.ts'

test('a signature is the first once, at whichever process it comes', async () => {
  const redis = await openTestRedis()
  const [here, elsewhere] = [createReplayGuard(redis, silent), createReplayGuard(redis, silent)]
  expect([await here('one'), await elsewhere('one'), await here('one'), await here('two')]).toEqual([
    true,
    false,
    false,
    true,
  ])
  redis.close()
})

test('one that Redis noted, but could not say so, is the first all the same', async () => {
  const url = new URL(testRedisUrl())
  const proxy = await openTcpProxy(Number(url.port))
  const through = Object.assign(new URL(url), { port: `${proxy.port}` })
  const redis = openRedis({ urls: [through.href], prefix: testPrefix(), logger: silent })
  const isFirst = createReplayGuard(redis, silent)
  for (let n = 0; n < 20; n++) {
    if (redis.commands.status !== 'ready') {
      await new Promise((resolve) => redis.commands.once('ready', resolve))
    }
    const answer = isFirst(`signature ${n}`)
    // On its way to Redis, or back; ioredis asks once more.
    for (let turn = 0; turn <= n % 3; turn++) await new Promise(setImmediate)
    for (const connection of proxy.connections()) connection.cut()
    expect(await answer).toBe(true)
  }
  redis.close()
  await proxy.close()
})
