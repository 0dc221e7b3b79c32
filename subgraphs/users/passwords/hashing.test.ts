import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import * as argon2 from '@node-rs/argon2'

// What hashing does is counted: how long it takes differs from machine to machine.

let verified: { stored: string; password: unknown }[] = []
let running = 0
let most = 0

jest.unstable_mockModule('@node-rs/argon2', () => ({
  hash: argon2.hash,
  async verify(stored: string, password: string) {
    verified.push({ stored, password })
    most = Math.max(most, ++running)
    return argon2.verify(stored, password).finally(() => running--)
  },
}))
const { hashPassword, verifyPassword } = await import('./password.ts')
const { createUserStore } = await import('../store.ts')
const { mails, openUsersStore, PASSWORD, refusalsOf } = await import('../test-support.ts')

let database: Awaited<ReturnType<typeof openUsersStore>>
beforeAll(async () => {
  database = await openUsersStore()
})
beforeEach(() => {
  verified = []
  most = 0
})
afterAll(() => database.close())

/** Argon2id with 19 MiB, twice, in one lane, as OWASP recommends. */
const today = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

test('a password is hashed by Argon2id, with 19 MiB and two passes', async () => {
  expect(await hashPassword(PASSWORD)).toMatch(today)
})

test('an unknown address is as much work as a wrong password', async () => {
  const { email } = await database.signUp()
  const logIn = (address: string) =>
    refusalsOf(createUserStore(database.db, mails).authenticate({ email: address, password: 'wrong' }))
  for (const address of [email, 'nobody@example.com']) {
    expect(await logIn(address)).toEqual([['WRONG_CREDENTIALS', undefined]])
  }
  expect(verified).toEqual([
    { stored: expect.stringMatching(today), password: 'wrong' },
    { stored: expect.stringMatching(today), password: 'wrong' },
  ])
})

test('no more passwords are hashed at once than there are cores', async () => {
  const stored = await hashPassword(PASSWORD)
  const cores = availableParallelism()
  await Promise.all(Array.from({ length: 3 * cores }, () => verifyPassword(stored, PASSWORD)))
  expect(verified).toHaveLength(3 * cores)
  expect(most).toBe(cores)
})
