import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Person } from '../../../platform/identity.ts'
import type { OpenRedis } from '../../../platform/redis.ts'
import { openTestRedis, silent } from '../../../test/support/stores.ts'
import { createAdministration } from '../administration.ts'
import { createApiKeyStore } from '../api-keys/api-key-store.ts'
import { createAuditLog } from '../audit.ts'
import { createAvatarStore } from '../avatars/avatar-store.ts'
import { createAttempts } from '../passwords/attempts.ts'
import { createPasswordStore } from '../passwords/password-store.ts'
import { createOutsideIdentities } from '../sessions/outside-identities.ts'
import { createSessionStore } from '../sessions/session-store.ts'
import { createUserStore } from '../store.ts'
import type { PersonRow } from '../tables.ts'
import { mails, openUsersStore, PASSWORD, refusalsOf } from '../test-support.ts'
import { createErasure } from './erasure.ts'
import { createErasureStore } from './erasure-store.ts'
import { createExportStore } from './export-store.ts'

const NOW = new Date('2026-05-01T08:00:00Z')
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)

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

const sessions = () => createSessionStore(database.db, 'secret')
const store = () => createErasureStore(database.db)

/** Erases as a request of this person would, from the session that it opened at NOW. */
async function erase(person: PersonRow, password = PASSWORD, now = later(1)): Promise<void> {
  const { sessionId } = await sessions().open(person, 'Firefox', NOW)
  const viewer: Person = { kind: 'person', id: person.id, role: 'USER', scopes: [], sessionId }
  const passwords = createPasswordStore(database.db, mails)
  const attempts = createAttempts(redis, silent)
  const parts = { store: store(), passwords, attempts, now: () => now }
  await createErasure(parts, { address: randomUUID() })(viewer, person, password)
}

const rowOf = async ({ id }: PersonRow) => (await createUserStore(database.db, mails).byIds([id]))[0]

/** Somebody for whom an outside issuer vouches. */
async function withoutPassword(): Promise<PersonRow> {
  const person = await database.signUp()
  await database.pool.query('update people set password_hash = null where id = $1', [person.id])
  return { ...person, passwordHash: null }
}

test('a row with the id is left, and when the account was opened', async () => {
  const ada = await database.signUp({ displayName: 'Ada', timeZone: 'Europe/Helsinki' })
  await erase(ada)
  expect(await rowOf(ada)).toMatchObject({
    id: ada.id,
    email: `${ada.id}@erased.invalid`,
    displayName: 'Deleted account',
    passwordHash: null,
    timeZone: 'UTC',
    joinedAt: ada.joinedAt,
    version: ada.version + 1,
    erasedAt: later(1),
  })
  expect(await database.published('user.erased')).toContainEqual({
    userId: ada.id,
    at: later(1).toISOString(),
  })
})

test('a wrong password is refused, and counted like one of a log-in', async () => {
  const ada = await database.signUp()
  for (let attempt = 0; attempt < 10; attempt++) {
    expect(await refusalsOf(erase(ada, 'not this one'))).toEqual([['WRONG_CREDENTIALS', 'password']])
  }
  expect(await refusalsOf(erase(ada))).toEqual([['TOO_MANY_ATTEMPTS', undefined]])
  expect((await rowOf(ada))?.erasedAt).toBeNull()
})

test('who has no password has to have signed in within five minutes', async () => {
  const ada = await withoutPassword()
  expect(await refusalsOf(erase(ada, '', later(6)))).toEqual([['NOT_ALLOWED', undefined]])
  await erase(ada, '', later(4))
  expect((await rowOf(ada))?.erasedAt).toEqual(later(4))
})

