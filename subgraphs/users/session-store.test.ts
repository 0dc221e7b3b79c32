import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { OpenDatabase } from '../../platform/database.ts'
import { openTestStore } from '../../test/support/stores.ts'
import { createSessionStore, type OpenSession } from './session-store.ts'
import { createUserStore, type PersonRow } from './store.ts'

const start = new Date('2026-05-01T08:00:00Z')
const later = (seconds: number) => new Date(start.getTime() + seconds * 1_000)

let database: OpenDatabase
let ada: PersonRow
let session: OpenSession

const sessions = () => createSessionStore(database.db, 'a secret of the tests')

beforeAll(async () => {
  database = await openTestStore('users')
  const input = { email: 'Ada@example.com', password: 'violet kayak on the ridge', displayName: ' Ada ' }
  ada = await createUserStore(database.db).signUp({ ...input, timeZone: 'UTC' }, start)
})
afterAll(() => database.close())
beforeEach(async () => {
  session = await sessions().open(ada, 'jest', start)
})

test('a refresh token gives its successor, which goes on', async () => {
  const second = await sessions().refresh(session.refreshToken, later(60))
  const third = await sessions().refresh(second.refreshToken, later(120))
  expect(third.sessionId).toBe(session.sessionId)
  expect(new Set([session.refreshToken, second.refreshToken, third.refreshToken]).size).toBe(3)
})

test('twenty refreshes at once give one successor', async () => {
  const refreshed = await Promise.all(
    Array.from({ length: 20 }, () => sessions().refresh(session.refreshToken, later(60))),
  )
  expect(new Set(refreshed.map(({ refreshToken }) => refreshToken)).size).toBe(1)
})

test('a late second use ends the session and all its tokens', async () => {
  const second = await sessions().refresh(session.refreshToken, later(60))
  await expect(sessions().refresh(session.refreshToken, later(71))).rejects.toThrow(/Log in again/)
  await expect(sessions().refresh(second.refreshToken, later(72))).rejects.toThrow(/Log in again/)
  expect(await createUserStore(database.db).bySession(session.sessionId)).toBeNull()
})

test('an unknown token, one of an ended session and one older than thirty days are refused', async () => {
  await expect(sessions().refresh('unknown', start)).rejects.toThrow(/Log in again/)
  await expect(sessions().refresh(session.refreshToken, later(31 * 86_400))).rejects.toThrow(/Log in again/)
  await sessions().end(session.sessionId, start)
  await expect(sessions().refresh(session.refreshToken, later(1))).rejects.toThrow(/Log in again/)
})

test('no refresh token is stored', async () => {
  const { rows } = await database.pool.query('select hash from refresh_tokens')
  expect(rows.map(({ hash }) => hash)).not.toContain(session.refreshToken)
})
