/** How many delays fell into which tenth of a millisecond; sparse, to be sent between processes. */
export type Counts = [bucket: number, count: number][]

const BUCKET = 100 // µs
const BUCKETS = 300_000 // of 30 s in all; what is longer counts as that

export function createHistogram() {
  const counts = new Uint32Array(BUCKETS)
  return {
    /** Notes a delay, in µs. */
    note(delay: number): void {
      const bucket = Math.max(0, Math.min(BUCKETS - 1, Math.floor(delay / BUCKET)))
      counts[bucket] = (counts[bucket] as number) + 1
    },
    counts(): Counts {
      const found: Counts = []
      for (const [bucket, count] of counts.entries()) if (count > 0) found.push([bucket, count])
      return found
    },
    clear(): void {
      counts.fill(0)
    },
  }
}

/** The delay, in ms, that a share of all, 0 to 1, did not go beyond; NaN when there are none. */
export function quantile(all: Counts[], share: number): number {
  const sorted = all.flat().sort(([a], [b]) => a - b)
  const total = sorted.reduce((sum, [, count]) => sum + count, 0)
  let seen = 0
  for (const [bucket, count] of sorted) {
    seen += count
    if (seen >= share * total) return ((bucket + 0.5) * BUCKET) / 1_000
  }
  return Number.NaN
}
