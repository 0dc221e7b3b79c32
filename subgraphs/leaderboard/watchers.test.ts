import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Frame } from './frames.ts'
import { eventually, inBatches } from './test-support.ts'
import { live, next, openWatchedBoards, until, type WatchedBoards } from './watch-test-support.ts'

let podium: WatchedBoards
beforeAll(async () => {
  podium = await openWatchedBoards()
})
afterAll(() => podium.close())

/** Changes of a board are told of when the test announces them, and at no other time. */
function announced() {
  let announce = () => {}
  return {
    listen(_: string, wake: () => void) {
      announce = wake
      return () => {}
    },
    announce: () => announce(),
  }
}

const scoresOf = ({ standings }: Frame) => standings.map(({ userId, score }) => [userId, score])

test('the first frame is the board as it stands, and each later one what moved since the one before', async () => {
  const competitionId = await podium.open()
  const [one, other, third] = [randomUUID(), randomUUID(), randomUUID()]
  await podium.score(competitionId, one, 20)
  await podium.score(competitionId, other, 10)
  const frames = podium.watch().frames(live(competitionId), 2)
  expect(await next(frames)).toMatchObject({ competitionId, revision: 2, previousRevision: null, moves: [] })

  await podium.score(competitionId, other, 30)
  const passed = await next(frames)
  expect(passed).toMatchObject({ revision: 3, previousRevision: 2, state: 'LIVE' })
  expect(scoresOf(passed)).toEqual([
    [other, 30],
    [one, 20],
  ])
  expect(passed.moves).toEqual([
    { userId: other, from: 2, to: 1 },
    { userId: one, from: 1, to: 2 },
  ])

  await podium.score(competitionId, third, 25)
  expect((await next(frames)).moves).toEqual([
    { userId: third, from: null, to: 2 },
    { userId: one, from: 2, to: null },
  ])
  await podium.handlers['competition.closed']({ competitionId })
  expect(await next(frames)).toMatchObject({
    revision: 5,
    previousRevision: 4,
    state: 'PROVISIONAL',
    moves: [],
  })
  await frames.return?.()
})

test('a frame says when its change was applied', async () => {
  const competitionId = await podium.open()
  const frames = podium.watch().frames(live(competitionId), 2)
  await next(frames)
  const start = Date.now()
  await podium.score(competitionId, randomUUID(), 20)
  const { changedAt } = await next(frames)
  expect(changedAt.getTime()).toBeGreaterThanOrEqual(start)
  expect(changedAt.getTime()).toBeLessThanOrEqual(Date.now())
  await frames.return?.()
})

test('a burst of changes is read a few times, and the last frame is the board as it is', async () => {
  const competitionId = await podium.open()
  const { frames, reads } = podium.watch({ tick: 200 })
  const stream = frames(live(competitionId), 10)
  await next(stream)
  const userId = randomUUID()
  const start = performance.now()
  for (let score = 1; score <= 60; score++) await podium.score(competitionId, userId, score)
  const last = (await until(stream, 60)).at(-1)
  expect(last && scoresOf(last)).toEqual([[userId, 60]])
  // The first reading, the one once subscribed, the one at once, and one more in each tick.
  expect(reads.length).toBeLessThanOrEqual(4 + (performance.now() - start) / 200)
  await stream.return?.()
})

test('a reader who does not read gets the latest frame, and no other', async () => {
  const competitionId = await podium.open()
  const { frames } = podium.watch()
  const [slow, fast] = [frames(live(competitionId), 10), frames(live(competitionId), 10)]
  await Promise.all([next(slow), next(fast)])
  const userId = randomUUID()
  for (let score = 1; score <= 5; score++) {
    await podium.score(competitionId, userId, score)
    await until(fast, score)
  }
  expect(await next(slow)).toMatchObject({ revision: 5, previousRevision: 4 })
  await Promise.all([slow.return?.(), fast.return?.()])
})

