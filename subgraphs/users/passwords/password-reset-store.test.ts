import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { eq } from 'drizzle-orm'
import type { EventPayload } from '../../../platform/events.ts'
import { silent } from '../../../test/support/stores.ts'
import { createApiKeyStore } from '../api-keys/api-key-store.ts'
import { createVerificationStore } from '../emails/verification-store.ts'
import { createErasureStore } from '../privacy/erasure-store.ts'
import { createOutsideIdentities } from '../sessions/outside-identities.ts'
import { createSessionStore } from '../sessions/session-store.ts'
import { createUserStore } from '../store.ts'
import { type PersonRow, people } from '../tables.ts'
import { mails, openUsersStore, PASSWORD, refusalsOf, tokenIn } from '../test-support.ts'
import { createPasswordResetStore } from './password-reset-store.ts'
import { createPasswordStore } from './password-store.ts'

const now = new Date('2026-05-01T08:00:00Z')
const after = (hours: number) => new Date(now.getTime() + hours * 3_600_000)
const NEW = 'orange harbour before noon'

type Mail = EventPayload<'email.requested'>
type Request = EventPayload<'password_reset.requested'>

let database: Awaited<ReturnType<typeof openUsersStore>>
let person: PersonRow
beforeAll(async () => {
  database = await openUsersStore()
})
beforeEach(async () => {
  person = await database.signUp({}, now)
})
afterAll(() => database.close())

const resets = () => createPasswordResetStore(database.db, mails)
const sessions = () => createSessionStore(database.db, 'a secret of the tests')
const change = (set: Partial<PersonRow>) =>
  database.db.update(people).set(set).where(eq(people.id, person.id))

/** Asks for a mail; what is published is handled by the test, which gets it. */
async function request(email = person.email, at = now): Promise<Request> {
  await resets().request(email, at)
  const [requested] = (await database.published<Request>('password_reset.requested')).slice(-1)
  if (!requested) throw new Error('nothing was published')
  return requested
}

async function mailsOf(kind: Mail['kind'], { id } = person): Promise<Mail[]> {
  const all = await database.published<Mail>('email.requested')
  return all.filter((mail) => mail.userId === id && mail.kind === kind)
}

/** The token of a mail that was asked for and sent. */
async function sentToken(at = now): Promise<string> {
  await resets().send(await request(person.email, at))
  return tokenIn((await mailsOf('RESET_PASSWORD')).at(-1))
}

const reset = (token: string, newPassword = NEW, at = now) => resets().reset({ token, newPassword }, at)

test('the link gives another password, ends all sessions, and tells the person', async () => {
  const { sessionId } = await sessions().open(person, 'elsewhere', now)
  const token = await sentToken()
  expect(await mailsOf('RESET_PASSWORD')).toMatchObject([
    {
      to: person.email,
      link: `https://app.example/reset-password?token=${token}`,
      expiresAt: after(1).toISOString(),
    },
  ])
  const changed = await reset(token)
  expect(changed).toMatchObject({ id: person.id, emailVerifiedAt: now })
  expect((await sessions().open(changed, 'here', now)).person.id).toBe(person.id)

  const logIn = (password: string) =>
    createUserStore(database.db, mails).authenticate({ email: person.email, password })
  expect((await logIn(NEW)).id).toBe(person.id)
  expect(await refusalsOf(logIn(PASSWORD))).toEqual([['WRONG_CREDENTIALS', undefined]])
  const at = now.toISOString()
  expect(await database.published('sessions.ended')).toContainEqual({ sessionIds: [sessionId], at })
  expect(await database.published('audit.recorded')).toContainEqual(
    expect.objectContaining({
      action: 'user.password_reset',
      actorId: person.id,
      subjectId: person.id,
      details: { sessionsEnded: 1 },
    }),
  )
  expect(await mailsOf('PASSWORD_CHANGED')).toMatchObject([{ to: person.email, link: null }])
})

test('a link works once, for an hour, and nothing but it does', async () => {
  const verifying = tokenIn((await mailsOf('VERIFY_EMAIL')).at(-1))
  for (const token of ['', 'A'.repeat(43), verifying]) {
    expect(await refusalsOf(reset(token))).toEqual([['TOKEN_EXPIRED', 'token']])
  }
  const token = await sentToken()
  const asVerification = createVerificationStore(database.db, mails).verify(token, now)
  expect(await refusalsOf(asVerification)).toEqual([['TOKEN_EXPIRED', 'token']])
  expect(await refusalsOf(reset(token, NEW, after(1)))).toEqual([['TOKEN_EXPIRED', 'token']])
  await reset(token)
  expect(await refusalsOf(reset(token))).toEqual([['TOKEN_EXPIRED', 'token']])
})

