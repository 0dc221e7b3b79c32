import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { RefusedError } from '../../platform/refusal.ts'
import { at, competition, listOf, openTestBoards, type TestBoards } from './test-support.ts'

let podium: TestBoards
beforeAll(async () => {
  podium = await openTestBoards()
})
afterAll(() => podium.close())

/** The last that was told of someone passing others. */
async function overtaken(competitionId: string): Promise<unknown> {
  return (await podium.published('standing.changed', competitionId)).at(-1)
}

test('a score is kept once, and only the latest', async () => {
  const competitionId = await podium.open()
  const userId = randomUUID()
  const first = await podium.score(competitionId, userId, 10)
  await podium.score(competitionId, userId, 20)
  await podium.handlers['score.computed'](first)
  expect(await listOf(podium.inPostgres, competitionId)).toEqual([[userId, 20]])
})

test('many at once about one new person leave the latest', async () => {
  const competitionId = await podium.open()
  const userId = randomUUID()
  const events = Array.from({ length: 8 }, (_, i) => ({
    ...{ competitionId, userId, score: i + 1, version: i + 1 },
    achievedAt: at(i).toISOString(),
  }))
  await Promise.all(events.map((event) => podium.handlers['score.computed'](event)))
  expect(await listOf(podium.inPostgres, competitionId)).toEqual([[userId, 8]])
})

test('who passes others is told with them, nearest first', async () => {
  const competitionId = await podium.open()
  const [slow, middle, fast, mover] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  await podium.score(competitionId, slow, 10)
  await podium.score(competitionId, middle, 20)
  await podium.score(competitionId, fast, 50)
  await podium.score(competitionId, mover, 5)
  await podium.score(competitionId, mover, 30)
  expect(await overtaken(competitionId)).toEqual({
    competitionId,
    userId: mover,
    version: 2,
    overtaken: [middle, slow],
  })
})

test('who enters above others passes them, and who passes nobody is not told', async () => {
  const competitionId = await podium.open()
  const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()]
  await podium.score(competitionId, first, 20)
  await podium.score(competitionId, second, 10)
  expect(await overtaken(competitionId)).toBeUndefined()
  await podium.score(competitionId, third, 15)
  expect(await overtaken(competitionId)).toMatchObject({ userId: third, overtaken: [second] })
  await podium.score(competitionId, first, 12)
  await podium.score(competitionId, third, 16)
  expect(await podium.published('standing.changed', competitionId)).toHaveLength(1)
})

test('of very many who are passed the hundred nearest are named', async () => {
  const competitionId = await podium.open()
  await podium.database.db.execute(`
    insert into standings (competition_id, user_id, computed_score, computed_version, adjustment, score, achieved_at, version, packed, updated_at)
    select '${competitionId}', gen_random_uuid(), i, 1, 0, i, now(), 1, i * 33554432::bigint, now() from generate_series(1, 150) i`)
  await podium.score(competitionId, randomUUID(), 200)
  const payload = (await overtaken(competitionId)) as { overtaken: string[] }
  const behind = (await listOf(podium.inPostgres, competitionId)).slice(1).map(([userId]) => userId)
  expect(payload.overtaken).toHaveLength(100)
  expect(payload.overtaken.slice(0, 99)).toEqual(behind)
})

test('scores that came before their competition are on its board once it is known', async () => {
  const event = competition()
  const { competitionId } = event
  const [early, late] = [randomUUID(), randomUUID()]
  await podium.score(competitionId, early, 10)
  expect(await podium.inPostgres.read(competitionId, { windows: [], people: [] })).toBeNull()
  await podium.handlers['competition.opened'](event)
  await podium.score(competitionId, late, 20)
  const expected = [
    [late, 20],
    [early, 10],
  ]
  expect(await listOf(podium.inPostgres, competitionId)).toEqual(expected)
  expect(await listOf(podium.inRedis, competitionId)).toEqual(expected)
})

test('a correction changes the score, tells who is passed, and goes into the audit log', async () => {
  const competitionId = await podium.open()
  const [userId, other, admin] = [randomUUID(), randomUUID(), randomUUID()]
  await podium.score(competitionId, other, 15)
  await podium.score(competitionId, userId, 10)
  const correction = { competitionId, userId, delta: 10, reason: ' A watch that was off ' }
  expect(await podium.standings.adjust(correction, admin, at(0))).toMatchObject({ score: 20, version: 2 })
  expect(await overtaken(competitionId)).toMatchObject({ userId, overtaken: [other] })
  expect(await podium.published('audit.recorded', competitionId)).toEqual([
    {
      auditId: expect.any(String),
      at: at(0).toISOString(),
      actorId: admin,
      action: 'leaderboard.score_adjusted',
      subjectType: 'user',
      subjectId: userId,
      details: { competitionId, delta: 10, reason: 'A watch that was off', before: 10, after: 20 },
    },
  ])
})

test.each([
  ['an unknown person', { userId: randomUUID() }, 'NOT_FOUND', ['userId']],
  ['what is no id', { userId: 'me' }, 'NOT_FOUND', ['userId']],
  ['an unknown competition', { competitionId: randomUUID() }, 'NOT_FOUND', ['competitionId']],
  ['a competition of no id', { competitionId: '1' }, 'NOT_FOUND', ['competitionId']],
  ['a score below zero', { delta: -11 }, 'INVALID_INPUT', ['delta']],
  ['a score beyond what boards hold', { delta: 2 ** 28 }, 'INVALID_INPUT', ['delta']],
  ['no reason', { reason: '  ' }, 'INVALID_INPUT', ['reason']],
  ['a reason too long', { reason: 'x'.repeat(501) }, 'INVALID_INPUT', ['reason']],
])('a correction is refused for %s', async (_, change, code, field) => {
  const competitionId = await podium.open()
  const userId = randomUUID()
  await podium.score(competitionId, userId, 10)
  const correction = { competitionId, userId, delta: 1, reason: 'A reason', ...change }
  const refused = podium.standings.adjust(correction, randomUUID(), at(0))
  await expect(refused).rejects.toThrow(RefusedError)
  await expect(refused).rejects.toMatchObject({ refusals: [{ code, field }] })
  expect(await listOf(podium.inPostgres, competitionId)).toEqual([[userId, 10]])
})
