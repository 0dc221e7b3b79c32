import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { openQueuePool, publish } from '../../../platform/event-queue.ts'
import { workEvents } from '../../../platform/event-worker.ts'
import type { EventPayload } from '../../../platform/events.ts'
import type { Resources } from '../../../platform/resources.ts'
import { openTestRedis, openTestStore, silent, type TestStore } from '../../../test/support/stores.ts'
import { createErasure } from '../erasure.ts'
import { openNotifications } from '../index.ts'
import { createProjectionStore } from '../projection-store.ts'
import { emails } from '../tables.ts'
import { noon } from '../test-support.ts'
import { createEmailStore } from './email-store.ts'
import { createEmails } from './emails.ts'
import { openSmtpServer, reply, type TestSmtpServer } from './smtp-test-support.ts'
import { createSmtpTransport } from './smtp-transport.ts'

type Requested = EventPayload<'email.requested'>

let store: TestStore
let server: TestSmtpServer
beforeAll(async () => {
  store = await openTestStore('notifications')
})
beforeEach(async () => {
  server = await openSmtpServer()
})
afterEach(() => server.close())
afterAll(() => store.close())

const TOKEN = 'a-token-that-nobody-else-may-see'

const emailOf = (change: Partial<Requested> = {}): Requested => ({
  emailId: randomUUID(),
  userId: randomUUID(),
  to: 'ada@example.com',
  kind: 'VERIFY_EMAIL',
  link: `https://app.example/verify-email?token=${TOKEN}`,
  at: noon.toISOString(),
  expiresAt: new Date(noon.getTime() + 86_400_000).toISOString(),
  ...change,
})

/** Sends by the server of the test, with what a test changes of the store. */
async function send(email: Requested, change: Partial<ReturnType<typeof createEmailStore>> = {}, now = noon) {
  const transport = createSmtpTransport(server.settings)
  const deliver = createEmails({
    store: { ...createEmailStore(store.db), ...change },
    projections: createProjectionStore(store.db),
    transport,
    logger: silent,
    now: () => now,
  })
  try {
    await deliver(email)
  } finally {
    transport.close()
  }
}

async function noted({ emailId }: Requested) {
  const [row] = await store.db.select().from(emails).where(eq(emails.id, emailId))
  return row
}

test('a mail goes to its person, by their name, and once however often it is asked for', async () => {
  const email = emailOf()
  const { userId } = email
  await createProjectionStore(store.db).savePerson({ userId, displayName: 'Ada', version: 1 })
  for (let n = 0; n < 3; n++) await send(email)
  expect(server.taken).toMatchObject([
    {
      recipients: ['ada@example.com'],
      subject: 'Verify your address',
      text: expect.stringContaining(`Hello Ada,`),
      html: expect.stringContaining(TOKEN),
      messageId: `<${email.emailId}@app.example>`,
    },
  ])
  expect(await noted(email)).toMatchObject({ userId, kind: 'VERIFY_EMAIL', status: 'SENT', attempts: 1, reason: null, at: noon }) // biome-ignore format: one row
})

test('a mail that is refused for a time is sent once, later', async () => {
  const email = emailOf()
  server.faults.atRecipient = () => reply(451, '4.3.0 <ada@example.com> later')
  await expect(send(email)).rejects.toThrow('a mail has not gone out: 451 4.3.0')
  expect(await noted(email)).toMatchObject({ status: 'WAITING', attempts: 1, reason: '451 4.3.0' })
  server.faults.atRecipient = () => undefined
  await send(email)
  await send(email)
  expect(server.taken).toHaveLength(1)
  expect(await noted(email)).toMatchObject({ status: 'SENT', attempts: 2, reason: null })
})

test('a mail that is refused for good is not tried again', async () => {
  const email = emailOf()
  let asked = 0
  server.faults.atRecipient = () => {
    asked += 1
    return reply(550, '5.1.1 <ada@example.com> nobody is called so')
  }
  await send(email)
  await send(email)
  expect(asked).toBe(1)
  expect(await noted(email)).toMatchObject({ status: 'FAILED', attempts: 1, reason: '550 5.1.1' })
})

test('a process that ends between sending and noting it sends the same mail twice at most', async () => {
  const email = emailOf()
  const crash = async () => {
    throw new Error('the process ended')
  }
  await expect(send(email, { note: crash })).rejects.toThrow('the process ended')
  await send(email)
  await send(email)
  const ids = server.taken.map(({ messageId }) => messageId)
  expect(ids).toEqual([`<${email.emailId}@app.example>`, `<${email.emailId}@app.example>`])
})

test('a mail whose link is over is not sent', async () => {
  const email = emailOf({ expiresAt: noon.toISOString() })
  await send(email)
  expect(server.taken).toEqual([])
  expect(await noted(email)).toMatchObject({ status: 'NOT_SENT', reason: 'its link is over' })
})

test('a mail to who was erased since is not sent', async () => {
  const email = emailOf()
  await createErasure(store.db)({ userId: email.userId, at: noon.toISOString() })
  await send(email)
  expect(server.taken).toEqual([])
  expect(await noted(email)).toBeUndefined()
})

test('what became of a mail is forgotten after three months', async () => {
  const email = emailOf()
  await send(email)
  await send(emailOf({ expiresAt: undefined }), {}, new Date(noon.getTime() + 91 * 86_400_000))
  expect(await noted(email)).toBeUndefined()
})

test('through the queue: what fails is sent when it goes, and no log has the address or the token', async () => {
  const redis = await openTestRedis()
  const queue = openQueuePool(store.url, { max: 2 }, () => {})
  const lines: string[] = []
  const logger = pino({ base: null, level: 'trace' }, { write: (line: string) => void lines.push(line) })
  // The rest of the resources is not looked at here.
  const resources = { config: { mail: server.settings }, db: store.db, redis, logger, now: () => noon } as Resources // biome-ignore format: one thought
  const { handlers, close } = await openNotifications(resources)
  server.faults.atRecipient = (address) =>
    address === 'ada@example.com' ? reply(450, `${address} ${TOKEN}`) : reply(550, `${address} ${TOKEN}`)
  const waiting = emailOf()
  const failing = emailOf({ to: 'bo@example.com' })
  const worker = workEvents({ url: store.url, subgraph: 'notifications', handlers, logger })
  await publish(store.db, [
    { name: 'email.requested', payload: waiting },
    { name: 'email.requested', payload: failing },
  ])
  await until(
    async () => (await noted(waiting))?.reason === '450' && (await noted(failing))?.status === 'FAILED',
  )
  await until(async () => lines.length >= 2)
  server.faults.atRecipient = () => undefined
  await until(async () => {
    await queue.query('update events._private_jobs set run_at = now() where locked_at is null')
    return (await noted(waiting))?.status === 'SENT'
  })
  expect(server.taken.map(({ recipients }) => recipients)).toEqual([['ada@example.com']])
  await worker.close()
  await close()
  await queue.end()
  redis.close()
  expect(lines.join()).toMatch(waiting.emailId)
  expect(lines.join()).not.toMatch(/ada@example|bo@example|a-token/)
})

async function until(satisfied: () => Promise<boolean>): Promise<void> {
  while (!(await satisfied())) await new Promise((resolve) => setTimeout(resolve, 20))
}