test('of ten uses of a link at once one holds', async () => {
  const token = await sentToken()
  const uses = Array.from({ length: 10 }, (_, index) => reset(token, `${NEW} ${index}`))
  const outcomes = await Promise.allSettled(uses)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test.each(['short', 'password1234', 'x'.repeat(129)])(
  'the new password cannot be %s, which leaves the link as it is',
  async (password) => {
    const token = await sentToken()
    expect(await refusalsOf(reset(token, password))).toEqual([['WEAK_PASSWORD', 'newPassword']])
    expect((await reset(token)).id).toBe(person.id)
  },
)

test('a newer link makes the older one void, in whatever order they were made', async () => {
  const older = await request(person.email, now)
  const newer = await request(person.email, after(0.1))
  await resets().send(newer)
  await resets().send(older)
  expect(await mailsOf('RESET_PASSWORD')).toHaveLength(1)
  expect(await refusalsOf(reset(older.token))).toEqual([['TOKEN_EXPIRED', 'token']])
  await resets().send(await request(person.email, after(0.2)))
  expect(await refusalsOf(reset(newer.token))).toEqual([['TOKEN_EXPIRED', 'token']])
})

test('a request whose event comes again sends one mail', async () => {
  const requested = await request()
  await Promise.all([resets().send(requested), resets().send(requested)])
  await reset(requested.token)
  await resets().send(requested)
  expect(await mailsOf('RESET_PASSWORD')).toHaveLength(1)
  expect(await refusalsOf(reset(requested.token))).toEqual([['TOKEN_EXPIRED', 'token']])
})

test('an address is found in whatever case it is written', async () => {
  await resets().send(await request(person.email.toUpperCase()))
  expect(await mailsOf('RESET_PASSWORD')).toMatchObject([{ to: person.email }])
})

test('nothing is sent to an address without an account, nor to who has no password or is suspended', async () => {
  const before = await database.published('email.requested')
  await resets().send(await request(`${randomUUID()}@example.com`))
  for (const set of [{ passwordHash: null, emailVerifiedAt: now }, { suspendedAt: now }]) {
    await change(set)
    await resets().send(await request())
  }
  expect(await database.published('email.requested')).toEqual(before)
})

test('what is asked for is published alike for every address, and looked up by none', async () => {
  const known = await request()
  const unknown = await request(`${randomUUID()}@example.com`)
  expect(Object.keys(known)).toEqual(Object.keys(unknown))
  expect(known.token).toHaveLength(unknown.token.length)
  expect(await refusalsOf(resets().request(`${'x'.repeat(250)}@example.com`, now))).toEqual([
    ['INVALID_INPUT', 'email'],
  ])
})

test('three mails an hour go to an account, whoever asks for them', async () => {
  for (let minute = 0; minute < 10; minute++) {
    await resets().send(await request(person.email, after(minute / 60)))
  }
  expect(await mailsOf('RESET_PASSWORD')).toHaveLength(3)
  await resets().send(await request(person.email, after(1.01)))
  expect(await mailsOf('RESET_PASSWORD')).toHaveLength(4)
})

test('a link is void once the password was changed, the address is another, or the account was erased', async () => {
  const token = await sentToken()
  const { sessionId: keep } = await sessions().open(person, 'jest', now)
  await createPasswordStore(database.db, mails).change(person, { password: NEW, keep }, now)
  expect(await refusalsOf(reset(token))).toEqual([['TOKEN_EXPIRED', 'token']])
  for (const happens of [
    () => change({ email: `${randomUUID()}@example.com` }),
    () => createErasureStore(database.db).erase(person, now),
  ]) {
    person = await database.signUp({}, now)
    const another = await sentToken()
    await happens()
    expect(await refusalsOf(reset(another))).toEqual([['TOKEN_EXPIRED', 'token']])
  }
})

test('of an address that nobody had verified, who reads its mails gets the account, and whoever opened it nothing', async () => {
  const keys = createApiKeyStore(database.db, silent)
  const { apiKey } = await keys.create(person.id, { name: 'A bot', scopes: ['account:write'] }, now)
  await reset(await sentToken())
  expect(await keys.of(person.id, now)).toEqual([])
  const at = now.toISOString()
  expect(await database.published('sessions.ended')).toContainEqual({ sessionIds: [apiKey.id], at })

  const later = await keys.create(person.id, { name: 'A bot', scopes: ['account:write'] }, now)
  await reset(await sentToken(after(2)), `${NEW} again`, after(2))
  expect(await keys.of(person.id, now)).toEqual([later.apiKey])
})

test('the same where an outside issuer brought somebody who had not verified it', async () => {
  const outside = createOutsideIdentities(database.db)
  const email = `${randomUUID()}@example.com`
  const vouched = {
    issuer: 'https://issuer.example',
    subject: randomUUID(),
    session: 'one',
    email,
    emailVerified: false,
  }
  const { userId } = await outside.signIn(vouched, now)
  await resets().send(await request(email))
  const [mail] = await database.published<Mail>('email.requested').then((all) => all.slice(-1))
  expect((await reset(tokenIn(mail))).id).toBe(userId)
  expect(await refusalsOf(outside.signIn({ ...vouched, session: 'two' }, now))).toEqual([
    ['EMAIL_TAKEN', 'email'],
  ])
})

test('nothing is sent to who was erased', async () => {
  await createErasureStore(database.db).erase(person, now)
  await resets().send(await request(`${person.id}@erased.invalid`))
  expect(await mailsOf('RESET_PASSWORD')).toEqual([])
})

test('who was suspended since the mail went out is told so', async () => {
  const token = await sentToken()
  await change({ suspendedAt: now })
  expect(await refusalsOf(reset(token))).toEqual([['SUSPENDED', undefined]])
})
