import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import { silent } from '../test/support/stores.ts'
import { listDeadEvents } from './dead-events.ts'
import { type Publication, publish } from './event-queue.ts'
import { workEvents } from './event-worker.ts'
import { type EventHandlers, events, shownPayload } from './events.ts'
import { openQueue, type Queue, recorded } from './test-support.ts'

let queue: Queue
beforeAll(async () => {
  queue = await openQueue()
})
afterAll(() => queue.close())

const requested = { email: 'ada@example.com', token: 'nobody-may-see-this', at: '2026-05-01T12:00:00.000Z' }

test('an event that fails for good shows nothing confidential: neither in the log nor where dead ones are listed', async () => {
  const lines: string[] = []
  const logged = Promise.withResolvers<void>()
  const write = (line: string) => {
    lines.push(line)
    logged.resolve()
  }
  await publish(queue.store.db, [{ name: 'password_reset.requested', payload: requested }])
  await queue.pool.query('update events._private_jobs set attempts = max_attempts - 1')
  const fail: NonNullable<EventHandlers['password_reset.requested']> = async ({ email, token }) => {
    await queue.store.db.execute(sql`select ${email}::text, ${token}::text from nowhere`)
  }
  const worker = workEvents({
    url: queue.store.url,
    subgraph: 'users',
    handlers: { ...ignoring('users'), 'password_reset.requested': fail },
    logger: pino({ base: null }, { write }),
  })
  await logged.promise
  await worker.close()
  const dead = await listDeadEvents(queue.pool)
  expect(dead).toMatchObject([
    { task: 'users/password_reset.requested', payload: { at: requested.at }, lastError: expect.stringContaining('nowhere') }, // biome-ignore format: one event
  ])
  expect(JSON.stringify([lines, dead])).not.toMatch(/ada@example|nobody-may-see/)
})

test('a dead event with something confidential in it is deleted after seven days, and no other', async () => {
  const { store, pool } = queue
  await pool.query('delete from events._private_jobs')
  const publishAt = async (age: string, publication: Publication) => {
    await publish(store.db, [publication])
    await pool.query(
      `update events._private_jobs set attempts = max_attempts, updated_at = now() - $1::interval where attempts = 0`,
      [age],
    )
  }
  const reset = { name: 'password_reset.requested', payload: requested } as const
  await publishAt('8 days', reset)
  await publishAt('6 days', { ...reset, payload: { ...requested, email: 'kept@example.com' } })
  await publishAt('8 days', recorded('kept'))
  await publish(store.db, [{ ...reset, at: new Date(Date.now() + 86_400_000) }])
  await pool.query(
    `update events._private_jobs set updated_at = now() - interval '8 days' where attempts = 0`,
  )

  const worker = workEvents({
    url: store.url,
    subgraph: 'users',
    handlers: ignoring('users'),
    logger: silent,
  })
  const left = async () => {
    const { rows } = await pool.query<{ payload: Record<string, unknown>; attempts: number }>(
      'select payload, attempts from events._private_jobs order by id',
    )
    return rows.map(({ payload, attempts }) => [payload.email ?? payload.subjectId, attempts > 0])
  }
  while ((await left()).length === 4) await sleep(20)
  expect(await left()).toEqual([
    ['kept@example.com', true],
    ['kept', true],
    ['ada@example.com', false],
  ])
  await worker.close()
})

test('what is not confidential is shown', () => {
  const payload = { sessionIds: ['a'], at: requested.at }
  expect(shownPayload('sessions.ended', payload)).toEqual(payload)
  expect(shownPayload('an event of long ago', payload)).toEqual(payload)
})

/** Handlers of all that a subgraph handles, which do nothing. */
function ignoring(subgraph: string): EventHandlers {
  const handled = Object.entries(events).filter(([, { handledBy }]) =>
    (handledBy as readonly string[]).includes(subgraph),
  )
  return Object.fromEntries(handled.map(([name]) => [name, async () => {}]))
}