test('everyone who watches a board is served by one reading, however many places each asked for', async () => {
  const competitionId = await podium.open()
  for (const score of [10, 20, 30]) await podium.score(competitionId, randomUUID(), score)
  const { listen, announce } = announced()
  const { frames, reads } = podium.watch({}, { listen })
  const streams = [1, 2, 3, 3].map((first) => frames(live(competitionId), first))
  await Promise.all(streams.map(next))
  const before = reads.length
  await podium.score(competitionId, randomUUID(), 40)
  announce()
  const shown = await Promise.all(streams.map(next))
  expect(shown.map(({ standings }) => standings.map(({ score }) => score))).toEqual([
    [40],
    [40, 30],
    [40, 30, 20],
    [40, 30, 20],
  ])
  expect(reads.length - before).toBe(1)
  await Promise.all(streams.map((stream) => stream.return?.()))
})

test("one's own standing is shown at once, and again when rank or score changes", async () => {
  const competitionId = await podium.open()
  const [own, other] = [randomUUID(), randomUUID()]
  const { standing, frames } = podium.watch()
  const stream = standing(live(competitionId), own)
  const board = frames(live(competitionId), 10)
  expect(await next(stream)).toEqual({ standing: null })
  await podium.score(competitionId, own, 10)
  expect(await next(stream)).toMatchObject({ standing: { rank: 1, score: 10, percentile: 1 } })
  // Someone behind changes neither: the next to be shown is the one after.
  await podium.score(competitionId, other, 5)
  await until(board, 2)
  await podium.score(competitionId, other, 15)
  expect(await next(stream)).toMatchObject({ standing: { rank: 2, score: 10 } })
  await podium.score(competitionId, own, null)
  expect(await next(stream)).toEqual({ standing: null })
  await Promise.all([stream.return?.(), board.return?.()])
})

test('a board built anew is one frame, and never an earlier revision', async () => {
  const competitionId = await podium.open()
  await podium.score(competitionId, randomUUID(), 10)
  const stream = podium.watch({ check: 20 }).frames(live(competitionId), 10)
  const { revision, standings } = await next(stream)
  await podium.flush()
  const after = await next(stream)
  expect(after.revision).toBeGreaterThan(revision)
  expect(after).toMatchObject({ previousRevision: revision, moves: [], standings })
  await stream.return?.()
})

test('the first change after quiet is read as soon as it is announced', async () => {
  const { listen, announce } = announced()
  const { frames, reads } = podium.watch({ tick: 1 }, { listen })
  const stream = frames(live(await podium.open()), 10)
  await next(stream)
  const reading = () => {
    const before = reads.length
    announce()
    return reads.length - before
  }
  await eventually(reading, (begun) => begun === 1)
  await stream.return?.()
})

test('a burst of changes is shown in a frame for each tick at most', async () => {
  const competitionId = await podium.open()
  const userId = randomUUID()
  const tick = 500 // ms
  const { frames, standing } = podium.watch({ tick })
  const [board, own] = [frames(live(competitionId), 10), standing(live(competitionId), userId)]
  await Promise.all([next(board), next(own)])
  const start = performance.now()
  await podium.place(competitionId, userId, 1, 1)
  expect((await Promise.all([next(board), next(own)]))[1]).toMatchObject({ standing: { score: 1 } })
  const burst = Array.from({ length: 999 }, (_, i) => i + 2)
  await inBatches(burst, 25, (score) => podium.place(competitionId, userId, score, score))
  const shown = await until(board, 1_000)
  let told = 0
  while ((await next(own)).standing?.score !== 1_000) told++
  const ticks = Math.ceil((performance.now() - start) / tick)
  expect(shown.length).toBeLessThanOrEqual(ticks)
  expect(told + 1).toBeLessThanOrEqual(ticks)
  await Promise.all([board.return?.(), own.return?.()])
})

test('of their own standing, too, a reader who does not read is kept the latest alone', async () => {
  const competitionId = await podium.open()
  const userId = randomUUID()
  const { standing } = podium.watch()
  const [slow, fast] = [standing(live(competitionId), userId), standing(live(competitionId), userId)]
  await Promise.all([next(slow), next(fast)])
  for (let score = 1; score <= 5; score++) {
    await podium.score(competitionId, userId, score)
    expect(await next(fast)).toMatchObject({ standing: { score } })
  }
  expect(await next(slow)).toMatchObject({ standing: { score: 5 } })
  const waiting = next(slow)
  await podium.score(competitionId, userId, 6)
  expect(await waiting).toMatchObject({ standing: { score: 6 } })
  await Promise.all([slow.return?.(), fast.return?.()])
})
