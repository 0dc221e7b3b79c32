import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import type { Batch } from './batch.ts'
import { buckets, enrolments } from './tables.ts'
import { batch, openTestFitness, steps, workout } from './test-support.ts'

let fitness: Awaited<ReturnType<typeof openTestFitness>>
beforeAll(async () => {
  fitness = await openTestFitness()
})
afterAll(() => fitness.close())

const START = Date.parse('2026-05-18T12:00:00Z')
const MINUTE = 60_000 // ms

/** One record or workout from one device: what a sync sends, cut into the smallest pieces. */
type Piece = Pick<Batch, 'deviceId' | 'deviceKind' | 'records' | 'workouts'>

const at = fc.integer({ min: 0, max: 96 }).map((n) => new Date(START + n * 20 * MINUTE).toISOString())
const device = fc.constantFrom(
  { deviceId: 'phone', deviceKind: 'PHONE' as const },
  { deviceId: 'watch', deviceKind: 'WORN' as const },
)

const recordPiece = fc
  .record({
    device,
    at,
    version: fc.constantFrom(1, 2),
    metric: fc.constantFrom('STEPS' as const, 'DISTANCE' as const),
    value: fc.constantFrom(0, 1, 900, 40_000, 60_000),
    minutes: fc.constantFrom(10, 50, 240, 1_439),
    recordingMethod: fc.constantFrom('AUTOMATIC' as const, 'MANUAL' as const),
  })
  .map(({ device, at, ...given }): Piece => {
    const externalId = `${device.deviceId} ${at.slice(0, 15)}`
    return { ...device, records: [steps(at, given.value, { ...given, externalId })], workouts: [] }
  })

const workoutPiece = fc
  .record({ device, at, version: fc.constantFrom(1, 2), distance: fc.constantFrom(5_000, 20_000) })
  .map(
    ({ device, at, version, distance }): Piece => ({
      ...device,
      records: [],
      workouts: [workout(at, 40, { externalId: `${device.deviceId} ${at.slice(0, 13)}`, version, distance })],
    }),
  )

/** Pieces of which those with the same id and version are the same. */
const history = fc
  .array(fc.oneof({ weight: 5, arbitrary: recordPiece }, workoutPiece), { maxLength: 14 })
  .map((pieces) => [
    ...new Map(
      pieces.map((piece) => {
        const [told] = [...piece.records, ...piece.workouts]
        return [`${piece.records.length} ${told?.externalId} ${told?.version}`, piece]
      }),
    ).values(),
  ])

/** A history, and the same in another order with repetitions. */
const arrivals = history.chain((pieces) =>
  fc.record({
    pieces: fc.constant(pieces),
    again: fc
      .shuffledSubarray(pieces, { minLength: pieces.length })
      .chain((all) => fc.tuple(fc.constant(all), fc.subarray(pieces)))
      .map(([all, some]) => [...all, ...some]),
  }),
)

test('in whatever order and however often records come, the same counts', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async ({ pieces, again }) => {
      expect(await stateAfter(again)).toEqual(await stateAfter(pieces))
    }),
    { numRuns: 25 },
  )
}, 300_000)

/** What a person has in the end who joins a competition half way; devices are theirs alone. */
async function stateAfter(pieces: Piece[]) {
  const person = fitness.person()
  const competitionId = randomUUID()
  for (const [i, piece] of pieces.entries()) {
    if (i === Math.floor(pieces.length / 2)) await join()
    await fitness.sync(person.id, batch({ ...piece, deviceId: `${piece.deviceId} ${person.id}` }))
  }
  if (pieces.length === 0) await join()
  const days = ['2026-05-18', '2026-05-19', '2026-05-20']
  const shown = await Promise.all(days.map((day) => person.records(day)))
  return {
    records: shown
      .flat()
      .map(({ id: _, ...record }) => JSON.stringify(record))
      .sort(),
    buckets: (await fitness.db.select().from(buckets).where(eq(buckets.userId, person.id)))
      .map(({ userId: _, ...bucket }) => JSON.stringify({ ...bucket, deviceId: bucket.deviceId.slice(0, 5) }))
      .sort(),
    score: await fitness.db
      .select({ score: enrolments.score, achievedAt: enrolments.achievedAt })
      .from(enrolments)
      .where(eq(enrolments.userId, person.id)),
  }

  function join() {
    const window = { startsAt: '2026-05-18T18:00:00.000Z', endsAt: '2026-05-20T00:00:00.000Z' }
    return person.join({ competitionId, countsManual: false, ...window })
  }
}
