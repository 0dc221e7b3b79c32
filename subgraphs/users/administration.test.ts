import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createAdministration } from './administration.ts'
import { createSessionStore } from './sessions/session-store.ts'
import { createUserStore } from './store.ts'
import type { PersonRow } from './tables.ts'
import { mails, openUsersStore, PASSWORD, refusalsOf } from './test-support.ts'

const now = new Date('2026-05-01T08:00:00Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000)

let database: Awaited<ReturnType<typeof openUsersStore>>
let admin: PersonRow
let person: PersonRow
beforeAll(async () => {
  database = await openUsersStore()
})
beforeEach(async () => {
  person = await database.signUp()
  admin = await newAdmin()
})
// The next test's administrator is the last one again.
afterEach(() => database.pool.query("update people set role = 'USER', suspended_at = null"))
afterAll(() => database.close())

const administration = () => createAdministration(database.db)
const sessions = () => createSessionStore(database.db, 'a secret of the tests')
const users = () => createUserStore(database.db, mails)

async function newAdmin(): Promise<PersonRow> {
  const { email } = await database.signUp()
  const made = await administration().setRoleByOperator(email, 'ADMIN', now)
  if (!made) throw new Error('there is no such account')
  return made
}

const act = (change: object = {}) => ({
  actorId: admin.id,
  userId: person.id,
  reason: ' Cheats. ',
  ...change,
})

type Entry = { action: string; actorId: string | null; subjectId: string; details: object }
const entriesAbout = async (id: string) =>
  (await database.published<Entry>('audit.recorded'))
    .filter(({ subjectId }) => subjectId === id)
    .map(({ action, actorId, details }) => [action, actorId, details])

test('a role is given, and who gave it is written down', async () => {
  const given = await administration().setRole({ ...act(), role: 'AFFILIATE' }, now)
  expect(given.role).toBe('AFFILIATE')
  expect(await entriesAbout(person.id)).toEqual([
    ['user.role_changed', admin.id, { from: 'USER', to: 'AFFILIATE' }],
  ])
})

test('a change of role ends the tokens of before, and sessions go on with new ones', async () => {
  const session = await sessions().open(person, 'jest', now)
  await administration().setRole({ ...act(), role: 'ADMIN' }, later(1))
  expect(await users().bySession(session.sessionId)).toBeNull()
  const refreshed = await sessions().refresh(session.refreshToken, later(2))
  expect(refreshed.person.role).toBe('ADMIN')
  expect(refreshed.sessionId).not.toBe(session.sessionId)
  expect(await users().bySession(refreshed.sessionId)).toMatchObject({ id: person.id })
  expect(await database.published('sessions.ended')).toContainEqual({
    sessionIds: [session.sessionId],
    at: later(1).toISOString(),
  })
})

test('refreshing while roles change neither loses a session nor keeps a token of before', async () => {
  const session = await sessions().open(person, 'jest', now)
  const roles = ['AFFILIATE', 'USER', 'ADMIN'] as const
  const [refreshed] = await Promise.all([
    Promise.all(Array.from({ length: 10 }, () => sessions().refresh(session.refreshToken, later(1)))),
    ...roles.map((role) => administration().setRole({ ...act(), role }, later(1))),
  ])
  expect(new Set(refreshed.map(({ refreshToken }) => refreshToken)).size).toBe(1)
  const [{ refreshToken = '' } = {}] = refreshed
  const { sessionId, person: current } = await sessions().refresh(refreshToken, later(2))
  const open = refreshed.filter((each) => each.sessionId === sessionId)
  expect(open.every((each) => each.person.role === current.role)).toBe(true)
})

test('the role that somebody has already is not given again', async () => {
  const session = await sessions().open(person, 'jest', now)
  await administration().setRole({ ...act(), role: 'USER' }, later(1))
  expect(await users().bySession(session.sessionId)).not.toBeNull()
  expect(await entriesAbout(person.id)).toEqual([])
})

test('the last administrator is neither demoted nor suspended', async () => {
  const last = { actorId: admin.id, userId: admin.id, role: 'USER' as const }
  expect(await refusalsOf(administration().setRole(last, now))).toEqual([['NOT_ALLOWED', 'userId']])
  const suspended = await newAdmin()
  await administration().suspend(act({ userId: suspended.id }), now)
  // One who cannot sign in is nobody who could undo it.
  expect(await refusalsOf(administration().setRole(last, now))).toEqual([['NOT_ALLOWED', 'userId']])
  await newAdmin()
  expect((await administration().setRole(last, now)).role).toBe('USER')
})

test('two administrators who demote each other at once leave one', async () => {
  const other = await newAdmin()
  const outcomes = await Promise.allSettled([
    administration().setRole({ actorId: admin.id, userId: other.id, role: 'USER' }, now),
    administration().setRole({ actorId: other.id, userId: admin.id, role: 'USER' }, now),
  ])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('who is no administrator, or not any more, changes nothing', async () => {
  const other = await database.signUp()
  const refused = [['NOT_ALLOWED', undefined]]
  expect(await refusalsOf(administration().suspend(act({ actorId: other.id }), now))).toEqual(refused)
  await newAdmin()
  await administration().setRole({ actorId: admin.id, userId: admin.id, role: 'USER' }, now)
  expect(await refusalsOf(administration().setRole({ ...act(), role: 'ADMIN' }, now))).toEqual(refused)
})

test('a suspension ends all sessions, and nobody signs in until it is lifted', async () => {
  const [one, two] = [await sessions().open(person, 'one', now), await sessions().open(person, 'two', now)]
  const suspended = await administration().suspend(act(), later(1))
  expect(suspended).toMatchObject({ suspendedAt: later(1), suspensionReason: 'Cheats.' })
  expect(await sessions().of(person.id, later(1))).toEqual([])
  expect(await refusalsOf(sessions().refresh(one.refreshToken, later(2)))).toEqual([['SUSPENDED', undefined]])
  const logIn = () => users().authenticate({ email: person.email, password: PASSWORD })
  expect(await refusalsOf(logIn())).toEqual([['SUSPENDED', undefined]])
  // Who was found to be the person before.
  expect(await refusalsOf(sessions().open(person, 'three', later(2)))).toEqual([['SUSPENDED', undefined]])
  const ended = await database.published<{ sessionIds: string[] }>('sessions.ended')
  expect(ended.flatMap(({ sessionIds }) => sessionIds)).toEqual(
    expect.arrayContaining([one.sessionId, two.sessionId]),
  )

  await administration().unsuspend(act({ reason: 'It was a mistake.' }), later(3))
  expect((await logIn()).id).toBe(person.id)
  expect(await refusalsOf(sessions().refresh(one.refreshToken, later(4)))).toEqual([
    ['TOKEN_EXPIRED', 'refreshToken'],
  ])
  expect(await entriesAbout(person.id)).toEqual([
    ['user.suspended', admin.id, { reason: 'Cheats.' }],
    ['user.unsuspended', admin.id, { reason: 'It was a mistake.' }],
  ])
})

test('who is suspended is told so only with the right password', async () => {
  await administration().suspend(act(), now)
  const wrong = users().authenticate({ email: person.email, password: 'not this one at all' })
  expect(await refusalsOf(wrong)).toEqual([['WRONG_CREDENTIALS', undefined]])
})

test.each([
  ['oneself', () => act({ userId: admin.id }), ['NOT_ALLOWED', 'userId']],
  ['nobody', () => act({ userId: randomUUID() }), ['NOT_FOUND', 'userId']],
  ['what is no id', () => act({ userId: '\u0000' }), ['NOT_FOUND', 'userId']],
  ['without a reason', () => act({ reason: ' ' }), ['INVALID_INPUT', 'reason']],
  ['with a reason that cannot be stored', () => act({ reason: '\u0000' }), ['INVALID_INPUT', 'reason']],
  ['with a reason too long', () => act({ reason: 'x'.repeat(501) }), ['INVALID_INPUT', 'reason']],
])('suspending %s is refused', async (_, made, refusal) => {
  await newAdmin()
  expect(await refusalsOf(administration().suspend(made(), now))).toEqual([refusal])
})

test('who is suspended is not suspended again, and who is not is not freed', async () => {
  expect(await refusalsOf(administration().unsuspend(act(), now))).toEqual([['CONFLICT', 'userId']])
  await administration().suspend(act(), now)
  expect(await refusalsOf(administration().suspend(act(), now))).toEqual([['CONFLICT', 'userId']])
})

test('that somebody may invite is told with their profile, as long as they may', async () => {
  const told = async () =>
    (
      await database.published<{ userId: string; version: number; mayInvite: boolean }>(
        'user.profile_changed',
      )
    )
      .filter(({ userId }) => userId === person.id)
      .map(({ version, mayInvite }) => `${version} ${mayInvite}`)
  await administration().setRole({ ...act(), role: 'AFFILIATE' }, now)
  await administration().suspend(act(), now)
  await administration().unsuspend(act(), now)
  await administration().setRole({ ...act(), role: 'USER' }, now)
  expect([...new Set(await told())]).toEqual(['2 true', '3 false', '4 true', '5 false'])
})
