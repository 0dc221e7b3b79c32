import { setTimeout as sleep } from 'node:timers/promises'
import type { Crowd } from './crowd.ts'
import { random } from './random.ts'

/** Between two syncs of anybody: everybody syncs about once a minute. */
const PAUSE = 1_000 // ms

/** What is uploaded again at the first sync after a start: what the simulator missed while it was off. */
const CATCH_UP = 12 * 3_600_000 // ms

/**
 * Has one person after another sync what they did since their last sync. Who comes next depends on the seed alone.
 * Errors are waited out: the demo goes on when the supergraph does.
 */
export function simulate(
  crowd: Crowd,
  { seed, now }: { seed: number; now: () => Date },
): () => Promise<void> {
  const closing = new AbortController()
  const synced = new Map<unknown, Date>()
  /** Why somebody last did not, which is told once. */
  const told = new Map<unknown, string>()

  const run = async () => {
    for (let turn = 0; !closing.signal.aborted; turn += 1) {
      const person = crowd.people[Math.floor(random(seed, 'turn', turn) * crowd.people.length)]
      const to = now()
      try {
        if (person) await crowd.sync(person, synced.get(person) ?? new Date(to.getTime() - CATCH_UP), to)
        synced.set(person, to)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        if (!closing.signal.aborted && person && told.get(person) !== reason) {
          told.set(person, reason)
          console.error(`${person.displayName} of the demo does not sync for now: ${reason}`)
        }
        await pause(10 * PAUSE)
      }
      await pause(PAUSE)
    }
  }
  const pause = (time: number) => sleep(time, undefined, { signal: closing.signal }).catch(() => {})

  const running = run()
  return async () => {
    closing.abort()
    await running
  }
}
