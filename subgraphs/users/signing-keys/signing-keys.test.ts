import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { importJWK, jwtVerify } from 'jose'
import { pino } from 'pino'
import { StartupError } from '../../../platform/listen.ts'
import { silent } from '../../../test/support/stores.ts'
import { createTokenIssuer } from '../sessions/tokens.ts'
import { openUsersStore } from '../test-support.ts'
import { PUBLISHED_AFTER, PUBLISHED_BEFORE } from './key-states.ts'
import { createSigningKeyStore } from './signing-key-store.ts'
import { openSigningKeys } from './signing-keys.ts'

const SECRET = 'a secret of the tests'
const DAY = 86_400_000 // ms
const PERIOD = 30 * DAY
const start = Date.parse('2026-05-01T00:00:00Z')

let database: Awaited<ReturnType<typeof openUsersStore>>
beforeAll(async () => {
  database = await openUsersStore()
})
afterAll(() => database.close())
afterEach(() => database.pool.query('delete from signing_keys'))

const clock = { time: start }
const now = () => new Date(clock.time)

/** A process of the subgraph, as far as keys go. */
async function open(secret = SECRET, logger = silent) {
  const store = createSigningKeyStore(database.db, secret)
  const keep = () => store.keep(now(), PERIOD)
  await keep()
  const keys = await openSigningKeys({ store, secret, now, logger })
  const kids = async () => (await keys.jwks()).keys.map(({ kid }) => kid)
  return { ...keys, store, keep, kids, issue: createTokenIssuer(keys) }
}

const signerOf = async ({ signer }: Awaited<ReturnType<typeof open>>) => (await signer()).kid

/** When the schedule is looked at next. */
async function due() {
  const { rows } = await database.queue.query(
    "select run_at from events._private_jobs where key = 'users/signing_keys.due:schedule'",
  )
  return rows.map(({ run_at }) => run_at.getTime())
}

test('of many processes that start at once one makes the first key', async () => {
  clock.time = start
  const replicas = await Promise.all(Array.from({ length: 5 }, () => open()))
  const signers = await Promise.all(replicas.map(signerOf))
  expect(new Set(signers).size).toBe(1)
  expect(await replicas[0]?.kids()).toEqual([signers[0]])
})

test('two replicas rotate once, publish the same and change over at the same time', async () => {
  clock.time = start
  const [one, other] = [await open(), await open()]
  const first = await signerOf(one)

  clock.time = start + PERIOD - PUBLISHED_BEFORE
  await Promise.all([one.keep(), other.keep(), one.keep(), other.keep()])
  const published = await one.kids()
  expect(published).toHaveLength(2)
  expect(await other.kids()).toEqual(published)
  expect([await signerOf(one), await signerOf(other)]).toEqual([first, first])

  clock.time = start + PERIOD
  const [second] = published.filter((kid) => kid !== first)
  expect([await signerOf(one), await signerOf(other)]).toEqual([second, second])
  expect(await other.kids()).toEqual(published)

  clock.time = start + PERIOD + PUBLISHED_AFTER
  expect([await one.kids(), await other.kids()]).toEqual([[second], [second]])
  await one.keep()
  expect((await one.store.all()).map(({ kid }) => kid)).toEqual([second])
})

test('each look at the schedule sets the next, and there is one', async () => {
  clock.time = start
  const replica = await open()
  await open()
  const slack = 60_000 // ms
  expect(await due()).toEqual([start + PERIOD - PUBLISHED_BEFORE + slack])
  clock.time = start + PERIOD - PUBLISHED_BEFORE
  await replica.keep()
  expect(await due()).toEqual([start + PERIOD + PUBLISHED_AFTER + slack])
})

test('a process that was stopped while a key was due makes up for it when it starts', async () => {
  clock.time = start
  const first = await signerOf(await open())
  clock.time = start + 99 * DAY
  const replica = await open()
  expect(await signerOf(replica)).toBe(first)
  expect(await replica.kids()).toHaveLength(2)
  clock.time += PUBLISHED_BEFORE
  expect(await signerOf(replica)).not.toBe(first)
})

test('a rotation that was asked for comes once, however often it is asked for', async () => {
  clock.time = start
  const replica = await open()
  const first = await signerOf(replica)
  const operator = createSigningKeyStore(database.db, SECRET)
  const asked = await Promise.all(Array.from({ length: 5 }, () => operator.rotate(now())))
  expect(new Set(asked).size).toBe(1)
  clock.time += PUBLISHED_BEFORE
  expect(await signerOf(replica)).toBe(asked[0])
  expect(await replica.kids()).toEqual([first, asked[0]])
})

