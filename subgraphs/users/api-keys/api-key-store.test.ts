import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { silent } from '../../../test/support/stores.ts'
import { createAdministration } from '../administration.ts'
import { createErasureStore } from '../privacy/erasure-store.ts'
import { apiKeys, type PersonRow } from '../tables.ts'
import { openUsersStore, refusalsOf } from '../test-support.ts'
import type { NewApiKey } from './api-key.ts'
import { createApiKeyStore, MAX_KEYS } from './api-key-store.ts'

const now = new Date('2026-05-01T08:00:00Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000)

let database: Awaited<ReturnType<typeof openUsersStore>>
let ada: PersonRow
let admin: PersonRow
beforeAll(async () => {
  database = await openUsersStore()
  admin = await database.signUp()
  await administration().setRoleByOperator(admin.email, 'ADMIN', now)
})
beforeEach(async () => {
  ada = await database.signUp()
})
afterAll(() => database.close())

const keys = () => createApiKeyStore(database.db, silent)
const administration = () => createAdministration(database.db)
const create = (change: Partial<NewApiKey> = {}, owner = ada) =>
  keys().create(owner.id, { name: 'A bot', scopes: ['account:read'], ...change }, now)
const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url')
const bearer = (secret: string, at = now) => keys().bearer(hashOf(secret), at)
const suspension = () => ({ actorId: admin.id, userId: ada.id, reason: 'Cheats.' })

async function told(name: 'sessions.ended' | 'audit.recorded', about: string): Promise<object[]> {
  return (await database.published<object>(name)).filter((payload) => JSON.stringify(payload).includes(about))
}

test('a key speaks for its owner, by a secret that is not kept', async () => {
  const { apiKey, secret } = await create({ name: ' A bot ', expiresAt: later(60) })
  expect(secret).toMatch(/^podium_[\w-]{43}$/)
  expect(apiKey).toMatchObject({
    name: 'A bot',
    prefix: secret.slice(0, 12),
    scopes: ['account:read'],
    createdAt: now,
    lastUsedAt: null,
    expiresAt: later(60),
  })
  expect(await bearer(secret)).toEqual({
    userId: ada.id,
    role: 'USER',
    scopes: ['account:read'],
    sessionId: apiKey.id,
    expiresAt: later(60),
  })
  const { rows } = await database.pool.query('select * from api_keys where id = $1', [apiKey.id])
  expect(JSON.stringify(rows)).not.toContain(secret)
  expect(JSON.stringify(await told('audit.recorded', apiKey.id))).not.toContain(secret)
})

test('making and revoking a key is written down', async () => {
  const { apiKey } = await create()
  await keys().revoke(apiKey.id, ada.id, later(1))
  const made = { apiKeyId: apiKey.id, name: 'A bot', scopes: ['account:read'], expiresAt: null }
  expect(await told('audit.recorded', apiKey.id)).toMatchObject([
    { action: 'api_key.created', actorId: ada.id, subjectId: ada.id, details: made },
    { action: 'api_key.revoked', actorId: ada.id, details: { apiKeyId: apiKey.id, name: 'A bot' } },
  ])
})

test.each<[string, Partial<NewApiKey>, string]>([
  ['no name', { name: ' ' }, 'name'],
  ['a name too long', { name: 'x'.repeat(51) }, 'name'],
  ['a name of two lines', { name: 'a\nb' }, 'name'],
  ['a name that cannot be stored', { name: '\u0000' }, 'name'],
  ['no scope', { scopes: [] }, 'scopes'],
  ['a scope twice', { scopes: ['account:read', 'account:read'] }, 'scopes'],
  ['an unknown scope', { scopes: ['account:read', 'everything'] }, 'scopes'],
  ['a scope that their role has not', { scopes: ['users:admin'] }, 'scopes'],
  ['an end that has come', { expiresAt: now }, 'expiresAt'],
])('a key with %s is refused', async (_, change, field) => {
  expect(await refusalsOf(create(change))).toEqual([['INVALID_INPUT', field]])
})

test('all faults of a key are told at once, and which scopes there are', async () => {
  const refused = create({ name: '', scopes: ['root'], expiresAt: later(-1) })
  await expect(refused).rejects.toThrow('each once: schema:read, account:read, account:write.')
  expect(await refusalsOf(create({ name: '', scopes: [], expiresAt: later(-1) }))).toHaveLength(3)
})

test('an administrator gives the scopes of their role, which a key has as long as they do', async () => {
  const other = await database.signUp()
  await administration().setRoleByOperator(other.email, 'ADMIN', now)
  const { apiKey, secret } = await create({ scopes: ['users:admin', 'schema:read'] }, other)
  expect(await bearer(secret)).toMatchObject({ role: 'ADMIN', scopes: ['schema:read', 'users:admin'] })
  await administration().setRole({ actorId: admin.id, userId: other.id, role: 'USER' }, later(1))
  expect(await bearer(secret)).toMatchObject({ role: 'USER', scopes: ['schema:read'] })
  expect(await told('sessions.ended', apiKey.id)).toHaveLength(1)
})

test('a person has fifty keys, of which those that are over do not count', async () => {
  await create({ expiresAt: later(1) })
  const others = await Promise.all(Array.from({ length: MAX_KEYS - 1 }, () => create()))
  expect(await refusalsOf(create())).toEqual([['NOT_ALLOWED', undefined]])
  const input = { name: 'One more', scopes: ['account:read'] }
  await keys().create(ada.id, input, later(1))
  expect(await refusalsOf(keys().create(ada.id, input, later(1)))).toEqual([['NOT_ALLOWED', undefined]])
  await keys().revoke(others[0]?.apiKey.id ?? '', ada.id, later(1))
  await keys().create(ada.id, input, later(1))
})

test('of keys that are made at once no more than fifty are', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: MAX_KEYS + 5 }, () => create()))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(MAX_KEYS)
})

