import { isDeepStrictEqual } from 'node:util'
import { describeError } from '../../platform/describe-error.ts'
import type { Logger } from '../../platform/logger.ts'
import { latest } from '../../platform/streams.ts'
import type { ActivityDay } from './generated.ts'

/** How often it is read though nobody woke it: wake-ups get lost, and days end. */
const ROUND = 30_000 // ms

/**
 * A person's day: as it is, then each time it changed, when that was noticed. Reads one after the other, and once more
 * when it was woken meanwhile. Ends with an error only if the first read fails; a later one is made up for when woken next.
 */
export function todayStream(source: {
  read: () => Promise<ActivityDay>
  /** Calls back whenever it may have changed; returns what ends that. */
  listen: (wake: () => void) => () => void
  logger: Logger
}): AsyncIterableIterator<ActivityDay> {
  const { read, listen, logger } = source
  return latest<ActivityDay>((push, fail) => {
    let shown: ActivityDay | undefined
    let reading = false
    let woken = false
    const wake = async () => {
      woken = true
      if (reading) return
      reading = true
      try {
        while (woken) {
          woken = false
          const today = await read()
          if (!isDeepStrictEqual(today, shown)) push(today)
          shown = today
        }
      } catch (error) {
        if (!shown) fail(error)
        else logger.warn({ error: describeError(error) }, 'day not read')
      } finally {
        reading = false
      }
    }
    const stop = listen(wake)
    const rounds = setInterval(wake, ROUND).unref()
    void wake()
    return () => {
      clearInterval(rounds)
      stop()
    }
  })
}
