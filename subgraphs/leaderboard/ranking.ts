import { type Place, scoreOf } from './packing.ts'

/** Someone on a board. */
export type Entry = Place & { achievedAt: Date }

/** Someone's standing, in the shape of the API, with what cursors are made of. */
export type Standing = Entry & {
  rank: number
  score: number
  percentile: number
  behindLeader: number
}

/** What a standing depends on beside the person's own score. */
export type Field = {
  /** People on the board. */
  size: number
  /** The packed score of the first; null on an empty board. */
  leader: number | null
}

/** A person's standing, given how many have a higher score. */
export function standingOf(entry: Entry, above: number, { size, leader }: Field): Standing {
  const score = scoreOf(entry.packed)
  return {
    ...entry,
    rank: above + 1,
    score,
    percentile: size > 1 ? (size - above - 1) / (size - 1) : 1,
    behindLeader: scoreOf(leader ?? entry.packed) - score,
  }
}

/**
 * The standings of people who follow each other on a board: `before` are listed before the first of them, `above` have
 * a higher score than the first.
 */
export function rankEntries(
  entries: readonly Entry[],
  before: number,
  above: number,
  field: Field,
): Standing[] {
  let higher = above
  return entries.map((entry, i) => {
    const previous = entries[i - 1]
    if (previous && scoreOf(previous.packed) !== scoreOf(entry.packed)) higher = before + i
    return standingOf(entry, higher, field)
  })
}
