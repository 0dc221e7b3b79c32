import type { Export } from './export-file.ts'
import type { Outcome } from './replay.ts'

/** A replay's outcome for people. */
export function report(outcome: Outcome, data: Export): string {
  const { standings, delays, viewing, accepted, duplicates } = outcome
  const rows = standings.map(
    ({ rank, score, name }) => `${String(rank).padStart(4)}  ${String(score).padStart(9)}  ${name}`,
  )
  const delay = delays.count === 0 ? 'not measured: nothing was new' : `${ms(delays.median)} median, ${ms(delays.p99)} 99th percentile, of ${delays.count} syncs` // biome-ignore format: one line
  return [
    'Rank      Score  Person',
    ...rows,
    '',
    `${accepted} records were new, ${duplicates} known; ${outcome.recordsPerSecond} records per second.`,
    `Delay from sending a sync to the frame that shows it: ${delay}.`,
    ...(viewing
      ? [
          `${viewing.viewers} viewers saw ${viewing.frames} frames; from the first viewer to the last: ${ms(viewing.spread.median)} median, ${ms(viewing.spread.p99)} 99th percentile.`,
        ]
      : []),
    outcome.differing.length === 0
      ? `Every one of ${data.people.size} people stands at the sum of their hours.`
      : `${outcome.differing.length} of ${data.people.size} people do not stand at the sum of their hours.`,
  ].join('\n')
}

const ms = (value: number) => `${value.toFixed(0)} ms`
