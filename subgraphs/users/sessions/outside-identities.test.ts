import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { createAdministration } from '../administration.ts'
import { createPasswordStore } from '../passwords/password-store.ts'
import { createUserStore } from '../store.ts'
import { people, sessions } from '../tables.ts'
import { mails, openUsersStore, PASSWORD, refusalsOf } from '../test-support.ts'
import { createOutsideIdentities, type Vouched } from './outside-identities.ts'
import { MAX_SESSIONS } from './session-room.ts'
import { createSessionStore } from './session-store.ts'

const start = new Date('2026-05-01T08:00:00Z')
const later = (seconds: number) => new Date(start.getTime() + seconds * 1_000)

let database: Awaited<ReturnType<typeof openUsersStore>>
beforeAll(async () => {
  database = await openUsersStore()
})
afterAll(() => database.close())

const signIn = (vouched: Vouched, now = start) => createOutsideIdentities(database.db).signIn(vouched, now)
const sessionsOf = (userId: string, now = start) => createSessionStore(database.db, 'secret').of(userId, now)
const end = (id: string, userId: string) => createSessionStore(database.db, 'secret').end(id, userId, start)

/** Somebody whom nobody knows yet. */
const stranger = (change: Partial<Vouched> = {}): Vouched => ({
  issuer: 'https://issuer.example',
  subject: randomUUID(),
  session: randomUUID(),
  email: `${randomUUID()}@example.com`,
  emailVerified: true,
  displayName: 'Ada',
  timeZone: 'Europe/London',
  ...change,
})

async function personAt(email: string) {
  const [person] = await database.db.select().from(people).where(eq(people.email, email))
  return person
}

/** An account with a password, whose address was verified or not. */
async function account(emailVerifiedAt: Date | null) {
  const person = await database.signUp()
  await database.db.update(people).set({ emailVerifiedAt }).where(eq(people.id, person.id))
  return person
}

test('who is seen for the first time gets an account without a password, of which others are told', async () => {
  const vouched = stranger({ email: `Ada.${randomUUID()}@Example.com` })
  const { userId, role, scopes } = await signIn(vouched)
  expect([role, scopes]).toEqual(['USER', []])
  expect(await personAt(vouched.email.toLowerCase())).toMatchObject({
    id: userId,
    displayName: 'Ada',
    timeZone: 'Europe/London',
    passwordHash: null,
    emailVerifiedAt: start,
    joinedAt: start,
  })
  const joined = await database.published<{ userId: string }>('user.joined')
  expect(joined).toContainEqual(
    expect.objectContaining({ userId, displayName: 'Ada', timeZone: 'Europe/London', version: 1 }),
  )
})

test('what the issuer does not say has defaults, and an address that it has not verified is not verified', async () => {
  const vouched = stranger({
    displayName: null,
    timeZone: null,
    emailVerified: false,
    email: 'bo@example.com',
  })
  await signIn(vouched)
  expect(await personAt('bo@example.com')).toMatchObject({
    displayName: 'New member',
    timeZone: 'UTC',
    emailVerifiedAt: null,
  })
})

test('later sights find the person by the subject, whatever else the token says', async () => {
  const vouched = stranger()
  const first = await signIn(vouched)
  const other = stranger({ subject: vouched.subject, session: vouched.session, displayName: 'Eve' })
  expect(await signIn(other, later(60))).toEqual(first)
  expect(await personAt(other.email)).toBeUndefined()
  expect(await personAt(vouched.email)).toMatchObject({ displayName: 'Ada' })
})

test('the same subject of another issuer is somebody else', async () => {
  const vouched = stranger()
  const { userId } = await signIn(vouched)
  const other = await signIn(stranger({ subject: vouched.subject, issuer: 'https://other.example' }))
  expect(other.userId).not.toBe(userId)
})

test('of many first sights at the same time comes one account and one session', async () => {
  const vouched = stranger()
  const signedIn = await Promise.all(Array.from({ length: 10 }, () => signIn(vouched)))
  expect(new Set(signedIn.map(({ userId, sessionId }) => `${userId} ${sessionId}`)).size).toBe(1)
  expect(await sessionsOf(signedIn[0]?.userId ?? '')).toHaveLength(1)
})

