import type { Terms } from './competition.ts'

/** A board's order packs the score and the second it was reached into one exact number, which leaves the score 28 bits. */
export const SCORES_END = 2 ** 28

const DAY = 86_400_000 // ms

/**
 * More than anyone can average on every day of a long competition: twice what the most anyone is known to have kept up
 * for months is, or more. A single day may be above it, since a short competition is nowhere near the bound.
 */
const unitsPerDay: Record<Terms['metric'], number> = {
  STEPS: 432_000, // 300 a minute around the clock; fitness rejects a faster record
  DISTANCE: 700_000, // metres; the record for a year on a bicycle averages 381 km a day
  ACTIVE_ENERGY: 30_000, // kilocalories
  ACTIVE_MINUTES: 1_440, // there are no more
  ELEVATION: 50_000, // metres climbed
}

/** Whether no score of a competition of this metric and length (ms) can outgrow the boards. */
export function fitsBoard(metric: Terms['metric'], length: number): boolean {
  return Math.ceil(length / DAY) * unitsPerDay[metric] < SCORES_END
}