test('sessions and keys end, and gateways are told', async () => {
  const ada = await database.signUp()
  const { sessionId, refreshToken } = await sessions().open(ada, 'Firefox', NOW)
  const keys = createApiKeyStore(database.db, silent)
  const { apiKey } = await keys.create(ada.id, { name: 'scales', scopes: ['account:read'] }, NOW)
  await erase(ada)
  const told = await database.published<{ sessionIds: string[] }>('sessions.ended')
  expect(told.flatMap(({ sessionIds }) => sessionIds)).toEqual(expect.arrayContaining([sessionId, apiKey.id]))
  expect(await keys.ownerOf(apiKey.id, later(2))).toBeNull()
  expect(await refusalsOf(sessions().refresh(refreshToken, later(2)))).toEqual([
    ['TOKEN_EXPIRED', 'refreshToken'],
  ])
  await store().deleteSessions(ada.id)
  const { rows } = await database.pool.query('select from sessions where user_id = $1', [ada.id])
  expect(rows).toEqual([])
})

test('who was about to sign in, by whatever way, does not', async () => {
  const [ada, bob] = [await database.signUp(), await withoutPassword()]
  await erase(ada)
  await erase(bob, '')
  expect(await refusalsOf(sessions().open(ada, undefined, later(2)))).toEqual([
    ['WRONG_CREDENTIALS', undefined],
  ])
  expect(await refusalsOf(sessions().open(bob, undefined, later(2)))).toEqual([
    ['WRONG_CREDENTIALS', undefined],
  ])
})

test('a profile that was on its way is refused, and the database would not take it', async () => {
  const ada = await database.signUp()
  await erase(ada)
  const change = createUserStore(database.db, mails).updateProfile(ada.id, { displayName: 'Ada again' })
  expect(await refusalsOf(change)).toEqual([['NOT_FOUND', undefined]])
  const direct = database.pool.query(`update people set bio = 'Back.' where id = $1`, [ada.id])
  await expect(direct).rejects.toThrow(/people_erased/)
})

