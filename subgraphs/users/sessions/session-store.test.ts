import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { createUserStore } from '../store.ts'
import { type PersonRow, refreshTokens, sessions as sessionRows } from '../tables.ts'
import { mails, openUsersStore, refusalsOf } from '../test-support.ts'
import { MAX_SESSIONS } from './session-room.ts'
import { createSessionStore, type OpenSession } from './session-store.ts'

const start = new Date('2026-05-01T08:00:00Z')
const later = (seconds: number) => new Date(start.getTime() + seconds * 1_000)

let database: Awaited<ReturnType<typeof openUsersStore>>
let ada: PersonRow
let session: OpenSession

const sessions = () => createSessionStore(database.db, 'a secret of the tests')

const ended = async () =>
  (await database.published<{ sessionIds: string[] }>('sessions.ended')).flatMap(
    ({ sessionIds }) => sessionIds,
  )
const openOnes = async (now = start) => (await sessions().of(ada.id, now)).map(({ id }) => id)

beforeAll(async () => {
  database = await openUsersStore()
})
afterAll(() => database.close())
beforeEach(async () => {
  ada = await database.signUp()
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
  expect(await createUserStore(database.db, mails).bySession(session.sessionId)).toBeNull()
  expect(await ended()).toContain(session.sessionId)
  expect(await database.published('audit.recorded')).toContainEqual(
    expect.objectContaining({
      action: 'session.refresh_token_reused',
      actorId: null,
      subjectId: ada.id,
      details: { sessionId: session.sessionId },
    }),
  )
})

test('an unknown token, one of an ended session and one older than thirty days are refused', async () => {
  await expect(sessions().refresh('unknown', start)).rejects.toThrow(/Log in again/)
  await expect(sessions().refresh(session.refreshToken, later(31 * 86_400))).rejects.toThrow(/Log in again/)
  await sessions().end(session.sessionId, ada.id, start)
  await expect(sessions().refresh(session.refreshToken, later(1))).rejects.toThrow(/Log in again/)
})

test('no refresh token is stored', async () => {
  const { rows } = await database.pool.query('select hash from refresh_tokens')
  expect(rows.map(({ hash }) => hash)).not.toContain(session.refreshToken)
})

test('sessions are listed by their latest use, as long as they can be refreshed', async () => {
  const second = await sessions().open(ada, undefined, later(60))
  expect(await openOnes()).toEqual([second.sessionId, session.sessionId])
  await sessions().refresh(session.refreshToken, later(120))
  expect(await openOnes()).toEqual([session.sessionId, second.sessionId])
  expect(await sessions().of(ada.id, start)).toMatchObject([
    { userAgent: 'jest', createdAt: start, lastUsedAt: later(120) },
    { userAgent: null },
  ])
  expect(await openOnes(later(31 * 86_400))).toEqual([])
})

test('what nobody can sign in with any more is cleared away, of whomever', async () => {
  const { refreshToken } = await sessions().refresh(session.refreshToken, later(60))
  const bob = await database.signUp()
  const kept = async () => [
    await database.db.$count(sessionRows, eq(sessionRows.userId, ada.id)),
    await database.db.$count(refreshTokens, eq(refreshTokens.sessionId, session.sessionId)),
  ]
  const days = 30 * 86_400
  await sessions().open(bob, 'jest', later(days))
  expect(await kept()).toEqual([1, 2])
  await sessions().open(bob, 'jest', later(days + 30))
  expect(await kept()).toEqual([1, 1])
  await sessions().open(bob, 'jest', later(days + 61))
  expect(await kept()).toEqual([0, 0])
  expect(await refusalsOf(sessions().refresh(refreshToken, later(days + 61)))).toEqual([
    ['TOKEN_EXPIRED', 'refreshToken'],
  ])
})

test('one session is ended, and told to be, and is not there to be ended again', async () => {
  const second = await sessions().open(ada, 'jest', later(1))
  await sessions().end(second.sessionId, ada.id, later(2))
  expect(await openOnes()).toEqual([session.sessionId])
  expect(await ended()).toContain(second.sessionId)
  expect(await refusalsOf(sessions().end(second.sessionId, ada.id, later(3)))).toEqual([
    ['NOT_FOUND', 'sessionId'],
  ])
})

test("nobody ends another person's session, or what is none", async () => {
  const bo = await database.signUp({ displayName: 'Bo' })
  for (const id of [session.sessionId, '00000000-0000-4000-8000-000000000000', 'x', '\u0000']) {
    expect(await refusalsOf(sessions().end(id, bo.id, start))).toEqual([['NOT_FOUND', 'sessionId']])
  }
  expect(await openOnes()).toEqual([session.sessionId])
})

test("all other sessions of a person are ended at once, and nobody else's", async () => {
  const bo = await database.signUp({ displayName: 'Bo' })
  const others = await sessions().open(bo, 'jest', start)
  const mine = [await sessions().open(ada, 'jest', start), await sessions().open(ada, 'jest', start)]
  await sessions().endOthers(session.sessionId, ada.id, later(1))
  expect(await openOnes()).toEqual([session.sessionId])
  expect(await ended()).toEqual(expect.arrayContaining(mine.map(({ sessionId }) => sessionId)))
  expect(await ended()).not.toContain(others.sessionId)
})

test('a hundred sessions are kept: one more ends the one used longest ago', async () => {
  for (let n = 1; n < MAX_SESSIONS; n++) await sessions().open(ada, 'jest', later(n))
  expect(await openOnes()).toHaveLength(MAX_SESSIONS)
  const last = await sessions().open(ada, 'jest', later(MAX_SESSIONS))
  const open = await openOnes()
  expect(open).toHaveLength(MAX_SESSIONS)
  expect(open).toContain(last.sessionId)
  expect(open).not.toContain(session.sessionId)
})
