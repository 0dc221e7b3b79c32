import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { DrizzleQueryError } from 'drizzle-orm'
import { type JobHelpers, runTaskList, type TaskList } from 'graphile-worker'
import type pg from 'pg'
import { forgetConfidentialEvents } from './dead-events.ts'
import { describeError } from './describe-error.ts'
import { openQueuePool, quiet, taskOf } from './event-queue.ts'
import { type EventHandlers, type EventName, events, NotYetError, shownPayload } from './events.ts'
import type { Logger } from './logger.ts'
import type { SubgraphName } from './names.ts'

/** How often the jobs of workers that died are looked for. */
const RESCUE_INTERVAL = 5_000 // ms

/** Handles a subgraph's events until closed; running handlers are waited for, at most 5 s. */
export function workEvents(options: {
  url: string
  subgraph: SubgraphName
  handlers: EventHandlers
  logger: Logger
  concurrency?: number
}): { close(): Promise<void> } {
  const { url, subgraph, handlers, logger, concurrency = 4 } = options
  const closing = new AbortController()
  const pool = openQueuePool(
    url,
    { application_name: `podium ${subgraph} worker`, max: concurrency + 3 },
    (error) => {
      if (!closing.signal.aborted) logger.warn({ error: error.message }, 'database connection lost')
    },
  )
  const tasks = tasksOf(subgraph, handlers, logger)
  const closed = once(closing.signal, 'abort')
  const running = supervise()

  async function supervise() {
    while (!closing.signal.aborted) {
      const claimed = Promise.withResolvers<void>()
      const worker = runTaskList(
        {
          schema: 'events',
          concurrency,
          noHandleSignals: true,
          pollInterval: 1_000, // ms
          gracefulShutdownAbortTimeout: 5_000, // ms
          // Without a batch nothing waits for how an event's end was written down, nor hears that it could not be.
          preset: {
            worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 },
            plugins: [startingAfter(claimed.promise)],
          },
          logger: quiet,
        },
        tasks,
        pool,
      )
      const done = new AbortController()
      const claim = keepClaim(pool, worker.id, claimed.resolve, done.signal)
      claim.catch(claimed.reject)
      try {
        // graphile-worker gives up when PostgreSQL stays away; the process does not.
        await Promise.race([worker.promise, claim, closed])
      } catch (error) {
        logger.warn({ error: describeError(error) }, 'event worker starts again')
      }
      // It cannot give its jobs back while PostgreSQL is away; without a claim they are freed later.
      if (worker._active) await Promise.resolve(worker.gracefulShutdown()).catch(() => {})
      // Not before, or others would take the jobs that were still being done.
      done.abort()
      await claim.catch(() => {})
      await untilBack()
    }
  }

  /** graphile-worker started without PostgreSQL would fail, loudly, again and again. */
  async function untilBack() {
    for (let pause = 500; !closing.signal.aborted; pause = Math.min(pause * 2, 5_000)) {
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => {})
      const back = await pool.query('select 1').then(
        () => true,
        () => false,
      )
      if (back) return
    }
  }

  return {
    async close() {
      closing.abort()
      await running
      await pool.end()
    },
  }
}

/**
 * Holds an advisory lock in the name of this worker, by which others see that it lives, and every few seconds frees
 * the jobs of those that do not, since graphile-worker itself waits four hours, and forgets dead ones that nobody may keep. Ends
 * when `done`; throws when the connection is lost.
 */
async function keepClaim(
  pool: pg.Pool,
  workerId: string,
  claimed: () => void,
  done: AbortSignal,
): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [workerId])
    claimed()
    while (!done.aborted) {
      await client.query(`
        select events.force_unlock_workers(array_agg(distinct locked_by))
        from events._private_jobs
        where locked_at < now() - interval '1 second' and not exists (
          select from pg_locks
          where locktype = 'advisory' and granted
            and (classid::bigint << 32) + objid::bigint = hashtextextended(locked_by, 0)
        )
        having count(*) > 0`)
      await forgetConfidentialEvents(client)
      await sleep(RESCUE_INTERVAL, undefined, { signal: done }).catch(() => {})
    }
  } finally {
    // The connection goes, and the lock with it.
    client.release(true)
  }
}

/** Has a worker take no job before that: others would take it from who has no claim. */
function startingAfter(claimed: Promise<void>): GraphileConfig.Plugin {
  claimed.catch(() => {}) // told by the claim itself, also where nobody waits
  return { name: 'StartingAfterClaim', version: '1', worker: { hooks: { startWorker: () => claimed } } }
}

function tasksOf(subgraph: SubgraphName, handlers: EventHandlers, logger: Logger): TaskList {
  const names = Object.keys(handlers) as EventName[]
  const expected = (Object.keys(events) as EventName[]).filter((name) =>
    (events[name].handledBy as readonly string[]).includes(subgraph),
  )
  const differing = [...new Set(names).symmetricDifference(new Set(expected))]
  if (differing.length > 0) {
    throw new Error(`${subgraph} and platform/events.ts differ on who handles ${differing.join(', ')}`)
  }
  return Object.fromEntries(
    names.map((name) => {
      // One handler and its own payload: the pairing is lost on the type checker when they come from a loop.
      const handle = handlers[name] as (payload: unknown) => Promise<void>
      return [
        taskOf(subgraph, name),
        async (payload: unknown, { abortPromise }: JobHelpers) => {
          try {
            // One that outlasts the time for closing is given up, and its event left to others.
            await Promise.race([handle(events[name].payload.parse(payload)), abortPromise])
          } catch (error) {
            const level = error instanceof NotYetError ? 'info' : 'error'
            const shown = shownPayload(name, payload)
            logger[level](
              { event: name, payload: shown, error: describeError(error) },
              'event will be tried again',
            )
            // Its message is kept with the event, and that of a failed query has its parameters.
            throw error instanceof DrizzleQueryError ? error.cause : error
          }
        },
      ]
    }),
  )
}
