import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createSessionStore, type OpenSession } from '../sessions/session-store.ts'
import { createUserStore } from '../store.ts'
import type { PersonRow } from '../tables.ts'
import { mails, openUsersStore, PASSWORD, refusalsOf } from '../test-support.ts'
import { createPasswordStore } from './password-store.ts'

const now = new Date('2026-05-01T08:00:00Z')
const NEW = 'orange harbour before noon'

let database: Awaited<ReturnType<typeof openUsersStore>>
let person: PersonRow
let session: OpenSession
beforeAll(async () => {
  database = await openUsersStore()
})
beforeEach(async () => {
  person = await database.signUp()
  session = await sessions().open(person, 'jest', now)
})
afterAll(() => database.close())

const passwords = () => createPasswordStore(database.db, mails)
const sessions = () => createSessionStore(database.db, 'a secret of the tests')
const change = (password = NEW) => passwords().change(person, { password, keep: session.sessionId }, now)

test('the new password signs in and the old one does not; all sessions but the own are over', async () => {
  const other = await sessions().open(person, 'elsewhere', now)
  await change()
  const logIn = (password: string) =>
    createUserStore(database.db, mails).authenticate({ email: person.email, password })
  expect((await logIn(NEW)).id).toBe(person.id)
  expect(await refusalsOf(logIn(PASSWORD))).toEqual([['WRONG_CREDENTIALS', undefined]])
  expect((await sessions().of(person.id, now)).map(({ id }) => id)).toEqual([session.sessionId])
  expect(await database.published('sessions.ended')).toContainEqual({
    sessionIds: [other.sessionId],
    at: now.toISOString(),
  })
  expect(await database.published('audit.recorded')).toContainEqual(
    expect.objectContaining({
      action: 'user.password_changed',
      actorId: person.id,
      subjectId: person.id,
      details: { sessionsEnded: 1 },
    }),
  )
  expect(await database.published('email.requested')).toContainEqual(
    expect.objectContaining({ userId: person.id, to: person.email, kind: 'PASSWORD_CHANGED', link: null }),
  )
})

test.each(['short', 'password1234', 'x'.repeat(129)])('the new password cannot be %s', async (password) => {
  expect(await refusalsOf(change(password))).toEqual([['WEAK_PASSWORD', 'newPassword']])
})

test('another than the current password is refused', async () => {
  for (const password of ['not this one', '', 'x'.repeat(1_000)]) {
    expect(await refusalsOf(passwords().check(person, password))).toEqual([
      ['WRONG_CREDENTIALS', 'currentPassword'],
    ])
  }
  await passwords().check(person, PASSWORD)
})

test('of two changes at once one holds', async () => {
  const outcomes = await Promise.allSettled([change(), change('yellow lantern after rain')])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('who logged in with the old password while it was changed has no session', async () => {
  await change()
  expect(await refusalsOf(sessions().open(person, 'late', now))).toEqual([['WRONG_CREDENTIALS', undefined]])
})
