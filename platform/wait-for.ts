import { setTimeout as sleep } from 'node:timers/promises'
import { StartupError } from './listen.ts'
import type { Logger } from './logger.ts'

/** How long a process waits at its start for what it depends on. */
const LIMIT = 15_000 // ms

/** Tries until it works, with growing pauses, and says what it waits for. Throws StartupError when it never does. */
export async function waitFor<T>(what: string, logger: Logger, attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + LIMIT
  for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
    try {
      return await attempt()
    } catch (error) {
      const reason = reasonOf(error)
      if (isHopeless(error) || Date.now() + pause > deadline) throw new StartupError(`${what}: ${reason}`)
      // The first moments are no news: connections take some.
      if (pause >= 400) logger.info({ reason }, `waiting for ${what}`)
      await sleep(pause)
    }
  }
}

/** A wrong password or a missing database does not get better by waiting. */
function isHopeless(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return /^(28|3D|42)/.test(code ?? '') || /^(WRONGPASS|NOAUTH)/.test(message ?? '')
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message || error.name : String(error)
}
