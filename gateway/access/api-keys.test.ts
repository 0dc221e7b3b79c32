import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { rateLimited } from '../../platform/errors.ts'
import { silent } from '../../test/support/stores.ts'
import { SubgraphError } from '../transport/transport.ts'
import { withApiKeys } from './api-keys.ts'
import type { Authenticator } from './credentials.ts'
import { openEndedSessions } from './ended-sessions.ts'

type Told = { role: string; scopes: string[]; expiresAt: string | null } | null

const tokens: Authenticator = {
  authenticate: async () => ({ identity: { kind: 'anonymous' }, expiresAt: null }),
  close() {},
}

const newKey = () => `Bearer podium_${randomBytes(32).toString('base64url')}`

/** An authenticator by a clock that stands until it is moved; `told` is what users answers of every key. */
function open({ isAlone = false } = {}) {
  const state = {
    time: 1_000_000,
    asked: 0,
    told: { role: 'USER', scopes: ['account:read'], expiresAt: null } as Told,
    /** What happens between a question and its answer. */
    meanwhile: async () => {},
    text: (apiKeyBearer: object | null): string => JSON.stringify({ data: { apiKeyBearer } }),
  }
  const now = () => new Date(state.time)
  const ended = openEndedSessions({ redis: null, now, logger: silent })
  const users = {
    async send(request: { caller: { identity: object } }) {
      state.asked++
      expect(request).toMatchObject({ kind: 'query', caller: { identity: { kind: 'gateway' } } })
      const { told, meanwhile } = state
      await meanwhile()
      return state.text(told && { userId: 'ada', sessionId: 'key', ...told })
    },
    close: async () => {},
  }
  const { authenticate } = withApiKeys(tokens, {
    users: () => (isAlone ? undefined : users),
    ended,
    now,
    logger: silent,
  })
  const codeOf = (key: unknown) =>
    authenticate(key).then(
      () => undefined,
      (error: { extensions: { code: string } }) => error.extensions.code,
    )
  return { state, ended, authenticate, codeOf }
}

test('a key is a person’s program within its scopes, until it expires', async () => {
  const { state, authenticate } = open()
  state.told = { role: 'ADMIN', scopes: ['users:admin'], expiresAt: '2026-05-01T08:00:00.000Z' }
  expect(await authenticate(newKey())).toEqual({
    identity: { kind: 'person', id: 'ada', role: 'ADMIN', scopes: ['users:admin'], sessionId: 'key', isProgram: true }, // biome-ignore format: one value
    expiresAt: new Date('2026-05-01T08:00:00Z'),
  })
})

test('a key is asked about once in half a minute, however many present it at once', async () => {
  const { state, authenticate } = open()
  const key = newKey()
  await Promise.all(Array.from({ length: 20 }, () => authenticate(key)))
  state.time += 29_999
  await authenticate(key)
  expect(state.asked).toBe(1)
  state.time += 1
  await authenticate(key)
  expect(state.asked).toBe(2)
})

test('a key that nobody has is refused, and asked about once in five seconds', async () => {
  const { state, codeOf } = open()
  state.told = null
  const key = newKey()
  const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(key)))
  expect(new Set(codes)).toEqual(new Set(['UNAUTHENTICATED']))
  await codeOf(key)
  expect(state.asked).toBe(1)
  state.time += 5_000
  await codeOf(key)
  expect(state.asked).toBe(2)
})

test.each([
  'podium_',
  'podium_short',
  `podium_${'a'.repeat(44)}`,
  `podium_${'é'.repeat(43)}`,
  `podium_${"'".repeat(43)}`,
])('nobody is asked about what cannot be a key: %s', async (secret) => {
  const { state, codeOf } = open()
  expect(await codeOf(`Bearer ${secret}`)).toBe('UNAUTHENTICATED')
  expect(state.asked).toBe(0)
})

test('who presents no key is let in as before, and everyone where nobody knows of keys', async () => {
  const { state, authenticate } = open()
  for (const other of [undefined, 'Bearer token', 'podium_', { podium_: 1 }, 'Basic podium_']) {
    expect((await authenticate(other)).identity).toEqual({ kind: 'anonymous' })
  }
  expect(state.asked).toBe(0)
  const alone = open({ isAlone: true })
  expect((await alone.authenticate(newKey())).identity).toEqual({ kind: 'anonymous' })
})

test('a key that is told to have ended is asked about at once, and may be good for less', async () => {
  const { state, ended, authenticate, codeOf } = open()
  const key = newKey()
  await authenticate(key)
  ended.add('key')
  state.told = { role: 'USER', scopes: [], expiresAt: null }
  expect((await authenticate(key)).identity).toMatchObject({ scopes: [] })
  expect(ended.has('key')).toBe(false)
  expect(state.asked).toBe(2)
  await authenticate(key)
  expect(state.asked).toBe(2)
  ended.add('key')
  state.told = null
  expect(await codeOf(key)).toBe('UNAUTHENTICATED')
})

test('what was answered of a key that ended meanwhile is not believed', async () => {
  const { state, ended, codeOf } = open()
  state.meanwhile = async () => {
    state.meanwhile = async () => {}
    state.told = null
    ended.add('key')
  }
  const key = newKey()
  expect(await codeOf(key)).toBe('UNAUTHENTICATED')
  expect(state.asked).toBe(2)
})

test.each<[string, (text: string) => string]>([
  ['is away', () => { throw new SubgraphError('connect ECONNREFUSED') }], // biome-ignore format: one thought
  ['answers no JSON', () => 'Bad gateway'],
  ['cannot tell', () => '{"errors":[{"message":"masked"}],"data":{"apiKeyBearer":null}}'],
  ['tells something else', () => '{"data":{"apiKeyBearer":{"userId":"ada"}}}'],
])('while users %s, those with a key are asked to come later', async (_, text) => {
  const { state, codeOf } = open()
  const key = newKey()
  const before = state.text
  state.text = () => text('')
  expect(await codeOf(key)).toBe('UNAVAILABLE')
  state.text = before
  expect(await codeOf(key)).toBeUndefined()
})

test('what is remembered of keys that nobody has is bounded', async () => {
  const { state, codeOf } = open()
  state.told = null
  const first = newKey()
  await codeOf(first)
  for (let n = 0; n < 10_000; n++) await codeOf(newKey())
  const { asked } = state
  await codeOf(first)
  expect(state.asked).toBe(asked + 1)
})

test('what comes before asking keeps strangers from it, and nobody whose key was good', async () => {
  const { state, authenticate } = open()
  const key = newKey()
  let counted = 0
  const count = () => void counted++
  await authenticate(key, count)
  state.time += 30_000
  await authenticate(key, count)
  expect([counted, state.asked]).toEqual([1, 2])
  const refuse = () => {
    throw rateLimited('Too many.', 1)
  }
  await expect(authenticate(newKey(), refuse)).rejects.toMatchObject({ extensions: { code: 'RATE_LIMITED' } })
  state.time += 30_000
  state.told = null
  await expect(authenticate(key, refuse)).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } })
  state.time += 5_000
  await expect(authenticate(key, refuse)).rejects.toMatchObject({ extensions: { code: 'RATE_LIMITED' } })
  expect(state.asked).toBe(3)
})
