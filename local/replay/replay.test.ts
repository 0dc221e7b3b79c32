import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestSupergraph, type TestSupergraph } from '../../test/support/supergraph.ts'
import type { Export } from './export-file.ts'
import { replay } from './replay.ts'

let podium: TestSupergraph
beforeAll(async () => {
  podium = await openTestSupergraph()
})
afterAll(() => podium.close())

const HOUR = 3_600_000 // ms
const FIRST = Date.UTC(2016, 3, 12)

/** Days of hours of three people, one of whom never moves. */
function exportOf(hours: number): Export {
  const person = (steps: (hour: number) => number) =>
    Array.from({ length: hours }, (_, hour) => ({
      startsAt: new Date(FIRST + hour * HOUR),
      steps: steps(hour),
    }))
  return {
    people: new Map([
      ['100', person((hour) => hour * 7)],
      ['200', person((hour) => (hour % 24 < 8 ? 0 : 300))],
      ['300', person(() => 0)],
    ]),
    firstHour: new Date(FIRST),
    lastHour: new Date(FIRST + (hours - 1) * HOUR),
    rows: hours * 3,
  }
}

test('the board is the sums of the file, delays are measured, and a second replay changes nothing', async () => {
  const data = exportOf(120)
  const sumOf = (id: string) => (data.people.get(id) ?? []).reduce((sum, { steps }) => sum + steps, 0)
  const progress: number[] = []
  const options = {
    name: 'A replay',
    concurrency: 3,
    audience: { url: podium.url, viewers: 5 },
    say: () => {},
    progress: (done: number) => progress.push(done),
  }

  const first = await replay(podium.client, data, options)
  const expected = [
    { rank: 1, score: sumOf('100'), name: '100' },
    { rank: 2, score: sumOf('200'), name: '200' },
  ]
  expect(first).toMatchObject({ standings: expected, differing: [], accepted: 360, duplicates: 0 })
  expect(first.delays.count).toBeGreaterThan(0)
  expect(first.viewing).toMatchObject({ viewers: 5, frames: expect.any(Number) })
  expect(first.viewing?.frames).toBeGreaterThan(0)
  expect(first.delays.median).toBeLessThanOrEqual(first.delays.p99)
  expect(progress.at(-1)).toBe(360)

  const second = await replay(podium.client, data, options)
  expect(second).toMatchObject({ standings: expected, differing: [], accepted: 0, duplicates: 360 })
  expect(second.delays.count).toBe(0)
}, 180_000)
