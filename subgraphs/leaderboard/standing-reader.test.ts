import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createStandingGroups } from './frames.ts'
import type { Standing } from './ranking.ts'
import { createStandingReader } from './standing-reader.ts'
import { openTestBoards, type TestBoards } from './test-support.ts'

let podium: TestBoards
beforeAll(async () => {
  podium = await openTestBoards()
})
afterAll(() => podium.close())

type Change = { person: number; score: number | null; seconds: number }

const PEOPLE = 12
/** Few scores and seconds, so that many are level; who has no score is new or is taken off. */
const change: fc.Arbitrary<Change> = fc.record({
  person: fc.nat(PEOPLE - 1),
  score: fc.option(fc.nat(4), { freq: 5 }),
  seconds: fc.nat(2),
})

test('everyone was told the rank and score that they have, whatever changed between readings and during them', async () => {
  let asked = 0
  let answered = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ between: fc.array(change, { maxLength: 6 }), during: fc.array(change) }), {
        minLength: 1,
        maxLength: 8,
      }),
      async (rounds) => {
        const board = await openBoard()
        const groups = createStandingGroups()
        const told = new Map<string, Standing | null>()
        for (const userId of board.userIds) groups.join(userId, (standing) => told.set(userId, standing))
        let during: Change[] = []
        const { read } = createStandingReader(
          groups,
          async (request) => {
            const snapshot = await podium.inRedis.read(board.competitionId, request)
            if (request.changes) asked++
            if (snapshot?.changes) answered++
            for (const one of during.splice(0, 2)) await board.apply(one)
            return snapshot
          },
          { few: 0, touched: 3 },
        )
        await read([])
        for (const round of rounds) {
          for (const one of round.between) await board.apply(one)
          during = [...round.during]
          await read([])
          for (const one of during) await board.apply(one)
          during = []
          await read([])
          expect(board.userIds.map((userId) => inShort(told.get(userId)))).toEqual(board.expected())
        }
      },
    ),
    { numRuns: 150 },
  )
  // It was the log that said it, and not everyone read again.
  expect(asked).toBeGreaterThan(500)
  expect(answered).toBe(asked)
}, 180_000)

/** A board in Redis, and what a brute-force count makes of the same changes. */
async function openBoard() {
  const competitionId = randomUUID()
  await podium.inRedis.open(competitionId, new Date())
  const userIds = Array.from({ length: PEOPLE }, () => randomUUID())
  const scores = new Map<string, number>()
  let version = 0
  return {
    competitionId,
    userIds,
    async apply({ person, score, seconds }: Change) {
      const userId = userIds[person] ?? ''
      version += 1
      await podium.place(competitionId, userId, score, version, seconds)
      if (score === null) scores.delete(userId)
      else scores.set(userId, score)
    },
    expected: () =>
      userIds.map((userId) => {
        const score = scores.get(userId)
        if (score === undefined) return null
        return [1 + [...scores.values()].filter((other) => other > score).length, score]
      }),
  }
}

const inShort = (standing: Standing | null | undefined) => standing && [standing.rank, standing.score]