test('keys that were over for long are forgotten, when the next is made', async () => {
  const { apiKey } = await create()
  await create({ expiresAt: later(60) })
  const { apiKey: good } = await create()
  await keys().revoke(apiKey.id, ada.id, now)
  const held = () => database.db.$count(apiKeys, eq(apiKeys.userId, ada.id))
  const make = (at: Date) => keys().create(ada.id, { name: 'A bot', scopes: ['account:read'] }, at)
  await make(later(30 * 86_400))
  expect(await held()).toBe(4)
  await make(later(31 * 86_400))
  expect(await held()).toBe(3)
  expect((await keys().of(ada.id, later(31 * 86_400))).at(-1)).toEqual(good)
})

test('keys are listed latest first, as long as they are good', async () => {
  const first = await create({ expiresAt: later(60) })
  const second = await keys().create(ada.id, { name: 'Second', scopes: ['schema:read'] }, later(1))
  const revoked = await create()
  await keys().revoke(revoked.apiKey.id, ada.id, now)
  const listed = async (at: Date) => (await keys().of(ada.id, at)).map(({ id }) => id)
  expect(await listed(later(59))).toEqual([second.apiKey.id, first.apiKey.id])
  expect(await listed(later(60))).toEqual([second.apiKey.id])
})

test('a key that is revoked is nobody’s any more, and gateways are told', async () => {
  const { apiKey, secret } = await create()
  await keys().revoke(apiKey.id, ada.id, later(1))
  expect(await bearer(secret)).toBeNull()
  expect(await keys().ownerOf(apiKey.id, now)).toBeNull()
  expect(await told('sessions.ended', apiKey.id)).toEqual([
    { sessionIds: [apiKey.id], at: later(1).toISOString() },
  ])
  expect(await refusalsOf(keys().revoke(apiKey.id, ada.id, later(2)))).toEqual([['NOT_FOUND', 'id']])
})

test("nobody revokes another person's key, or what is none", async () => {
  const { apiKey, secret } = await create()
  for (const id of [apiKey.id, randomUUID(), 'x', '\u0000']) {
    expect(await refusalsOf(keys().revoke(id, admin.id, now))).toEqual([['NOT_FOUND', 'id']])
  }
  expect(await bearer(secret)).not.toBeNull()
})

test('a key is good until it expires', async () => {
  const { apiKey, secret } = await create({ expiresAt: later(60) })
  expect(await keys().ownerOf(apiKey.id, later(59))).toMatchObject({ id: ada.id })
  expect(await bearer(secret, later(59))).not.toBeNull()
  expect(await bearer(secret, later(60))).toBeNull()
  expect(await keys().ownerOf(apiKey.id, later(60))).toBeNull()
})

test('the keys of who is suspended are refused until that is lifted, and none is made', async () => {
  const { apiKey, secret } = await create()
  await administration().suspend(suspension(), later(1))
  expect(await bearer(secret)).toBeNull()
  expect(await keys().ownerOf(apiKey.id, now)).toBeNull()
  expect(await told('sessions.ended', apiKey.id)).toHaveLength(1)
  expect(await refusalsOf(create())).toEqual([['SUSPENDED', undefined]])
  await administration().unsuspend(suspension(), later(2))
  expect(await bearer(secret)).toMatchObject({ userId: ada.id })
})

test('who was erased has no keys, and makes none', async () => {
  const { apiKey, secret } = await create()
  await createErasureStore(database.db).erase(ada, later(1))
  expect(await bearer(secret)).toBeNull()
  expect(await told('sessions.ended', apiKey.id)).toHaveLength(1)
  expect(await refusalsOf(create())).toEqual([['NOT_FOUND', undefined]])
})

test('the use of a key is written down once in a minute', async () => {
  const { secret } = await create()
  const usedAt = async () => (await keys().of(ada.id, now))[0]?.lastUsedAt
  await bearer(secret, later(10))
  await bearer(secret, later(69))
  expect(await usedAt()).toEqual(later(10))
  await Promise.all([bearer(secret, later(70)), bearer(secret, later(71))])
  expect([later(70), later(71)]).toContainEqual(await usedAt())
})

test('a key is good although its use cannot be written down', async () => {
  const { secret } = await create()
  const logged: string[] = []
  const logger = pino({}, { write: (line: string) => void logged.push(line) })
  const unused = 'add constraint unused check (last_used_at is null) not valid'
  await database.pool.query(`alter table api_keys ${unused}`)
  try {
    expect(await createApiKeyStore(database.db, logger).bearer(hashOf(secret), now)).toMatchObject({
      userId: ada.id,
    })
  } finally {
    await database.pool.query('alter table api_keys drop constraint unused')
  }
  expect(logged.join()).toContain('was not written down')
  expect(logged.join()).not.toContain(secret)
})