test('the same of one subject that comes with two addresses', async () => {
  const vouched = stranger()
  const both = await Promise.all([vouched, { ...vouched, email: `${randomUUID()}@example.com` }].map((one) => signIn(one))) // biome-ignore format: one line
  expect(both[0]).toEqual(both[1])
})

test('of two subjects with one address that nobody has verified, the second is refused', async () => {
  const email = `${randomUUID()}@example.com`
  const outcomes = await Promise.allSettled(
    [stranger({ email, emailVerified: false }), stranger({ email, emailVerified: false })].map((one) =>
      signIn(one),
    ),
  )
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('an account that has the address is taken where both sides have verified it, which is in the audit log', async () => {
  const ada = await account(start)
  const { userId } = await signIn(stranger({ email: ada.email.toUpperCase() }))
  expect(userId).toBe(ada.id)
  expect(await database.published('audit.recorded')).toContainEqual(
    expect.objectContaining({
      action: 'user.issuer_linked',
      subjectId: ada.id,
      details: { issuer: 'https://issuer.example' },
    }),
  )
})

test.each([
  ['neither side has', null, false],
  ['only the issuer has', null, true],
  ['only we have', start, false],
])('it is not where %s', async (_, verifiedHere, emailVerified) => {
  const { id, email } = await account(verifiedHere)
  const vouched = stranger({ email, emailVerified })
  expect(await refusalsOf(signIn(vouched))).toEqual([['EMAIL_TAKEN', 'email']])
  expect(await sessionsOf(id)).toEqual([])
  // Nothing is left behind that would find it next time.
  expect(await refusalsOf(signIn(vouched))).toEqual([['EMAIL_TAKEN', 'email']])
})

test('each session of the issuer is one here, which is listed and used', async () => {
  const vouched = stranger()
  const { userId, sessionId } = await signIn(vouched)
  const second = await signIn({ ...vouched, session: 'another' }, later(1))
  expect((await sessionsOf(userId)).map(({ id }) => id)).toEqual([second.sessionId, sessionId])
  await signIn(vouched, later(599))
  expect((await sessionsOf(userId)).at(-1)?.lastUsedAt).toEqual(start)
  await signIn(vouched, later(600))
  expect((await sessionsOf(userId)).at(0)).toMatchObject({ id: sessionId, lastUsedAt: later(600) })
})

test('nothing that the issuer calls a session is kept', async () => {
  const vouched = stranger({ session: 'the session of the issuer' })
  const { sessionId } = await signIn(vouched)
  const [row] = await database.db.select().from(sessions).where(eq(sessions.id, sessionId))
  expect(JSON.stringify(row)).not.toMatch(/the session of the issuer/)
})

test('a session that was ended here stays so, and another one of the person opens', async () => {
  const vouched = stranger()
  const { userId, sessionId } = await signIn(vouched)
  await end(sessionId, userId)
  for (const seconds of [0, 3_600]) {
    expect(await refusalsOf(signIn(vouched, later(seconds)))).toEqual([['TOKEN_EXPIRED', undefined]])
  }
  expect((await signIn({ ...vouched, session: 'another' })).userId).toBe(userId)
})

test('a hundred sessions are kept: one more ends the one used longest ago', async () => {
  const vouched = stranger()
  const first = await signIn(vouched)
  for (let n = 1; n <= MAX_SESSIONS; n++) await signIn({ ...vouched, session: `session ${n}` }, later(n))
  const open = (await sessionsOf(first.userId)).map(({ id }) => id)
  expect(open).toHaveLength(MAX_SESSIONS)
  expect(open).not.toContain(first.sessionId)
})

test('who is suspended is refused, at any session, until that is lifted', async () => {
  const admin = await database.signUp()
  await createAdministration(database.db).setRoleByOperator(admin.email, 'ADMIN', start)
  const vouched = stranger()
  const { userId } = await signIn(vouched)
  const act = { actorId: admin.id, userId, reason: 'a test' }
  await createAdministration(database.db).suspend(act, start)
  for (const session of [vouched.session, 'another']) {
    expect(await refusalsOf(signIn({ ...vouched, session }))).toEqual([['SUSPENDED', undefined]])
  }
  await createAdministration(database.db).unsuspend(act, start)
  expect((await signIn({ ...vouched, session: 'another' })).userId).toBe(userId)
})

test('role and scopes are ours: a change gives the session another id, with which the token goes on', async () => {
  const vouched = stranger()
  const before = await signIn(vouched)
  await createAdministration(database.db).setRoleByOperator(vouched.email, 'ADMIN', start)
  const after = await signIn(vouched)
  expect(after).toMatchObject({ userId: before.userId, role: 'ADMIN' })
  expect(after.scopes).toContain('users:admin')
  expect(after.sessionId).not.toBe(before.sessionId)
  expect(await sessionsOf(after.userId)).toHaveLength(1)
  await end(after.sessionId, after.userId)
  expect(await refusalsOf(signIn(vouched))).toEqual([['TOKEN_EXPIRED', undefined]])
  await createAdministration(database.db).setRoleByOperator(vouched.email, 'USER', start)
})

const DAY = 86_400 // s

/** Others sign in: each clears a hundred sessions away that are over. */
async function othersSignIn(now: Date): Promise<void> {
  for (let n = 0; n < 5; n++) await signIn(stranger(), now)
}

test('a session that was not used for thirty days is cleared away, and opened again by its next token', async () => {
  const vouched = stranger()
  const { userId, sessionId } = await signIn(vouched)
  const isThere = () => database.db.$count(sessions, eq(sessions.id, sessionId))
  await othersSignIn(later(30 * DAY))
  expect(await isThere()).toBe(1)
  await othersSignIn(later(30 * DAY + 1))
  expect(await isThere()).toBe(0)
  const again = await signIn(vouched, later(30 * DAY + 1))
  expect(again.userId).toBe(userId)
  expect(again.sessionId).not.toBe(sessionId)
})

test('the same where a change of role has given it another id', async () => {
  const vouched = stranger()
  const { userId } = await signIn(vouched)
  await createAdministration(database.db).setRoleByOperator(vouched.email, 'AFFILIATE', start)
  await othersSignIn(later(30 * DAY + 1))
  expect(await database.db.$count(sessions, eq(sessions.userId, userId))).toBe(0)
  expect((await signIn(vouched, later(30 * DAY + 1))).userId).toBe(userId)
})

test('a session that was ended here stays so for 400 days', async () => {
  const vouched = stranger()
  const { userId, sessionId } = await signIn(vouched)
  await end(sessionId, userId)
  await othersSignIn(later(400 * DAY))
  expect(await refusalsOf(signIn(vouched, later(400 * DAY)))).toEqual([['TOKEN_EXPIRED', undefined]])
  await othersSignIn(later(400 * DAY + 1))
  expect(await database.db.$count(sessions, eq(sessions.id, sessionId))).toBe(0)
})

test('an account without a password cannot be signed in to with one, nor its password changed', async () => {
  const vouched = stranger()
  await signIn(vouched)
  const { email } = vouched
  for (const password of ['', PASSWORD, 'null']) {
    expect(await refusalsOf(createUserStore(database.db, mails).authenticate({ email, password }))).toEqual([
      ['WRONG_CREDENTIALS', undefined],
    ])
  }
  const person = await personAt(email)
  if (!person) throw new Error('nobody was signed in')
  expect(await refusalsOf(createPasswordStore(database.db, mails).check(person, ''))).toEqual([
    ['NOT_ALLOWED', 'currentPassword'],
  ])
})

test.each([
  { subject: 'a\u0000b' },
  { subject: 's'.repeat(256) },
  { issuer: 'i'.repeat(256) },
  { email: `${'a'.repeat(250)}@example.com` },
])('what cannot be kept is refused: %j', async (change) => {
  const [[code] = []] = await refusalsOf(signIn(stranger(change)))
  expect(code).toBe('INVALID_INPUT')
})
