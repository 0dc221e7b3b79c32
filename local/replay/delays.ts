/**
 * Measures the delay from a sync to the first frame that shows it: `sent` notes what a sync will bring a person to, `shown`
 * what a frame shows them at.
 */
export function createDelays() {
  const pending = new Map<string, { score: number; at: number }[]>()
  const delays: number[] = []
  return {
    sent(name: string, score: number) {
      const waiting = pending.get(name) ?? []
      pending.set(name, waiting)
      waiting.push({ score, at: performance.now() })
    },
    shown(name: string, score: number) {
      const waiting = pending.get(name) ?? []
      while (waiting[0] && waiting[0].score <= score)
        delays.push(performance.now() - (waiting.shift()?.at ?? 0))
    },
    /** In milliseconds; NaN where nothing was measured. */
    percentile: (share: number) => percentileOf(delays, share),
    get count() {
      return delays.length
    },
  }
}

/** NaN where there is nothing. */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
