import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openCrowd } from './crowd-test-support.ts'
import { eventually } from './test-support.ts'
import { openWatchedBoards, type WatchedBoards } from './watch-test-support.ts'

let podium: WatchedBoards
beforeAll(async () => {
  podium = await openWatchedBoards()
})
afterAll(() => podium.close())

test('of 10,000 who watch their own standing as many are read and told as a change touches', async () => {
  const crowd = await openCrowd(podium, 10_000)
  const { userIds, place, announce, untilTold } = crowd

  await place(99, 99_515) // the hundredth passes fifty
  announce()
  const few = await untilTold(51)
  expect(few.reached.sort()).toEqual(userIds.slice(49, 100).sort())
  expect([few.rankOf(99), few.rankOf(49), few.rankOf(98)]).toEqual([50, 51, 100])
  expect(few).toMatchObject({ requests: 1, peopleRead: 51 })

  await place(9_999, 200_000) // the last passes all
  announce()
  const all = await untilTold(10_000)
  expect([all.rankOf(9_999), all.rankOf(0), all.rankOf(9_998)]).toEqual([1, 2, 10_000])
  expect(all).toMatchObject({ requests: 5, peopleRead: 10_000 })

  const newcomer = randomUUID()
  crowd.join(newcomer)
  const one = await untilTold(1)
  expect(one.reached).toEqual([newcomer])
  expect(one).toMatchObject({ requests: 1, peopleRead: 1 })
  await crowd.close()
}, 180_000)

test('who is taken off the board is told, and who was behind', async () => {
  const { userIds, place, announce, untilTold, close } = await openCrowd(podium, 60)
  await place(57, null)
  announce()
  const { reached, rankOf, requests } = await untilTold(3)
  expect(reached.sort()).toEqual(userIds.slice(57).sort())
  expect([57, 58, 59].map(rankOf)).toEqual([null, 58, 59])
  expect(requests).toBe(1)
  await close()
})

test('after more changes than are kept everyone is read', async () => {
  const { place, announce, untilTold, close } = await openCrowd(podium, 60)
  await place(59, 5_000)
  for (let score = 1; score <= 600; score++) await place(0, 600 + score)
  announce()
  const { rankOf, requests, peopleRead } = await untilTold(60)
  expect([rankOf(59), rankOf(0), rankOf(58)]).toEqual([1, 2, 60])
  expect({ requests, peopleRead }).toEqual({ requests: 2, peopleRead: 60 })
  await close()
})

test('where most of a long board is touched only those who watch are read', async () => {
  const crowd = await openCrowd(podium, 60)
  for (let i = 0; i < 100; i++) await podium.place(crowd.competitionId, randomUUID(), 5, 1)
  await crowd.place(59, 5_000)
  crowd.announce()
  expect(await crowd.untilTold(60)).toMatchObject({ requests: 2, peopleRead: 60 })
  await crowd.close()
})

const onlyInPostgres = (competitionId: string, userId = '') =>
  podium.standings.recordComputation(
    { competitionId, userId },
    { score: 7_000, achievedAt: new Date(), version: 9 },
    new Date(),
  )

test('what a rebuild has changed is told, and then changes are followed again', async () => {
  const crowd = await openCrowd(podium, 60, { stored: true })
  await onlyInPostgres(crowd.competitionId, crowd.userIds[30])
  expect(await podium.rebuild(crowd.competitionId)).toBe('done')
  crowd.announce()
  expect(await crowd.untilTold(31)).toMatchObject({ requests: 2, peopleRead: 60 })

  await crowd.place(5, 9_000)
  crowd.announce()
  const { rankOf, requests, peopleRead } = await crowd.untilTold(7)
  expect([rankOf(5), rankOf(30), rankOf(4)]).toEqual([1, 2, 7])
  expect({ requests, peopleRead }).toEqual({ requests: 1, peopleRead: 7 })
  await crowd.close()
})

test('what was read in PostgreSQL is read again in Redis before changes are followed', async () => {
  const crowd = await openCrowd(podium, 60, { stored: true })
  await onlyInPostgres(crowd.competitionId, crowd.userIds[30])
  // Another process builds it anew, as long as the test wants it to be in doubt.
  const { lock } = podium.keysOf(crowd.competitionId)
  await podium.redis.commands.set(lock, 'another process')
  podium.upkeep.doubt(crowd.competitionId)
  crowd.announce()
  const { rankOf, peopleRead } = await crowd.untilTold(31)
  expect({ rank: rankOf(30), peopleRead }).toEqual({ rank: 1, peopleRead: 60 })
  await podium.redis.commands.del(lock)
  await eventually(
    () => podium.upkeep.trusts(crowd.competitionId),
    (trusted) => trusted,
  )

  await crowd.place(5, 9_000)
  crowd.announce()
  expect((await crowd.untilTold(7)).peopleRead).toBe(60)
  await crowd.place(4, 9_500)
  crowd.announce()
  expect((await crowd.untilTold(7)).peopleRead).toBe(7)
  await crowd.close()
})

test('on a board that is final only who comes is read', async () => {
  const crowd = await openCrowd(podium, 60, { stored: true })
  await crowd.place(59, 9_000)
  await podium.handlers['scores.sealed']({ competitionId: crowd.competitionId, scoreVersions: 61 })
  crowd.announce()
  expect((await crowd.untilTold(60)).rankOf(59)).toBe(1)
  const newcomer = randomUUID()
  crowd.join(newcomer)
  expect(await crowd.untilTold(1)).toMatchObject({ reached: [newcomer], requests: 1, peopleRead: 1 })
  await crowd.close()
})
