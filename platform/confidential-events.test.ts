import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import { listDeadEvents } from './dead-events.ts'
import { publish } from './event-queue.ts'
import { workEvents } from './event-worker.ts'
import { type EventHandlers, events, shownPayload } from './events.ts'
import { openQueue, type Queue } from './test-support.ts'

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
