import type { Carrier } from './outlet.ts'

/** Upper bounds of what delays are told apart by, in seconds. */
export const delayBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const

/** What the live engine does, counted where it happens: plain numbers, since some are counted for every reader of every frame. */
export type LiveCounters = ReturnType<typeof createLiveCounters>

export function createLiveCounters() {
  const perCarrier = (): Record<Carrier, number> => ({ websocket: 0, sse: 0, multipart: 0 })
  const delays = {
    /** How many were within each bound and above the one before; the last is of those above all. */
    counts: Array.from({ length: delayBounds.length + 1 }, () => 0),
    /** In seconds. */
    sum: 0,
    /** Notes a delay, in ms. */
    observe(delay: number): void {
      const seconds = Math.max(0, delay / 1_000) // clocks of two machines differ
      let bound = 0
      while (bound < delayBounds.length && seconds > (delayBounds[bound] as number)) bound++
      delays.counts[bound] = (delays.counts[bound] as number) + 1
      delays.sum += seconds
    },
  }
  return {
    /** Groups that are open now. */
    groups: 0,
    /** Readers that are there now. */
    readers: perCarrier(),
    /** Results of events, each for all readers of a group. */
    executions: 0,
    /** Frames that were written, one for each reader. */
    sent: perCarrier(),
    /** Frames that a slow reader was spared, since a newer one was there. */
    skipped: perCarrier(),
    /** Readers by how they were judged when they came, and those who were refused later. */
    admissions: { admitted: 0, differs: 0, refused: 0 },
    /** From a change to each write of the first frame that shows it. */
    delays,
  }
}
