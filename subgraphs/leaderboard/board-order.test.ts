import { randomInt, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { BoardSource, Window } from './board.ts'
import type { Place } from './packing.ts'
import { at, inBatches, openTestBoards, startsAt, type TestBoards } from './test-support.ts'

let podium: TestBoards
beforeAll(async () => {
  podium = await openTestBoards()
})
afterAll(() => podium.close())

test('20,000 updates in any order, a fifth of them late replays, leave the board of a brute-force sort', async () => {
  const competitionId = await podium.open()
  const { arriving, expected } = randomUpdates(competitionId, { updates: 20_000, people: 2_000 })
  // Straight to Redis: what the store makes of late updates is the next test.
  await inBatches(arriving, 25, ({ userId, score, achievedAt, version }) =>
    podium.place(
      competitionId,
      userId,
      score,
      version,
      (Number(achievedAt ?? startsAt) - Number(startsAt)) / 1_000,
    ),
  )
  expect(await listAll(podium.inRedis, competitionId)).toEqual(expected)
}, 180_000)

test('the same of fewer through PostgreSQL leaves both boards so, and at the same revision', async () => {
  const competitionId = await podium.open()
  const { arriving, expected } = randomUpdates(competitionId, { updates: 600, people: 60 })
  await inBatches(arriving, 8, ({ achievedAt, ...event }) =>
    podium.handlers['score.computed']({ ...event, achievedAt: achievedAt?.toISOString() ?? null }),
  )
  expect(await listAll(podium.inPostgres, competitionId)).toEqual(expected)
  expect(await listAll(podium.inRedis, competitionId)).toEqual(expected)
  const ask = { windows: [], people: [] }
  const [one, other] = await Promise.all([
    podium.inRedis.read(competitionId, ask),
    podium.inPostgres.read(competitionId, ask),
  ])
  expect(one?.revision).toBe(other?.revision)
}, 180_000)

/** Updates as they arrive, a fifth of them twice, and the list that the latest of each person make. */
function randomUpdates(competitionId: string, count: { updates: number; people: number }) {
  const people = Array.from({ length: count.people }, () => randomUUID())
  const pick = <T>(from: readonly T[]) => from[randomInt(from.length)] as T // none of them is empty
  const updates = Array.from({ length: count.updates * 0.8 }, (_, i) => {
    // Few scores and seconds, so that many are level.
    const score = randomInt(20) === 0 ? null : randomInt(count.people / 5)
    const achievedAt = score === null ? null : at(randomInt(50))
    return { competitionId, userId: pick(people), score, achievedAt, version: i + 1 }
  })
  const latest = new Map(updates.map((update) => [update.userId, update]))
  const expected = [...latest.values()]
    .flatMap(({ userId, score, achievedAt }) => (score === null ? [] : [{ userId, score, achievedAt }]))
    .sort(
      (x, y) =>
        y.score - x.score || Number(x.achievedAt) - Number(y.achievedAt) || (x.userId < y.userId ? 1 : -1),
    )
    .map(({ userId, score }, _, all) => [userId, score, 1 + all.findIndex((other) => other.score === score)])
  const replays = Array.from({ length: count.updates * 0.2 }, () => pick(updates))
  const arriving = [...updates, ...replays]
    .map((update) => ({ update, order: Math.random() }))
    .sort((x, y) => x.order - y.order)
    .map(({ update }) => update)
  return { arriving, expected }
}

/** Everyone on a board, page by page: user id, score, rank. */
async function listAll(source: BoardSource, competitionId: string): Promise<[string, number, number][]> {
  const listed: [string, number, number][] = []
  for (let after: Place | null = null; ; ) {
    const windows: Window[] = [{ kind: 'page', size: 100, backwards: false, after, before: null }]
    const snapshot = await source.read(competitionId, { windows, people: [] })
    const standings = snapshot?.windows[0]?.standings ?? []
    for (const { userId, score, rank } of standings) listed.push([userId, score, rank])
    const last = standings.at(-1)
    if (!last) return listed
    after = { packed: last.packed, userId: last.userId }
  }
}
