import { sql } from 'drizzle-orm'
import { Logger as QueueLogger, runMigrations } from 'graphile-worker'
import pg from 'pg'
import { type Database, roleOf, withSchema } from './database.ts'
import { type EventName, type EventPayload, events } from './events.ts'
import { subgraphNames } from './names.ts'

/** Attempts before an event counts as dead; the waits between them grow to about an hour. */
const MAX_ATTEMPTS = 10

/** The graphile-worker task in which one subgraph handles one event. */
export const taskOf = (subgraph: string, event: string) => `${subgraph}/${event}`

type Job = { identifier: string; payload: unknown; runAt: string | null; jobKey: string | null }

/** An event to publish. */
export type Publication<Name extends EventName = EventName> = {
  [N in Name]: {
    name: N
    payload: EventPayload<N>
    /** Not before this time. */
    at?: Date
    /** Replaces the event published under the same key that still waits, if there is one. */
    key?: string
  }
}[Name]

/**
 * Publishes events in the caller's transaction: they exist exactly if what caused them does. The payloads are checked,
 * since an event that its handlers cannot read would be found only when it is too late.
 */
export async function publish(tx: Pick<Database, 'execute'>, publications: Publication[]): Promise<void> {
  const jobs = publications.flatMap(({ name, payload, at, key }): Job[] => {
    const checked = events[name].payload.parse(payload)
    return events[name].handledBy.map((subgraph) => ({
      identifier: taskOf(subgraph, name),
      payload: checked,
      runAt: at?.toISOString() ?? null,
      jobKey: key === undefined ? null : `${taskOf(subgraph, name)}:${key}`,
    }))
  })
  if (jobs.length === 0) return
  await tx.execute(sql`select events.publish(${JSON.stringify(jobs)}::json)`)
}

/**
 * Creates or updates the queue: graphile-worker's tables in the schema `events`, owned by a role of their own, and the
 * one function through which the subgraphs' roles may publish.
 */
export async function migrateEvents(url: string): Promise<void> {
  await withSchema(url, 'events', async (client) => {
    const pool = openQueuePool(url, { application_name: 'podium events', max: 2 }, () => {})
    try {
      await runMigrations({ pgPool: pool, schema: 'events', logger: quiet })
    } finally {
      await pool.end()
    }
    // One job after the other, and again until it is there: add_jobs adds nothing under a key whose job a worker takes
    // at that moment, and says so only by what it returns.
    await client.query(`
      create or replace function events.publish(jobs json) returns void
      language plpgsql security definer set search_path = events, pg_temp as $$
        declare job json;
        begin
          for job in select * from json_array_elements(jobs) loop
            loop
              perform events.add_jobs(array[
                (job->>'identifier', job->'payload', null, (job->>'runAt')::timestamptz, ${MAX_ATTEMPTS},
                 job->>'jobKey', null, null)::events.job_spec
              ]);
              exit when found;
            end loop;
          end loop;
        end
      $$;
      revoke all on function events.publish from public;
    `)
    const roles = subgraphNames.map(roleOf)
    await client.query(`grant usage on schema events to ${roles.join(', ')}`)
    await client.query(`grant execute on function events.publish to ${roles.join(', ')}`)
  })
}

/** A pool that works as the queue's owner, for graphile-worker; `lost` hears of connections that died. */
export function openQueuePool(url: string, options: pg.PoolConfig, lost: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    options: `-c role=${roleOf('events')} -c search_path=events`,
    connectionTimeoutMillis: 5_000, // ms
    ...options,
  })
  pool.on('error', lost)
  pool.on('connect', (client) => client.on('error', lost))
  return takingBackOnce(pool)
}

/**
 * graphile-worker gives the connection on which it listens back twice where it is lost while the worker stops: the pool
 * would throw, in a promise without a handler, which would end the process.
 */
function takingBackOnce(pool: pg.Pool): pg.Pool {
  type Taker = Parameters<pg.Pool['connect']>[0]
  const connect = pool.connect.bind(pool)
  const connectOnce = (take?: Taker) => {
    if (!take) return connect()
    return connect((error, client, release) => {
      let isBack = false
      take(error, client, (destroy) => {
        if (!isBack) release(destroy)
        isBack = true
      })
    })
  }
  // Overloads: with a callback it gives nothing, without one a promise.
  return Object.assign(pool, { connect: connectOnce as pg.Pool['connect'] })
}

/** graphile-worker writes to the console by default; what matters of it is logged by the handlers' wrapper. */
export const quiet = new QueueLogger(() => () => {})
