import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type OpenRedis, openRedis } from '../../../platform/redis.ts'
import { refuse } from '../../../platform/refusal.ts'
import { openTestRedis, silent } from '../../../test/support/stores.ts'
import { refusalsOf } from '../test-support.ts'
import { createAttempts } from './attempts.ts'

let redis: OpenRedis
beforeAll(async () => {
  redis = await openTestRedis()
})
afterAll(() => redis.close())

const wrong = async () => refuse('WRONG_CREDENTIALS', 'wrong')
const right = async () => 'in'
const codes = async (promise: Promise<unknown>) => (await refusalsOf(promise)).map(([code]) => code)

test('after ten wrong passwords for an account even the right one is refused, and others are let in', async () => {
  const attempts = createAttempts(redis, silent)
  const ada = { account: 'ada@example.com', address: '192.0.2.1' }
  for (let n = 0; n < 10; n++) expect(await codes(attempts.count(ada, wrong))).toEqual(['WRONG_CREDENTIALS'])
  expect(await codes(attempts.count(ada, right))).toEqual(['TOO_MANY_ATTEMPTS'])
  expect(await codes(attempts.count({ ...ada, address: '192.0.2.2' }, right))).toEqual(['TOO_MANY_ATTEMPTS'])
  expect(await attempts.count({ ...ada, account: 'bo@example.com' }, right)).toBe('in')
})

test('of many wrong passwords at once no more than the limit are tried', async () => {
  const attempts = createAttempts(redis, silent)
  let tried = 0
  const tries = Array.from({ length: 50 }, () =>
    attempts.count({ account: 'many@example.com', address: '192.0.2.3' }, async () => {
      tried += 1
      return wrong()
    }),
  )
  await Promise.allSettled(tries)
  expect(tried).toBe(10)
})

test('an address has a hundred wrong passwords, for whatever accounts', async () => {
  const attempts = createAttempts(redis, silent)
  const address = '192.0.2.4'
  const tries = Array.from({ length: 100 }, (_, n) => attempts.count({ account: `${n}`, address }, wrong))
  await Promise.allSettled(tries)
  expect(await codes(attempts.count({ account: 'another', address }, right))).toEqual(['TOO_MANY_ATTEMPTS'])
})

test('right passwords, and what is refused for another reason, do not count', async () => {
  const attempts = createAttempts(redis, silent)
  const eve = { account: 'eve@example.com', address: '192.0.2.5' }
  const suspended = async () => refuse('SUSPENDED', 'suspended')
  for (let n = 0; n < 15; n++) {
    await attempts.count(eve, right)
    expect(await codes(attempts.count(eve, suspended))).toEqual(['SUSPENDED'])
  }
})

test('what is counted is forgotten after a quarter of an hour', async () => {
  const attempts = createAttempts(redis, silent)
  await codes(attempts.count({ account: 'old@example.com', address: '192.0.2.6' }, wrong))
  const keys = await redis.commands.keys(`${redis.prefix}attempts:*`)
  const times = await Promise.all(keys.map((key) => redis.commands.pttl(key)))
  expect(times.length).toBeGreaterThan(0)
  expect(times.every((time) => time > 0 && time <= 15 * 60_000)).toBe(true)
})

test('a count that has no end gets one', async () => {
  const attempts = createAttempts(redis, silent)
  const address = '192.0.2.7'
  await codes(attempts.count({ account: 'stuck@example.com', address }, wrong))
  const keys = await redis.commands.keys(`${redis.prefix}attempts:*`)
  for (const key of keys) await redis.commands.persist(key)
  await codes(attempts.count({ account: 'stuck@example.com', address }, wrong))
  const times = await Promise.all(keys.map((key) => redis.commands.pttl(key)))
  expect(times.filter((time) => time > 0)).toHaveLength(2)
})

test('while Redis is away nobody is kept out', async () => {
  const away = openRedis({ urls: ['redis://127.0.0.1:1'], prefix: '', logger: silent })
  const attempts = createAttempts(away, silent)
  expect(await attempts.count({ account: 'ada@example.com' }, right)).toBe('in')
  away.close()
})
