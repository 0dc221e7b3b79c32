import { expect, test } from '@jest/globals'
import { openTestRedis, silent, testRedisUrl } from '../test/support/stores.ts'
import { openRedis } from './redis.ts'
import { createTokenBuckets } from './token-buckets.ts'

const HOUR = 3_600_000 // ms
const of = (amount: number) => [{ bucket: 'requests', capacity: 100, window: HOUR, amount }]

test('processes on one Redis take from the same bucket, which owes at most itself', async () => {
  const redis = await openTestRedis()
  try {
    const [one, other] = [createTokenBuckets(redis), createTokenBuckets(redis)]
    const take = async (buckets: typeof one, amount: number) =>
      Math.floor((await buckets.take('ada', of(amount)))[0] ?? 0)
    expect(await take(one, 30)).toBe(70)
    expect(await take(other, 30)).toBe(40)
    expect(await take(one, 60)).toBe(-20)
    expect(await take(other, 1_000)).toBe(-100)
    expect(await redis.commands.pttl(`${redis.prefix}bucket:ada`)).toBeGreaterThan(HOUR)
  } finally {
    redis.close()
  }
})

test('a bucket fills up evenly', async () => {
  const redis = await openTestRedis()
  try {
    const buckets = createTokenBuckets(redis)
    const capacity = 1_000 * HOUR // a thousand in a ms
    const spending = { bucket: 'cost', capacity, window: HOUR, amount: capacity }
    const [empty = 1] = await buckets.take('ada', [spending])
    expect(empty).toBe(0)
    const [later = 0] = await buckets.take('ada', [{ ...spending, amount: 0 }])
    expect(later % 1_000).toBe(0)
    expect(later).toBeLessThan(capacity)
  } finally {
    redis.close()
  }
})

test('while Redis is away a process goes on from what it knew, and counts alone', async () => {
  const redis = await openTestRedis()
  const buckets = createTokenBuckets(redis)
  await buckets.take('ada', of(90))
  redis.close()
  expect(Math.floor((await buckets.take('ada', of(4)))[0] ?? 0)).toBe(6)
  expect(Math.floor((await buckets.take('ada', of(10)))[0] ?? 0)).toBe(-4)
  expect(Math.floor((await buckets.take('bob', of(1)))[0] ?? 0)).toBe(99)
})

test('before it is connected a process counts alone, and not a moment longer', async () => {
  const known = await openTestRedis()
  const redis = openRedis({ urls: [testRedisUrl()], prefix: known.prefix, logger: silent })
  try {
    const connected = new Promise((resolve) => redis.commands.once('ready', resolve))
    const [one, other] = [createTokenBuckets(redis), createTokenBuckets(known)]
    expect(await one.take('ada', of(30))).toEqual([70])
    await connected
    await one.take('ada', of(20))
    expect(Math.floor((await other.take('ada', of(0)))[0] ?? 0)).toBe(80)
  } finally {
    known.close()
    redis.close()
  }
})

test('without Redis a process counts alone', async () => {
  const buckets = createTokenBuckets(null)
  expect(await buckets.take('ada', of(100))).toEqual([0])
  expect((await buckets.take('ada', of(100)))[0]).toBeCloseTo(-100, 1)
})
