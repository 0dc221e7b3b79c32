import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { openTestStore, silent } from '../test/support/stores.ts'
import { openQueuePool, type Publication, publish } from './event-queue.ts'
import { workEvents } from './event-worker.ts'
import { type EventPayload, events } from './events.ts'
import type { Logger } from './logger.ts'

/** An event that is about nothing; its subject tells it from others. */
export const recorded = (
  subjectId: string,
  options: { at?: Date; key?: string } = {},
): Publication<'audit.recorded'> => ({
  name: 'audit.recorded',
  payload: {
    auditId: randomUUID(),
    at: '2026-05-01T12:00:00.000Z',
    actorId: null,
    action: 'tested',
    subjectType: 'test',
    subjectId,
    details: {},
  },
  ...options,
})

/** A fresh database with its queue, and workers that are closed with it. */
export async function openQueue() {
  const store = await openTestStore('users')
  const pool = openQueuePool(store.url, { max: 2 }, () => {})
  const workers = new Set<{ close(): Promise<void> }>()

  return {
    store,
    /** As the queue's owner. */
    pool,

    publishAll: (...events: Publication[]) => publish(store.db, events),

    /** Works the events of one subgraph, the audit log's. */
    work(handle: (entry: EventPayload<'audit.recorded'>) => Promise<void>, logger: Logger = silent) {
      const ignore = async () => {}
      const others = Object.entries(events).filter(([, { handledBy }]) =>
        (handledBy as readonly string[]).includes('users'),
      )
      const handlers = {
        ...Object.fromEntries(others.map(([name]) => [name, ignore])),
        'audit.recorded': handle,
      }
      const worker = workEvents({ url: store.url, subgraph: 'users', handlers, logger })
      workers.add(worker)
      return {
        close() {
          workers.delete(worker)
          return worker.close()
        },
      }
    },

    /** As it was when it was opened. */
    async clear(): Promise<void> {
      await Promise.all([...workers].map((worker) => worker.close()))
      workers.clear()
      await pool.query('delete from events._private_jobs')
    },

    async close(): Promise<void> {
      await pool.end()
      await store.close()
    },
  }
}

export type Queue = Awaited<ReturnType<typeof openQueue>>

/** Calls as things happen, until what has happened satisfies. */
export function recorder() {
  const happened: string[] = []
  const waiters = new Set<() => void>()
  return {
    happened,
    add(what: string) {
      happened.push(what)
      for (const wake of waiters) wake()
    },
    until: (satisfied: (happened: string[]) => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (satisfied(happened)) resolve()
        }
        waiters.add(look)
        look()
      }),
  }
}

/** Until the job of a subject is back in the queue, its attempt over. */
export async function untilReleased(pool: pg.Pool, subjectId: string): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(
      `select from events._private_jobs where payload->>'subjectId' = $1 and locked_at is null`,
      [subjectId],
    )
    if (rowCount) return
    await new Promise(setImmediate)
  }
}
