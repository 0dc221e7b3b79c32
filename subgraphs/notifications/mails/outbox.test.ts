import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'drizzle-orm'
import Fastify, { type FastifyInstance } from 'fastify'
import { openTestStore, type TestStore } from '../../../test/support/stores.ts'
import { outbox } from '../tables.ts'
import { noon } from '../test-support.ts'
import type { Mail } from './mail.ts'
import { mountOutbox } from './outbox-page.ts'
import { createOutboxStore } from './outbox-store.ts'

let store: TestStore
let app: FastifyInstance
beforeAll(async () => {
  store = await openTestStore('notifications')
  app = Fastify()
  mountOutbox(app, createOutboxStore(store.db))
})
afterAll(async () => {
  await app.close()
  await store.close()
})

const mailOf = (change: Partial<Mail> = {}): Mail => ({
  id: randomUUID(),
  userId: randomUUID(),
  to: 'ada@example.com',
  subject: 'Verify your address',
  text: 'Hello,\n\nhttps://app.example/verify-email?token=abc&x=1\n',
  html: '<p>Hello,</p>',
  ...change,
})
const send = (mail: Mail) => createOutboxStore(store.db).send(mail, noon)

test('a mail that is kept is kept once, and shown newest first', async () => {
  const mail = mailOf()
  for (let n = 0; n < 2; n++) expect(await send(mail)).toEqual({ status: 'SENT' })
  await send(mailOf({ subject: 'Your password was changed' }))
  const { body } = await app.inject('/outbox.json')
  expect(JSON.parse(body)).toMatchObject([
    { subject: 'Your password was changed' },
    { emailId: mail.id, to: mail.to, text: mail.text, html: mail.html, at: noon.toISOString() },
  ])
})

test('the page has links, runs and loads nothing, and shows what is in a mail as text', async () => {
  await send(mailOf({ to: '<script>', subject: '<img src=x onerror=alert(1)>', text: `"'</pre><script>alert(1)</script>` })) // biome-ignore format: one mail
  const { body, headers } = await app.inject('/outbox')
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^ ]+'; /)
  expect(headers['content-security-policy']).not.toMatch(/unsafe|script-src/)
  expect(headers['cache-control']).toBe('no-store')
  expect(body).not.toMatch(/<script|<img/)
  const href = 'https://app.example/verify-email?token=abc&amp;x=1'
  expect(body).toContain(`<a href="${href}" rel="noreferrer">${href}</a>`)
})

test('the latest thousand are kept', async () => {
  await store.db.execute(sql`
    insert into ${outbox} (email_id, user_id, "to", subject, text, html, at)
    select gen_random_uuid(), gen_random_uuid(), '', '', '', '', now() from generate_series(1, 1500)`)
  await send(mailOf())
  expect(await store.db.$count(outbox)).toBe(1_000)
})