test('a rotation with another secret than that of the processes is refused', async () => {
  clock.time = start
  const replica = await open()
  await expect(createSigningKeyStore(database.db, 'another').rotate(now())).rejects.toThrow(/USERS_SECRET/)
  expect(await replica.store.all()).toHaveLength(1)
})

test('a key that is revoked is published no longer, and another signs', async () => {
  clock.time = start
  const replica = await open()
  const first = await signerOf(replica)
  clock.time += 5_000
  expect(await replica.store.revoke(first, now())).toBe(true)
  const second = await signerOf(replica)
  expect(await replica.kids()).toEqual([second])
  expect(second).not.toBe(first)
  expect(await replica.store.revoke(first, now())).toBe(false)
})

test('where one waits to sign, it does so at once in place of one that is revoked', async () => {
  clock.time = start
  const replica = await open()
  const next = await replica.store.rotate(now())
  await replica.store.revoke(await signerOf(replica), now())
  clock.time += 5_000
  expect(await signerOf(replica)).toBe(next)
  expect(await replica.kids()).toEqual([next])
})

test('a key before the one that is revoked does not sign again', async () => {
  clock.time = start
  const replica = await open()
  const first = await signerOf(replica)
  const second = await replica.store.rotate(now())
  clock.time += PUBLISHED_BEFORE
  await replica.store.revoke(second, now())
  clock.time += 5_000
  expect([first, second]).not.toContain(await signerOf(replica))
})

test('what operators do with keys is in the audit log, without keys', async () => {
  clock.time = start
  const replica = await open()
  const kid = await replica.store.rotate(now())
  await replica.store.revoke(kid, now())
  const entries = await database.published<{ subjectId: string; action: string }>('audit.recorded')
  expect(entries.filter(({ subjectId }) => subjectId === kid)).toMatchObject([
    { action: 'signing_key.rotated', actorId: null, subjectType: 'signing_key', details: {} },
    { action: 'signing_key.revoked', actorId: null, subjectType: 'signing_key', details: {} },
  ])
})

test('tokens are verified by what is published, for as long as they hold, across a rotation', async () => {
  clock.time = start
  const replica = await open()
  await replica.store.rotate(now())
  for (const minutes of [0, 14, 15, 16, 25, 40]) {
    clock.time = start + minutes * 60_000
    const { accessToken, expiresAt } = await replica.issue({ id: 'ada', role: 'USER' }, 'session', now())
    for (const time of [clock.time, expiresAt.getTime() + 30_000]) {
      clock.time = time
      const verified = jwtVerify(
        accessToken,
        async ({ kid }) => {
          const jwk = (await replica.jwks()).keys.find((key) => key.kid === kid)
          if (!jwk) throw new Error(`${kid} is not published`)
          return importJWK(jwk, 'EdDSA')
        },
        { currentDate: now(), clockTolerance: 31 },
      )
      expect((await verified).payload.sub).toBe('ada')
    }
  }
})

test('private keys are neither published nor readable without the secret, of which a start says so', async () => {
  clock.time = start
  const replica = await open()
  for (const jwk of (await replica.jwks()).keys) expect(Object.keys(jwk)).not.toContain('d')
  const [row] = await replica.store.all()
  expect(row?.sealedPrivateKey).not.toMatch(/PRIVATE|MC4CAQ/)
  await expect(open('another secret')).rejects.toThrow(StartupError)
  await expect(open('another secret')).rejects.toThrow(new RegExp(`revoke ${row?.kid}`))
})

test('while the keys cannot be read, those that are known go on, and what is logged has none of them', async () => {
  clock.time = start
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(line) })
  const store = createSigningKeyStore(database.db, SECRET)
  await store.keep(now(), PERIOD)
  let isAway = false
  const all = () => (isAway ? Promise.reject(new Error('connection refused')) : store.all())
  const keys = await openSigningKeys({ store: { all }, secret: SECRET, now, logger })
  const { kid } = await keys.signer()
  isAway = true
  clock.time += 5_000
  expect((await keys.signer()).kid).toBe(kid)
  expect((await keys.jwks()).keys.map((key) => key.kid)).toEqual([kid])
  expect(lines).toHaveLength(1)
  expect(lines[0]).not.toMatch(/sealed|PRIVATE|"x"/)
})
