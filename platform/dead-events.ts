import type pg from 'pg'
import { taskOf } from './event-queue.ts'
import { type EventName, events, shownPayload } from './events.ts'

/** How long an event with something confidential in it stays when it is dead: longer than any link in it leads somewhere. */
const CONFIDENTIAL = '7 days'

/** An event that failed every attempt. It stays until it is replayed, or until forgetConfidentialEvents deletes it. */
export type DeadEvent = {
  id: string
  /** Who failed at what, such as leaderboard/score.computed. */
  task: string
  /** Without what is confidential in it. */
  payload: unknown
  lastError: string
  since: Date
}

/** The latest dead events, at most `limit`. */
export async function listDeadEvents(pool: pg.Pool, limit = 100): Promise<DeadEvent[]> {
  const { rows } = await pool.query(
    `select job.id::text, task.identifier as task, job.payload, job.last_error as "lastError", job.updated_at as since
     from events._private_jobs job join events._private_tasks task on task.id = job.task_id
     where job.attempts >= job.max_attempts and job.locked_at is null
     order by job.updated_at desc limit $1`,
    [limit],
  )
  return rows.map((row: DeadEvent) => ({
    ...row,
    payload: shownPayload(row.task.slice(row.task.indexOf('/') + 1), row.payload),
  }))
}

/** Gives dead events all their attempts again, those named or all of them; returns how many. */
export async function replayDeadEvents(pool: pg.Pool, ids: string[] | 'all'): Promise<number> {
  const { rowCount } = await pool.query(
    `update events._private_jobs set attempts = 0, run_at = now(), last_error = null
     where attempts >= max_attempts and locked_at is null and ($1::bigint[] is null or id = any($1))`,
    [ids === 'all' ? null : ids],
  )
  return rowCount ?? 0
}

/** Deletes dead events that carry something confidential, such as a mail's link, once nobody can do anything with it. */
export async function forgetConfidentialEvents(queue: Pick<pg.ClientBase, 'query'>): Promise<void> {
  await queue.query(
    `delete from events._private_jobs using events._private_tasks task
     where task.id = task_id and task.identifier = any($1)
       and attempts >= max_attempts and locked_at is null and updated_at < now() - interval '${CONFIDENTIAL}'`,
    [confidentialTasks],
  )
}

const confidentialTasks = (Object.keys(events) as EventName[])
  .filter((name) => events[name].confidential.length > 0)
  .flatMap((name) => events[name].handledBy.map((subgraph) => taskOf(subgraph, name)))
