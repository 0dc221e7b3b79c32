import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from './test-support.ts'
import { live, next, openWatchedBoards, type WatchedBoards } from './watch-test-support.ts'

let podium: WatchedBoards
beforeAll(async () => {
  podium = await openWatchedBoards()
})
afterAll(() => podium.close())

test('looking for itself, it finds a change that nobody announced, and shows nothing when there is none', async () => {
  const competitionId = await podium.open()
  const { frames, reads } = podium.watch({ check: 20 }, { listen: () => () => {} })
  const stream = frames(live(competitionId), 10)
  await next(stream)
  const looked = reads.length
  await eventually(
    () => reads.length,
    (count) => count >= looked + 3,
  )
  await podium.score(competitionId, randomUUID(), 7)
  expect(await next(stream)).toMatchObject({ revision: 1, previousRevision: 0 })
  await stream.return?.()
})

test('what changed while the subscriber was cut off is shown when it is back', async () => {
  const competitionId = await podium.open()
  const stream = podium.watch().frames(live(competitionId), 10)
  await next(stream)
  await eventually(
    () => podium.subscribers(competitionId),
    (count) => count === 1,
  )
  podium.redis.subscriber.disconnect(true)
  await podium.score(competitionId, randomUUID(), 7)
  expect(await next(stream)).toMatchObject({ revision: 1 })
  await podium.score(competitionId, randomUUID(), 8)
  expect(await next(stream)).toMatchObject({ revision: 2 })
  await stream.return?.()
})

test('who watches while Redis has no subscriber is told once it has', async () => {
  const competitionId = await podium.open()
  podium.redis.subscriber.disconnect(true)
  const stream = podium.watch().frames(live(competitionId), 10)
  expect(await next(stream)).toMatchObject({ revision: 0 })
  await eventually(
    () => podium.subscribers(competitionId),
    (count) => count === 1,
  )
  await podium.score(competitionId, randomUUID(), 8)
  expect(await next(stream)).toMatchObject({ revision: 1 })
  await stream.return?.()
})

test('the last listener closes the subscription, and no other does', async () => {
  const [competitionId, elsewhere] = [await podium.open(), await podium.open()]
  const { frames, count } = podium.watch()
  const [first, second] = [frames(live(competitionId), 10), frames(live(competitionId), 10)]
  const other = frames(live(elsewhere), 10)
  await Promise.all([first, second, other].map(next))
  await first.return?.()
  await podium.score(competitionId, randomUUID(), 7)
  expect(await next(second)).toMatchObject({ revision: 1 })

  await second.return?.()
  expect(count()).toBe(1)
  await eventually(
    () => podium.subscribers(competitionId),
    (subscribed) => subscribed === 0,
  )
  await podium.score(elsewhere, randomUUID(), 7)
  expect(await next(other)).toMatchObject({ revision: 1 })
  await other.return?.()
})

test('who leaves and comes back at once is told of changes', async () => {
  const competitionId = await podium.open()
  const { frames } = podium.watch()
  await frames(live(competitionId), 10).return?.()
  const stream = frames(live(competitionId), 10)
  await next(stream)
  await podium.score(competitionId, randomUUID(), 7)
  expect(await next(stream)).toMatchObject({ revision: 1 })
  await stream.return?.()
})
