import { randomInt, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { silent } from '../../test/support/stores.ts'
import type { BoardState } from './board.ts'
import { openUpkeep } from './board-upkeep.ts'
import { eventually, openTestBoards, page, type TestBoards } from './test-support.ts'

let podium: TestBoards
beforeAll(async () => {
  podium = await openTestBoards()
})
afterAll(() => podium.close())

const shown = (competitionId: string, state: BoardState = 'LIVE') =>
  podium.live.read({ competitionId, state }, { windows: [page()], people: [] })

const inRedis = (competitionId: string) =>
  podium.inRedis.read(competitionId, { windows: [page()], people: [] })

async function boardOf(people: number) {
  const competitionId = await podium.open()
  const userIds = Array.from({ length: people }, () => randomUUID())
  for (const userId of userIds) await podium.score(competitionId, userId, randomInt(1_000), randomInt(100))
  return { competitionId, userIds }
}

/** Both have the same board at the same revision. */
async function expectEqual(competitionId: string) {
  const ask = { windows: [page()], people: [] }
  const truth = await podium.inPostgres.read(competitionId, ask)
  const beside = { changedAt: 0, isLogged: true }
  expect({ ...(await podium.inRedis.read(competitionId, ask)), ...beside }).toEqual({ ...truth, ...beside })
}

test('a board that Redis has lost is read from PostgreSQL and built anew, to a higher revision', async () => {
  const { competitionId } = await boardOf(5)
  const before = await shown(competitionId)
  await podium.flush()
  expect((await shown(competitionId)).windows).toEqual(before.windows)
  const after = await eventually(
    () => inRedis(competitionId),
    (snapshot) => snapshot !== null,
  )
  expect(after?.windows).toEqual(before.windows)
  expect(after?.revision).toBeGreaterThan(before.revision)
  await expectEqual(competitionId)
})

test('a change to a board that Redis has lost is not lost', async () => {
  const { competitionId, userIds } = await boardOf(3)
  await podium.flush()
  await podium.score(competitionId, userIds[0] ?? '', 5_000)
  await eventually(
    () => inRedis(competitionId),
    (snapshot) => snapshot?.windows[0]?.standings[0]?.score === 5_000,
  )
  await expectEqual(competitionId)
})

test('changes that come while a board is built anew are on it, and the revision only goes up', async () => {
  const { competitionId, userIds } = await boardOf(30)
  let changing = true
  const revisions: number[] = []
  const changes = async () => {
    while (changing) {
      const userId = userIds[randomInt(userIds.length)] ?? ''
      await podium.score(competitionId, userId, randomInt(20) === 0 ? null : randomInt(1_000))
    }
  }
  const readings = async () => {
    while (changing) revisions.push((await inRedis(competitionId))?.revision ?? -1)
  }
  const running = [changes(), readings()]
  for (let i = 0; i < 10; i++) expect(await podium.rebuild(competitionId)).toBe('done')
  changing = false
  await Promise.all(running)
  expect(revisions).toEqual([...revisions].sort((a, b) => a - b))
  await expectEqual(competitionId)
})

test('one process at a time builds a board anew', async () => {
  const { competitionId } = await boardOf(3)
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => podium.rebuild(competitionId)))
  expect(outcomes).toContain('done')
  expect(outcomes).toContain('busy')
  await expectEqual(competitionId)
})

test('a rebuild that was cut short leaves nothing that the next one would stumble over', async () => {
  const { competitionId, userIds } = await boardOf(3)
  const { board, nextRanks, nextVersions } = podium.keysOf(competitionId)
  await podium.redis.commands.hset(board, 'building', 'of a process that died', 'nextVersions', 900)
  await podium.redis.commands.zadd(nextRanks, 7, 'a ghost')
  await podium.redis.commands.hset(nextVersions, userIds[0] ?? '', '900 0')
  await podium.score(competitionId, userIds[1] ?? '', 5_000)
  expect(await podium.rebuild(competitionId)).toBe('done')
  await expectEqual(competitionId)
})

test('a revision that was higher in Redis is passed, too', async () => {
  const { competitionId } = await boardOf(3)
  await podium.redis.commands.hset(podium.keysOf(competitionId).board, 'revision', 500)
  expect(await podium.rebuild(competitionId)).toBe('done')
  expect((await inRedis(competitionId))?.revision).toBe(501)
  await expectEqual(competitionId)
})

test.each([
  ['lacks someone', (ranks: string, userId: string) => podium.redis.commands.zrem(ranks, userId)],
  ['has someone elsewhere', (ranks: string, userId: string) => podium.redis.commands.zadd(ranks, 1, userId)],
  ['has someone it should not', (ranks: string) => podium.redis.commands.zadd(ranks, 1, randomUUID())],
])('a sweep builds a board anew that %s', async (_, damage) => {
  const { competitionId, userIds } = await boardOf(5)
  await damage(podium.keysOf(competitionId).ranks, userIds[2] ?? '')
  await podium.upkeep.tend()
  await expectEqual(competitionId)
})

test('a sweep finds what did not arrive, and leaves alone what is right', async () => {
  const { competitionId, userIds } = await boardOf(5)
  const untouched = (await boardOf(2)).competitionId
  const key = { competitionId, userId: userIds[0] ?? '' }
  const computation = { score: 2_000, achievedAt: new Date(), version: 99 }
  await podium.standings.recordComputation(key, computation, new Date())
  const before = await inRedis(untouched)
  await podium.upkeep.tend()
  expect((await inRedis(competitionId))?.windows[0]?.standings[0]).toMatchObject({ score: 2_000 })
  await expectEqual(competitionId)
  expect(await inRedis(untouched)).toEqual(before)
})

test('a process that starts trusts no board that Redis kept before it has checked it', async () => {
  const { competitionId, userIds } = await boardOf(3)
  const key = { competitionId, userId: userIds[0] ?? '' }
  await podium.standings.recordComputation(
    key,
    { score: 3_000, achievedAt: new Date(), version: 99 },
    new Date(),
  )
  const { boards, isDamaged, rebuild, health } = podium
  const upkeep = openUpkeep({ boards, isDamaged, rebuild, health, logger: silent, interval: 3_600_000 })
  expect(upkeep.trusts(competitionId)).toBe(false)
  await eventually(
    async () => upkeep.trusts(competitionId),
    (trusted) => trusted,
  )
  expect((await inRedis(competitionId))?.windows[0]?.standings[0]).toMatchObject({ score: 3_000 })
  await upkeep.close()
})

test('a board that is final is not built anew', async () => {
  const { competitionId } = await boardOf(2)
  await podium.handlers['scores.sealed']({ competitionId, scoreVersions: 2 })
  const before = await shown(competitionId, 'FINAL')
  expect(await podium.rebuild(competitionId)).toBe('over')
  await podium.flush()
  await podium.upkeep.tend()
  expect(await shown(competitionId)).toEqual(before)
  expect(await inRedis(competitionId)).toBeNull()
})

test('a damaged board of one competition is no reason to do without Redis for others', async () => {
  const { competitionId } = await boardOf(2)
  const { ranks } = podium.keysOf(competitionId)
  await podium.redis.commands.del(ranks)
  await podium.redis.commands.set(ranks, 'not a board')
  expect((await shown(competitionId)).windows[0]?.standings).toHaveLength(2)
  expect(podium.health.isAway()).toBe(false)
})