test('a second erasure at the same time is refused', async () => {
  const ada = await database.signUp()
  const outcomes = await Promise.allSettled([erase(ada), erase(ada)])
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

test('the last administrator stays, of two one may go', async () => {
  const administration = createAdministration(database.db)
  const [ada, bob] = [await database.signUp(), await database.signUp()]
  for (const { email } of [ada, bob]) await administration.setRoleByOperator(email, 'ADMIN', NOW)
  const outcomes = await Promise.allSettled([erase(ada), erase(bob)])
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const rows = await Promise.all([ada, bob].map(rowOf))
  expect(rows.filter((row) => row?.role === 'ADMIN')).toHaveLength(1)
})

test('nobody administers an account that is no more', async () => {
  const admin = await database.signUp()
  const administration = createAdministration(database.db)
  await administration.setRoleByOperator(admin.email, 'ADMIN', NOW)
  const ada = await database.signUp()
  await erase(ada)
  const act = { actorId: admin.id, userId: ada.id, role: 'ADMIN' as const }
  expect(await refusalsOf(administration.setRole(act, later(2)))).toEqual([['NOT_FOUND', 'userId']])
  expect(await administration.setRoleByOperator(`${ada.id}@erased.invalid`, 'ADMIN', later(2))).toBeNull()
})

test('the log keeps what was done to them and when, not the words, also of what it hears of later', async () => {
  const audit = createAuditLog(database.db)
  const ada = await database.signUp()
  const entry = (change: object) => ({
    auditId: randomUUID(),
    at: NOW.toISOString(),
    actorId: randomUUID(),
    action: 'leaderboard.score_adjusted',
    subjectType: 'user',
    subjectId: ada.id,
    details: { delta: -5, from: 'USER', competitionId: ada.id, reason: 'Ada cheated', scopes: ['a'] },
    ...change,
  })
  const ofRecord = {
    subjectType: 'record',
    subjectId: randomUUID(),
    details: { userId: ada.id, reason: 'Ada' },
  }
  await audit.record(entry({}))
  await audit.record(entry(ofRecord))
  await erase(ada)
  const late = entry({})
  await audit.record(late)
  await audit.record(late)
  await audit.record(entry(ofRecord))
  const { edges } = await audit.page({ subjectId: ada.id })
  expect(edges.map(({ node }) => node.details)).toEqual(
    edges.map(() => ({ delta: -5, from: 'USER', competitionId: ada.id })),
  )
  expect(edges).toHaveLength(2)
  const records = await audit.page({ subjectId: ofRecord.subjectId })
  expect(records.edges.map(({ node }) => node.details)).toEqual([{ userId: ada.id }, { userId: ada.id }])
})

test('what they did to others keeps its reason', async () => {
  const audit = createAuditLog(database.db)
  const [ada, bob] = [await database.signUp(), await database.signUp()]
  const act = {
    action: 'user.suspended',
    subjectType: 'user',
    subjectId: bob.id,
    details: { reason: 'Spam' },
  }
  await audit.record({ auditId: randomUUID(), at: NOW.toISOString(), actorId: ada.id, ...act })
  await erase(ada)
  const { edges } = await audit.page({ actorId: ada.id })
  expect(edges.map(({ node }) => node.details)).toEqual([{ reason: 'Spam' }])
})

test('entries that come while their person is erased are without words, too', async () => {
  const audit = createAuditLog(database.db)
  const ada = await database.signUp()
  const entries = Array.from({ length: 12 }, () => ({
    auditId: randomUUID(),
    at: NOW.toISOString(),
    actorId: null,
    action: 'api_key.created',
    subjectType: 'user',
    subjectId: ada.id,
    details: { name: 'of Ada' },
  }))
  await Promise.all([...entries.map(audit.record), erase(ada)])
  const { edges } = await audit.page({ subjectId: ada.id })
  expect(edges.map(({ node }) => node.details)).toEqual(edges.map(() => ({})))
})

test('archives of theirs are to be deleted', async () => {
  const ada = await database.signUp()
  const { id } = await createExportStore(database.db).request(ada.id, NOW)
  await erase(ada)
  const told = await database.published<{ exportId: string }>('export.expired')
  // Once for seven days later, once for now.
  expect(told.filter(({ exportId }) => exportId === id)).toHaveLength(2)
})

test('the address is free for another account', async () => {
  const ada = await database.signUp({ email: 'free@example.com' })
  await erase(ada)
  expect((await database.signUp({ email: 'free@example.com' })).id).not.toBe(ada.id)
})

test('nobody takes the address that an account is to have once it is erased', async () => {
  const ada = await database.signUp()
  const email = `${ada.id}@Erased.INVALID`
  expect(await refusalsOf(database.signUp({ email }))).toEqual([['INVALID_INPUT', 'email']])
  const vouched = {
    issuer: 'https://issuer.example',
    subject: 'a squatter',
    session: 'one',
    email,
    emailVerified: true,
  }
  const outside = createOutsideIdentities(database.db)
  expect(await refusalsOf(outside.signIn(vouched, NOW))).toEqual([['INVALID_INPUT', 'email']])
  await erase(ada)
})

test('an outside session that ended with the account stays over, and its token opens none', async () => {
  const outside = createOutsideIdentities(database.db)
  const vouched = {
    issuer: 'https://issuer.example',
    subject: 'ada',
    session: 'first',
    email: 'ada@issuer.example',
    emailVerified: true,
  }
  const { userId, sessionId } = await outside.signIn(vouched, NOW)
  const [ada] = await createUserStore(database.db, mails).byIds([userId])
  if (!ada) throw new Error('nobody was met')
  await store().erase(ada, later(1))
  await store().deleteSessions(userId)
  expect(await refusalsOf(outside.signIn(vouched, later(2)))).toEqual([['TOKEN_EXPIRED', undefined]])
  const anew = await outside.signIn({ ...vouched, session: 'second' }, later(3))
  expect(anew.userId).not.toBe(userId)
  expect(anew.sessionId).not.toBe(sessionId)
})

test('uploads go that are over, and those that are open when they are', async () => {
  const ada = await database.signUp()
  const uploads = createAvatarStore(database.db)
  const sent = { contentType: 'PNG' as const, byteLength: 100 }
  await uploads.open(ada.id, sent, later(-120))
  const open = await uploads.open(ada.id, sent, NOW)
  await erase(ada)
  const { rows } = await database.pool.query('select id from avatar_uploads where user_id = $1', [ada.id])
  expect(rows).toEqual([{ id: open.id }])
  expect(await uploads.over(later(200))).toContainEqual({ id: open.id, userId: ada.id, shown: null })
})
