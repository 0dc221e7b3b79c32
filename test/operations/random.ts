import type { Random as Source } from 'fast-check'

/** Random choices, all from one source, so that they can be made again. */
export type Random = {
  /** From 0 to `below` - 1. */
  int(below: number): number
  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean
  pick<T>(from: readonly T[]): T
}

export function createRandom(source: Source): Random {
  const int = (below: number) => source.nextInt(0, below - 1)
  return {
    int,
    chance: (percent) => int(100) < percent,
    pick: (from) => from[int(from.length)] as (typeof from)[number], // there is at least one
  }
}
