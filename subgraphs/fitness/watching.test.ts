import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestRedis } from '../../test/support/stores.ts'
import { openTestSubgraph, signedIn, sync, walk } from './subgraph-support.ts'

let fitness: Awaited<ReturnType<typeof openTestSubgraph>>
beforeAll(async () => {
  fitness = await openTestSubgraph()
})
afterAll(() => fitness.close())

test('today is told at once, and then when a sync changes it', async () => {
  const ada = signedIn()
  const today = await fitness.watch(ada)
  expect(await today.next()).toBe(0)
  const changed = today.next()
  await fitness.ask(ada, sync, walk(ada, '08:00', 500))
  expect(await changed).toBe(500)
  const later = today.next()
  await fitness.ask(ada, sync, walk(ada, '09:00', 200))
  expect(await later).toBe(700)
  await today.end()
})

test('a sync that changes nothing of today tells nobody', async () => {
  const ada = signedIn()
  const today = await fitness.watch(ada)
  await today.next()
  const changed = today.next()
  await fitness.ask(ada, sync, walk(ada, '08:00', 0))
  await fitness.ask(ada, sync, walk(ada, '09:00', 200))
  expect(await changed).toBe(200)
  await today.end()
})

test('what changed while Redis was away is told when it is back', async () => {
  const ada = signedIn()
  const today = await fitness.watch(ada)
  await today.next()
  fitness.redis.subscriber.disconnect()
  const changed = today.next()
  await fitness.ask(ada, sync, walk(ada, '08:00', 500))
  await fitness.redis.subscriber.connect()
  expect(await changed).toBe(500)
  await today.end()
})

test('a sync succeeds while Redis is away', async () => {
  const ada = signedIn()
  const away = await openTestRedis()
  const alone = await fitness.openOn(away)
  away.close()
  const { data } = await fitness.ask(ada, sync, walk(ada, '08:00', 500), alone)
  expect(data?.syncFitness).toMatchObject({ accepted: 1 })
  await alone.close()
})

test('a stream can be ended while it waits', async () => {
  const today = await fitness.watch(signedIn())
  await today.next()
  const waiting = today.next()
  await today.end()
  expect(await waiting).toBeUndefined()
})
