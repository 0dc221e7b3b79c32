import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { BoardSource, Window } from './board.ts'
import { packScore } from './packing.ts'
import { at, inBatches, openTestBoards, page, startsAt, type TestBoards } from './test-support.ts'

let podium: TestBoards
beforeAll(async () => {
  podium = await openTestBoards()
})
afterAll(() => podium.close())

/** People whose ids are in the order of the letters. */
const id = (letter: string) => `${letter.repeat(8)}-0000-4000-8000-000000000000`
const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map(id) as [string, string, string, string, string]

/** b 300, then c and a with 200 (c earlier), then e and d level in everything. */
async function smallBoard(): Promise<string> {
  const competitionId = await podium.open()
  await podium.score(competitionId, a, 200, 20)
  await podium.score(competitionId, b, 300, 50)
  await podium.score(competitionId, c, 200, 10)
  await podium.score(competitionId, d, 100, 30)
  await podium.score(competitionId, e, 100, 30.4)
  return competitionId
}

describe.each<[string, () => BoardSource]>([
  ['Redis', () => podium.inRedis],
  ['PostgreSQL', () => podium.inPostgres],
])('a board in %s', (_, source) => {
  const read = async (competitionId: string, request: { windows?: Window[]; people?: string[] }) => {
    const snapshot = await source().read(competitionId, { windows: [], people: [], ...request })
    if (!snapshot) throw new Error('there is no board')
    return snapshot
  }
  const window = async (competitionId: string, asked: Window) => {
    const [found] = (await read(competitionId, { windows: [asked] })).windows
    return { before: found?.before, userIds: found?.standings.map(({ userId }) => userId) }
  }
  const place = (userId: string, score: number, seconds: number) => ({
    userId,
    packed: packScore(score, at(seconds), startsAt),
  })
  const behind = (size: number, cursor: ReturnType<typeof place>): Window => ({
    kind: 'page',
    size,
    backwards: false,
    after: cursor,
    before: null,
  })

  test('around someone whose id is none there is nobody', async () => {
    const competitionId = await smallBoard()
    for (const userId of ['nobody', '', "'"]) {
      expect((await window(competitionId, { kind: 'around', userId, radius: 1 })).userIds).toEqual([])
    }
  })

  test('lists score first, then who was earlier, then user ids from the last', async () => {
    const competitionId = await smallBoard()
    const { windows, size } = await read(competitionId, { windows: [page()] })
    expect(windows[0]?.standings.map(({ userId, rank, score }) => [userId, rank, score])).toEqual([
      [b, 1, 300],
      [c, 2, 200],
      [a, 2, 200],
      [e, 4, 100],
      [d, 4, 100],
    ])
    expect(size).toBe(5)
  })

  test('gives the whole standing, with the very instant of the score', async () => {
    const competitionId = await smallBoard()
    const { people } = await read(competitionId, { people: [e, id('f'), c] })
    expect(people).toMatchObject([
      { userId: e, rank: 4, score: 100, percentile: 0.25, behindLeader: 200, achievedAt: at(30.4) },
      null,
      { userId: c, rank: 2, score: 200, percentile: 0.75, behindLeader: 100, achievedAt: at(10) },
    ])
  })

  test('pages forwards and backwards', async () => {
    const competitionId = await smallBoard()
    expect(await window(competitionId, page(2))).toEqual({ before: 0, userIds: [b, c] })
    expect(await window(competitionId, behind(2, place(c, 200, 10)))).toEqual({ before: 2, userIds: [a, e] })
    expect(await window(competitionId, behind(9, place(d, 100, 30)))).toEqual({ before: 5, userIds: [] })
    expect(await window(competitionId, { ...page(2), backwards: true } as Window)).toEqual({
      before: 3,
      userIds: [e, d],
    })
    const before = place(e, 100, 30)
    expect(
      await window(competitionId, { kind: 'page', size: 2, backwards: true, after: null, before }),
    ).toEqual({
      before: 1,
      userIds: [c, a],
    })
    const between = { size: 10, after: place(b, 300, 50), before }
    expect(await window(competitionId, { kind: 'page', backwards: false, ...between })).toEqual({
      before: 1,
      userIds: [c, a],
    })
  })

  test('goes on behind a cursor whose person has moved or gone', async () => {
    const competitionId = await smallBoard()
    await podium.score(competitionId, c, 999)
    expect(await window(competitionId, behind(2, place(c, 200, 10)))).toEqual({ before: 2, userIds: [a, e] })
    await podium.score(competitionId, c, null)
    expect(await window(competitionId, behind(2, place(c, 200, 10)))).toEqual({ before: 1, userIds: [a, e] })
    expect(await window(competitionId, behind(2, place(id('f'), 100, 30)))).toEqual({
      before: 2,
      userIds: [e, d],
    })
  })

  test('shows the people around someone, as many as there are', async () => {
    const competitionId = await smallBoard()
    const around = (userId: string, radius: number) =>
      window(competitionId, { kind: 'around', userId, radius })
    expect(await around(a, 1)).toEqual({ before: 1, userIds: [c, a, e] })
    expect(await around(b, 1)).toEqual({ before: 0, userIds: [b, c] })
    expect(await around(d, 2)).toEqual({ before: 2, userIds: [a, e, d] })
    expect(await around(d, 0)).toEqual({ before: 4, userIds: [d] })
    expect(await around(id('f'), 3)).toEqual({ before: 0, userIds: [] })
  })

  test('forgets who has no score any more', async () => {
    const competitionId = await smallBoard()
    await podium.score(competitionId, b, null)
    const { size, people, windows } = await read(competitionId, { people: [b], windows: [page(1)] })
    expect({ size, people }).toEqual({ size: 4, people: [null] })
    expect(windows[0]?.standings).toMatchObject([{ userId: c, rank: 1, behindLeader: 0 }])
  })

  test('counts a revision for every change and none for what changes nothing', async () => {
    const competitionId = await smallBoard()
    const { revision } = await read(competitionId, {})
    const event = await podium.score(competitionId, a, 250)
    await podium.handlers['score.computed'](event)
    await podium.score(competitionId, a, 250)
    expect((await read(competitionId, {})).revision).toBe(revision + 1)
    await podium.score(competitionId, a, null)
    expect((await read(competitionId, {})).revision).toBe(revision + 2)
  })

  test('says when it is over, as a change', async () => {
    const competitionId = await smallBoard()
    const { revision, state } = await read(competitionId, {})
    expect(state).toBe('LIVE')
    await podium.handlers['competition.closed']({ competitionId })
    await podium.handlers['competition.closed']({ competitionId })
    expect(await read(competitionId, {})).toMatchObject({ revision: revision + 1, state: 'PROVISIONAL' })
  })

  test('has the time of its latest change', async () => {
    const competitionId = await smallBoard()
    const start = Date.now()
    await podium.score(competitionId, a, 250)
    const { changedAt } = await read(competitionId, {})
    expect(changedAt.getTime()).toBeGreaterThanOrEqual(start)
    expect(changedAt.getTime()).toBeLessThanOrEqual(Date.now())
  })

  test('is empty once its competition is known, and nothing before', async () => {
    expect(await source().read(randomUUID(), { windows: [page()], people: [a] })).toBeNull()
    const competitionId = await podium.open()
    expect(await read(competitionId, { windows: [page()], people: [a] })).toMatchObject({
      revision: 0,
      size: 0,
      windows: [{ before: 0, standings: [] }],
      people: [null],
    })
  })

  test('finds the place of a cursor among very many who are level', async () => {
    const competitionId = await podium.open()
    const level = Array.from({ length: 300 }, () => randomUUID())
    await inBatches(level, 8, (userId) => podium.score(competitionId, userId, 5, 5))
    level.sort().reverse()
    for (const i of [0, 1, 137, 298]) {
      expect(await window(competitionId, behind(1, place(level[i] ?? '', 5, 5)))).toEqual({
        before: i + 1,
        userIds: [level[i + 1]],
      })
    }
  })
})
