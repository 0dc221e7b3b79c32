import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type OpenRedis, openRedis } from '../../../platform/redis.ts'
import { openTestRedis, silent } from '../../../test/support/stores.ts'
import { createMailLimit } from './mail-limit.ts'

let redis: OpenRedis
beforeAll(async () => {
  redis = await openTestRedis()
})
afterAll(() => redis.close())

test.each([
  ['RESET_PASSWORD', 20],
  ['VERIFY_EMAIL', 100],
] as const)(
  'of %s so many an hour go out for an address of the network, at once or not: %i',
  async (purpose, limit) => {
    const mayMail = createMailLimit(redis, silent)
    const asked = Array.from({ length: limit + 10 }, () => mayMail(purpose, '192.0.2.1'))
    expect((await Promise.all(asked)).filter((may) => may)).toHaveLength(limit)
    expect(await mayMail(purpose, '192.0.2.1')).toBe(false)
    expect(await mayMail(purpose, '192.0.2.2')).toBe(true)
  },
)

test('what is counted is forgotten after an hour, and names no address', async () => {
  await createMailLimit(redis, silent)('RESET_PASSWORD', '192.0.2.3')
  const keys = await redis.commands.keys(`${redis.prefix}mails:*`)
  expect(keys.join()).not.toMatch('192.0.2')
  const times = await Promise.all(keys.map((key) => redis.commands.pttl(key)))
  expect(times.length).toBeGreaterThan(0)
  expect(times.every((time) => time > 0 && time <= 3_600_000)).toBe(true)
})

test('while Redis is away nobody is kept out', async () => {
  const away = openRedis({ urls: ['redis://127.0.0.1:1'], prefix: '', logger: silent })
  expect(await createMailLimit(away, silent)('RESET_PASSWORD', '192.0.2.4')).toBe(true)
  away.close()
})
