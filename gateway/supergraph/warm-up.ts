import { setImmediate } from 'node:timers/promises'
import type { Engine } from '../execution/engine.ts'

/** How much a new engine is warmed at most. */
const OPERATIONS = 100
const TIME = 5_000 // ms

/**
 * Compiles for an engine what another one has kept, most recent first. Requests are answered between two operations,
 * and those that are no longer valid are left out. Gives how many are ready.
 */
export async function warmUp(
  engine: Pick<Engine, 'operation'>,
  kept: ReturnType<Engine['kept']>,
  { time = TIME }: { time?: number } = {},
): Promise<number> {
  const deadline = performance.now() + time
  let ready = 0
  for (const { query, operationName } of kept.slice(0, OPERATIONS)) {
    if (performance.now() > deadline) break
    try {
      engine.operation(query, operationName)
      ready++
    } catch {
      // It was valid before; whoever sends it again is told why it no longer is.
    }
    await setImmediate()
  }
  return ready
}
