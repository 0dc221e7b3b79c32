import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { hash } from '@node-rs/argon2'
import { eq } from 'drizzle-orm'
import { createAuditLog } from './audit.ts'
import { createUserStore } from './store.ts'
import { people } from './tables.ts'
import { mails, openUsersStore, PASSWORD, refusalsOf } from './test-support.ts'

const now = new Date('2026-05-01T08:00:00Z')

let database: Awaited<ReturnType<typeof openUsersStore>>
beforeAll(async () => {
  database = await openUsersStore()
})
afterAll(() => database.close())

const users = () => createUserStore(database.db, mails)
const signUp: typeof database.signUp = (change) => database.signUp(change)

test('signing up publishes the profile', async () => {
  const { id } = await signUp({ displayName: ' Ada ' })
  expect(await database.published('user.joined')).toContainEqual({
    userId: id,
    displayName: 'Ada',
    timeZone: 'Europe/London',
    version: 1,
    visibility: 'PUBLIC',
    mayInvite: false,
  })
})

test('every fault of a sign-up is told at once, each with its field', async () => {
  expect(await refusalsOf(signUp({ password: 'short', displayName: ' ' }))).toEqual([
    ['WEAK_PASSWORD', 'password'],
    ['INVALID_INPUT', 'displayName'],
  ])
})

test.each(['\u200b\u200b', 'abc\u202ecba', 'two\nlines', '\u0000', 'x'.repeat(51)])(
  'nobody can be called %j',
  async (displayName) => {
    expect(await refusalsOf(signUp({ displayName }))).toEqual([['INVALID_INPUT', 'displayName']])
  },
)

test('a bio that cannot be stored is refused', async () => {
  const { id } = await signUp()
  expect(await refusalsOf(users().updateProfile(id, { bio: '\u0000' }))).toEqual([['INVALID_INPUT', 'bio']])
  expect(await refusalsOf(users().updateProfile(id, { bio: 'half \ud800' }))).toEqual([
    ['INVALID_INPUT', 'bio'],
  ])
})

test('an account whose mail is held back has none sent', async () => {
  const email = `${randomUUID()}@example.com`
  const input = { email, password: PASSWORD, displayName: 'Ada', timeZone: 'UTC' }
  await users().signUp(input, now, false)
  const mailed = await database.published<{ to: string }>('email.requested')
  expect(mailed.filter(({ to }) => to === email)).toEqual([])
})

test('an address has one account, in whatever case it is written', async () => {
  await signUp({ email: 'grace@example.com' })
  expect(await refusalsOf(signUp({ email: 'Grace@Example.com' }))).toEqual([['EMAIL_TAKEN', 'email']])
})

test('ten sign-ups at once with one address make one account', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, () => signUp({ email: 'ten@example.com' })),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('the right password signs in, whatever the case of the address', async () => {
  const { id } = await signUp({ email: 'hedy@example.com' })
  const person = await users().authenticate({
    email: 'HEDY@example.com',
    password: 'violet kayak on the ridge',
  })
  expect(person.id).toBe(id)
})

test('of log-ins at once that make an old hash anew, each goes on with the new one', async () => {
  const { id, email } = await signUp()
  const outdated = await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 })
  await database.db.update(people).set({ passwordHash: outdated }).where(eq(people.id, id))
  const logIns = Array.from({ length: 4 }, () => users().authenticate({ email, password: PASSWORD }))
  const hashes = new Set((await Promise.all(logIns)).map(({ passwordHash }) => passwordHash))
  const [now] = await users().byIds([id])
  expect([...hashes]).toEqual([now?.passwordHash])
  expect(now?.passwordHash).not.toBe(outdated)
})

test('a wrong password and an unknown address are refused alike', async () => {
  const { email } = await signUp()
  const wrong = await refusalsOf(users().authenticate({ email, password: 'not this one at all' }))
  const unknown = await refusalsOf(
    users().authenticate({ email: 'nobody@example.com', password: 'not this one' }),
  )
  expect(wrong).toEqual([['WRONG_CREDENTIALS', undefined]])
  expect(unknown).toEqual(wrong)
})

test('a change of profile leaves what is not named, and raises the version', async () => {
  const { id } = await signUp()
  await users().updateProfile(id, { bio: 'Walks to work.' })
  const changed = await users().updateProfile(id, { displayName: 'Ada L.' })
  expect(changed).toMatchObject({ displayName: 'Ada L.', bio: 'Walks to work.', version: 3 })
  const cleared = await users().updateProfile(id, { bio: '' })
  expect(cleared.bio).toBeNull()
})

test('who may see a profile is told with it', async () => {
  const { id } = await signUp()
  const changed = await users().updateProfile(id, { profileVisibility: 'COMPETITORS' })
  expect(changed.profileVisibility).toBe('COMPETITORS')
  expect((await users().updateProfile(id, { bio: 'Runs.' })).profileVisibility).toBe('COMPETITORS')
  expect(await database.published('user.profile_changed')).toContainEqual(
    expect.objectContaining({ userId: id, visibility: 'COMPETITORS', version: 2 }),
  )
})

test('an audit entry counts once however often its event comes, and is found by actor and subject', async () => {
  const audit = createAuditLog(database.db)
  const actorId = randomUUID()
  const entry = {
    auditId: randomUUID(),
    at: now.toISOString(),
    actorId,
    action: 'score.adjusted',
    subjectType: 'standing',
    subjectId: 'somebody',
    details: { delta: -5 },
  }
  await audit.record(entry)
  await audit.record(entry)
  expect((await audit.page({ actorId })).edges).toHaveLength(1)
  expect((await audit.page({ subjectId: 'somebody' })).edges).toHaveLength(1)
  expect((await audit.page({ actorId: 'not an id' })).edges).toHaveLength(0)
  expect((await audit.page({ subjectId: '\u0000' })).edges).toHaveLength(0)
})
