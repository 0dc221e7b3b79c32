import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { NotYetError } from '../../platform/events.ts'
import { digestStandings } from './final-standings.ts'
import { finalStandings } from './tables.ts'
import { at, competition, listOf, openTestBoards, page, type TestBoards } from './test-support.ts'

let podium: TestBoards
beforeAll(async () => {
  podium = await openTestBoards()
})
afterAll(() => podium.close())

const stateOf = async (competitionId: string) => (await podium.boards.byIds([competitionId]))[0]?.state

const finalOf = (competitionId: string) =>
  podium.database.db
    .select()
    .from(finalStandings)
    .where(eq(finalStandings.competitionId, competitionId))
    .orderBy(finalStandings.place)

/** Three people, of whom one was computed twice and two are level: computations of versions 4 in all. */
async function closedBoard() {
  const competitionId = await podium.open()
  const people = ['c', 'b', 'a'].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`)
  await podium.score(competitionId, people[0] ?? '', 1)
  await podium.score(competitionId, people[0] ?? '', 30, 1)
  await podium.score(competitionId, people[1] ?? '', 20, 1)
  await podium.score(competitionId, people[2] ?? '', 20, 2)
  await podium.handlers['competition.closed']({ competitionId })
  return { competitionId, people }
}

test('a board is frozen when every computation has arrived, and not before', async () => {
  const { competitionId } = await closedBoard()
  const seal = (scoreVersions: number) => podium.handlers['scores.sealed']({ competitionId, scoreVersions })
  await expect(seal(5)).rejects.toThrow(NotYetError)
  expect(await stateOf(competitionId)).toBe('PROVISIONAL')
  await seal(4)
  expect(await stateOf(competitionId)).toBe('FINAL')
})

test('a computation that changes nothing counts as arrived, too', async () => {
  const { competitionId, people } = await closedBoard()
  await podium.score(competitionId, people[0] ?? '', 30, 1)
  await podium.score(competitionId, randomUUID(), null)
  await podium.handlers['scores.sealed']({ competitionId, scoreVersions: 6 })
  expect(await stateOf(competitionId)).toBe('FINAL')
})

test('what was final is kept with shared ranks and told with its digest, once', async () => {
  const { competitionId, people } = await closedBoard()
  await podium.handlers['scores.sealed']({ competitionId, scoreVersions: 4 })
  await podium.handlers['scores.sealed']({ competitionId, scoreVersions: 4 })
  const [first, second, third] = people
  const final = [
    { competitionId, place: 1, rank: 1, userId: first, score: 30, achievedAt: at(1) },
    { competitionId, place: 2, rank: 2, userId: second, score: 20, achievedAt: at(1) },
    { competitionId, place: 3, rank: 2, userId: third, score: 20, achievedAt: at(2) },
  ]
  const rows = await finalOf(competitionId)
  expect(rows).toEqual(final)
  const { add, digest } = digestStandings(competitionId)
  add(rows)
  expect(await podium.published('board.frozen', competitionId)).toEqual([{ competitionId, digest: digest() }])
})

test('nothing changes a final board, in PostgreSQL or in Redis', async () => {
  const { competitionId, people } = await closedBoard()
  const before = await podium.inPostgres.read(competitionId, { windows: [page()], people })
  await podium.handlers['scores.sealed']({ competitionId, scoreVersions: 4 })
  const [first = ''] = people
  await podium.score(competitionId, first, 99)
  await podium.score(competitionId, randomUUID(), 99)
  const correction = { competitionId, userId: first, delta: 1, reason: 'Too late' }
  await expect(podium.standings.adjust(correction, randomUUID(), at(0))).rejects.toMatchObject({
    refusals: [{ code: 'COMPETITION_CLOSED' }],
  })
  const [row] = await podium.standings.page(competitionId, null, 1)
  if (!row) throw new Error('nobody')
  const later = { ...row, version: row.version + 1, score: 99 }
  expect(await podium.inRedis.apply(competitionId, later, at(0))).toEqual({ kind: 'frozen' })

  const after = await podium.inPostgres.read(competitionId, { windows: [page()], people })
  expect(after).toEqual({
    ...before,
    changedAt: after?.changedAt,
    revision: (before?.revision ?? 0) + 1,
    state: 'FINAL',
  })
})

test('a final board is read from PostgreSQL, even where Redis has another', async () => {
  const { competitionId, people } = await closedBoard()
  await podium.handlers['scores.sealed']({ competitionId, scoreVersions: 4 })
  await podium.redis.commands.zadd(podium.keysOf(competitionId).ranks, 1, randomUUID())
  const source = {
    read: () => podium.live.read({ competitionId, state: 'LIVE' }, { windows: [page()], people: [] }),
  }
  expect((await listOf(source, competitionId)).map(([userId]) => userId)).toEqual(people)
})

test('a board whose competition is called off stays as it is, and no prizes follow from it', async () => {
  const { competitionId, people } = await closedBoard()
  await podium.handlers['competition.cancelled']({ competitionId, reason: 'Rain' })
  await podium.handlers['scores.sealed']({ competitionId, scoreVersions: 4 })
  expect(await stateOf(competitionId)).toBe('FINAL')
  expect((await finalOf(competitionId)).map(({ userId }) => userId)).toEqual(people)
  expect(await podium.published('board.frozen', competitionId)).toEqual([])
})

test('the end of a competition waits for its beginning', async () => {
  const event = competition()
  const { competitionId } = event
  const { handlers } = podium
  await expect(handlers['competition.closed']({ competitionId })).rejects.toThrow(NotYetError)
  await expect(handlers['competition.cancelled']({ competitionId, reason: '' })).rejects.toThrow(NotYetError)
  await expect(handlers['scores.sealed']({ competitionId, scoreVersions: 0 })).rejects.toThrow(NotYetError)
  await handlers['competition.opened'](event)
  await handlers['scores.sealed']({ competitionId, scoreVersions: 0 })
  await handlers['competition.closed']({ competitionId })
  await handlers['competition.opened'](event)
  expect(await stateOf(competitionId)).toBe('FINAL')
})
