import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { OpenRedis } from '../../../platform/redis.ts'
import { refuse } from '../../../platform/refusal.ts'
import { openTestRedis, silent } from '../../../test/support/stores.ts'
import { createMailLimit } from '../emails/mail-limit.ts'
import { createVerificationStore } from '../emails/verification-store.ts'
import { createAttempts } from '../passwords/attempts.ts'
import { createPasswordResetStore } from '../passwords/password-reset-store.ts'
import { createPasswordStore } from '../passwords/password-store.ts'
import { createUserStore } from '../store.ts'
import { mails, openUsersStore, PASSWORD, refusalsOf } from '../test-support.ts'
import { createSessionStore } from './session-store.ts'
import { createSessions } from './sessions.ts'

let database: Awaited<ReturnType<typeof openUsersStore>>
let redis: OpenRedis
beforeAll(async () => {
  database = await openUsersStore()
  redis = await openTestRedis()
})
afterAll(async () => {
  redis.close()
  await database.close()
})

const now = () => new Date('2026-05-01T08:00:00Z')

/** Sessions as they are for requests from an address, where no password is right. */
function sessionsAt(address: string) {
  const { db } = database
  const wrong = async () => refuse('WRONG_CREDENTIALS', 'wrong')
  return createSessions(
    {
      users: { ...createUserStore(db, mails), authenticate: wrong },
      sessions: createSessionStore(db, 'secret'),
      passwords: { ...createPasswordStore(db, mails), check: wrong },
      resets: createPasswordResetStore(db, mails),
      verification: createVerificationStore(db, mails),
      attempts: createAttempts(redis, silent),
      mayMail: createMailLimit(redis, silent),
      issue: async () => ({ accessToken: 'token', expiresAt: now() }),
      now,
    },
    { address, requestId: 'test' },
  )
}

const codeOf = async (promise: Promise<unknown>) => (await refusalsOf(promise))[0]?.[0]
const newAddress = () => `${randomUUID()}@example.com`

test('wrong passwords are counted for the address of the network that they come from', async () => {
  const [one, other] = [sessionsAt('192.0.2.1'), sessionsAt('192.0.2.2')]
  const ada = await database.signUp()
  const logIn = (sessions = one) => codeOf(sessions.logIn({ email: newAddress(), password: PASSWORD }))
  for (let n = 0; n < 100; n++) expect(await logIn()).toBe('WRONG_CREDENTIALS')
  const change = { currentPassword: 'wrong', newPassword: PASSWORD, sessionId: randomUUID() }
  expect(await codeOf(one.changePassword(ada, change))).toBe('TOO_MANY_ATTEMPTS')
  expect(await logIn()).toBe('TOO_MANY_ATTEMPTS')
  expect(await logIn(other)).toBe('WRONG_CREDENTIALS')
})

test('resets are counted for the address of the network that they are asked for from', async () => {
  const [one, other] = [sessionsAt('192.0.2.3'), sessionsAt('192.0.2.4')]
  for (let n = 0; n < 20; n++) await one.requestPasswordReset(newAddress())
  expect(await codeOf(one.requestPasswordReset(newAddress()))).toBe('TOO_MANY_ATTEMPTS')
  await other.requestPasswordReset(newAddress())
})

test('whoever signs up is mailed, unless too many were from that address of the network', async () => {
  const mayMail = createMailLimit(redis, silent)
  for (let n = 0; n < 100; n++) await mayMail('VERIFY_EMAIL', '192.0.2.5')
  const signUp = (address: string, email: string) =>
    sessionsAt(address).signUp({ email, password: PASSWORD, displayName: 'Ada', timeZone: 'UTC' })
  const [unmailed, mailed] = [newAddress(), newAddress()]
  await signUp('192.0.2.5', unmailed)
  await signUp('192.0.2.6', mailed)
  const sent = await database.published<{ to: string }>('email.requested')
  expect(sent.map(({ to }) => to)).toContain(mailed)
  expect(sent.map(({ to }) => to)).not.toContain(unmailed)
})
