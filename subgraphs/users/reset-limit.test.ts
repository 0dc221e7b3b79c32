import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type OpenRedis, openRedis } from '../../platform/redis.ts'
import { openTestRedis, silent } from '../../test/support/stores.ts'
import { createResetLimit } from './reset-limit.ts'
import { refusalsOf } from './test-support.ts'

let redis: OpenRedis
beforeAll(async () => {
  redis = await openTestRedis()
})
afterAll(() => redis.close())

test('twenty requests an hour are taken from an address of the network, at once or not', async () => {
  const count = createResetLimit(redis, silent)
  const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => count('192.0.2.1')))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
  expect(await refusalsOf(count('192.0.2.1'))).toEqual([['TOO_MANY_ATTEMPTS', undefined]])
  await count('192.0.2.2')
})

test('what is counted is forgotten after an hour, and names no address', async () => {
  await createResetLimit(redis, silent)('192.0.2.3')
  const keys = await redis.commands.keys(`${redis.prefix}resets:*`)
  expect(keys.join()).not.toMatch('192.0.2')
  const times = await Promise.all(keys.map((key) => redis.commands.pttl(key)))
  expect(times.every((time) => time > 0 && time <= 3_600_000)).toBe(true)
})

test('while Redis is away nobody is kept out', async () => {
  const away = openRedis({ urls: ['redis://127.0.0.1:1'], prefix: '', logger: silent })
  await createResetLimit(away, silent)('192.0.2.4')
  away.close()
})
