import { describeError } from './describe-error.ts'
import type { Logger } from './logger.ts'
import type { OpenRedis } from './redis.ts'
import { openWakeUps } from './wake-ups.ts'

/** How long an access token is valid. */
export const ACCESS_LIFETIME = 10 * 60_000 // ms

/** How long after its end a session is told of: longer than its access tokens hold, with clocks that differ. */
export const TOLD = ACCESS_LIFETIME + 60_000 // ms

/** How many entries Redis keeps, and how many are read at once; an entry is what ended together. */
const KEPT = 100_000
const BATCH = 1_000

/**
 * How often Redis is asked though nobody was told: it may not have answered, and a node of a Redis Cluster that just came
 * back misses what is published at the others for a moment.
 */
const LOOK = 1_000 // ms

/** Sessions whose access tokens are to be refused `until` then (Unix ms); later there are none that have not expired. */
export type EndedSessions = { sessionIds: string[]; until: number }

/** Tells all gateways, also those that are away at the moment. Rejects while Redis is. */
export async function tellEndedSessions(
  { commands, prefix }: OpenRedis,
  { sessionIds, until }: EndedSessions,
): Promise<void> {
  const log = logOf(prefix)
  await commands.xadd(log, 'MAXLEN', '~', KEPT, '*', 'ended', JSON.stringify({ sessionIds, until }))
  await commands.pexpire(log, TOLD)
  await commands.publish(log, '1')
}

/**
 * Has `listener` called with the sessions that ended lately, and from then on with each that ends; with what it missed,
 * too, once Redis is back. Returns what ends it.
 */
export function hearEndedSessions(
  redis: OpenRedis,
  logger: Logger,
  listener: (ended: EndedSessions) => void,
): () => void {
  const log = logOf(redis.prefix)
  const wakeUps = openWakeUps(redis, (topic) => topic, logger)
  let last = '0'
  const state = { isReading: false, hasMore: false, isClosed: false }
  const stop = wakeUps.listen(log, wake)
  const looking = setInterval(wake, LOOK).unref()
  redis.commands.on('ready', wake)

  return () => {
    state.isClosed = true
    clearInterval(looking)
    redis.commands.off('ready', wake)
    stop()
    wakeUps.close()
  }

  function wake(): void {
    state.hasMore = true
    // openRedis says that it is away, and there is a wake once it is back.
    if (!state.isReading && redis.commands.status === 'ready') void read()
  }

  async function read(): Promise<void> {
    state.isReading = true
    try {
      while (state.hasMore && !state.isClosed) {
        state.hasMore = false
        await readOn()
      }
    } catch (error) {
      if (state.isClosed) return
      logger.warn({ error: describeError(error) }, 'ended sessions cannot be read')
    } finally {
      state.isReading = false
    }
  }

  async function readOn(): Promise<void> {
    for (;;) {
      const [stream] = (await redis.commands.xread('COUNT', BATCH, 'STREAMS', log, last)) ?? []
      const entries = stream?.[1] ?? []
      if (state.isClosed) return
      for (const [id, [, text = '']] of entries) {
        last = id
        listener(JSON.parse(text)) // written above
      }
      if (entries.length < BATCH) return
    }
  }
}

/** A stream of Redis, and the channel that says that there is more in it. */
const logOf = (prefix: string) => `${prefix}sessions:ended`
