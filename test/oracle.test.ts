import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { board, join, openCompetition, quarter, sync } from './support/operations.ts'
import { createOracle, type Device, type OracleRecord } from './support/oracle.ts'
import { repeatEvents } from './support/repeated-events.ts'
import {
  eventually,
  openTestSupergraph,
  type Person,
  type TestSupergraph,
  unlimited,
} from './support/supergraph.ts'

let podium: TestSupergraph
beforeAll(async () => {
  podium = await openTestSupergraph(unlimited)
})
afterAll(() => podium.close())

const MINUTE = 60_000 // ms

/** Every test run tries the same, so that it fails for what has changed; ORACLE_SEED and ORACLE_RUNS look further. */
const SEED = Number(process.env.ORACLE_SEED ?? 20_261_121)

/** A step of a run: one person's device uploads new records, old ones again, corrections or deletions. */
const step = fc.record({
  person: fc.nat(3),
  device: fc.constantFrom<Device>('watch', 'phone'),
  records: fc.array(
    fc.record({
      name: fc.nat(15),
      version: fc.integer({ min: 1, max: 3 }),
      // Five-minute marks from two hours before the start of a competition of eight hours.
      start: fc.integer({ min: -24, max: 90 }),
      length: fc.integer({ min: 1, max: 20 }),
      value: fc.integer({ min: 100, max: 1_400 }),
    }),
    { maxLength: 6 },
  ),
  deleted: fc.array(fc.nat(15), { maxLength: 1 }),
  again: fc.boolean(),
})

test('whatever is synced, in whatever order and however often, the board is what an oracle computes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const people = await Promise.all([0, 1, 2, 3].map((index) => podium.person(`P${index}`)))
      const [organizer] = people as [Person]
      const startsAt = quarter(podium.now(), -12)
      const id = await openCompetition(organizer, { startsAt, endsAt: quarter(podium.now(), 12) })
      const repeated = await repeatEvents(podium)
      await Promise.all(people.slice(0, 3).map((person) => join(person, id)))
      const oracle = createOracle(startsAt)

      for (const { person: index, device, records, deleted, again } of steps) {
        const person = people[index] as Person
        const batch = records.map(({ name, version, start, length, value }): OracleRecord => {
          const startedAt = new Date(startsAt.getTime() + start * 5 * MINUTE)
          // A name always means the same length of five-minute marks, so a version changes value and place alone.
          const endedAt = new Date(startedAt.getTime() + length * 5 * MINUTE)
          return {
            externalId: `${device}-${name}`,
            version,
            value: Math.min(value, length * 5 * 250),
            startedAt,
            endedAt,
          }
        })
        const upload = () =>
          sync(person, batch, {
            deviceId: `${device} of ${person.id}`,
            deviceKind: device === 'watch' ? 'WORN' : 'PHONE',
            deleted: deleted.map((name) => `${device}-${name}`),
          })
        await upload()
        if (again) await upload()
        oracle.sync(
          person.name,
          device,
          batch,
          deleted.map((name) => `${device}-${name}`),
        )
      }
      // Who joins last is scored on all that lies in the window.
      await join(people[3] as Person, id)
      await repeated.shuffleAgain()

      const expected = oracle.board()
      const actual = await eventually(
        () => board(organizer, id),
        (rows) => JSON.stringify(sorted(rows)) === JSON.stringify(sorted(expected)),
      )
      expect(sorted(actual)).toEqual(sorted(expected))
      await repeated.close()
    }),
    { seed: SEED, numRuns: Number(process.env.ORACLE_RUNS ?? 8), endOnFailure: true },
  )
}, 300_000)

/** Names of equal rank in one order: which of them is listed first is tested with the leaderboard's own rules. */
function sorted(rows: [number, string, number][]) {
  return rows.toSorted(([rankA, nameA], [rankB, nameB]) => rankA - rankB || nameA.localeCompare(nameB))
}
