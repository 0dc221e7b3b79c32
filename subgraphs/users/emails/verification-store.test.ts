import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eq } from 'drizzle-orm'
import type { EventPayload } from '../../../platform/events.ts'
import { createErasureStore } from '../privacy/erasure-store.ts'
import { hashToken } from '../sessions/tokens.ts'
import { emailTokens, type PersonRow, people } from '../tables.ts'
import { mails, openUsersStore, refusalsOf, tokenIn } from '../test-support.ts'
import { createVerificationStore } from './verification-store.ts'

const now = new Date('2026-05-01T08:00:00Z')
const after = (hours: number) => new Date(now.getTime() + hours * 3_600_000)

let database: Awaited<ReturnType<typeof openUsersStore>>
beforeAll(async () => {
  database = await openUsersStore()
})
afterAll(() => database.close())

const verification = () => createVerificationStore(database.db, mails)
const mailsTo = async ({ id }: PersonRow) => {
  const all = await database.published<EventPayload<'email.requested'>>('email.requested')
  return all.filter(({ userId }) => userId === id)
}
const latestToken = async (person: PersonRow) => tokenIn((await mailsTo(person)).at(-1))
const change = (person: PersonRow, set: Partial<PersonRow>) =>
  database.db.update(people).set(set).where(eq(people.id, person.id))

test('signing up sends a link to the address, of which the hash alone is kept', async () => {
  const person = await database.signUp({}, now)
  const [mail, ...others] = await mailsTo(person)
  expect(others).toEqual([])
  expect(mail).toMatchObject({
    to: person.email,
    kind: 'VERIFY_EMAIL',
    link: expect.stringMatching(/^https:\/\/app\.example\/verify-email\?token=[\w-]{43}$/),
    at: now.toISOString(),
    expiresAt: after(24).toISOString(),
  })
  const kept = await database.db.select().from(emailTokens).where(eq(emailTokens.userId, person.id))
  expect(kept).toEqual([
    {
      hash: hashToken(tokenIn(mail)),
      userId: person.id,
      purpose: 'VERIFY_EMAIL',
      email: person.email,
      issuedAt: now,
      expiresAt: after(24),
      usedAt: null,
    },
  ])
})

test('the token of a link verifies the address, once', async () => {
  const person = await database.signUp({}, now)
  const token = await latestToken(person)
  expect(await verification().verify(token, after(23.9))).toMatchObject({
    id: person.id,
    emailVerifiedAt: after(23.9),
  })
  expect(await refusalsOf(verification().verify(token, after(23.9)))).toEqual([['TOKEN_EXPIRED', 'token']])
  expect(await refusalsOf(verification().request(person.id, after(24)))).toEqual([['CONFLICT', undefined]])
})

test('of twenty uses at once one holds', async () => {
  const token = await latestToken(await database.signUp({}, now))
  const uses = Array.from({ length: 20 }, () => verification().verify(token, now))
  const outcomes = await Promise.allSettled(uses)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('a token is good for a day', async () => {
  const token = await latestToken(await database.signUp({}, now))
  expect(await refusalsOf(verification().verify(token, after(24)))).toEqual([['TOKEN_EXPIRED', 'token']])
})

test.each(['', 'x', randomUUID(), 'A'.repeat(43), '\0'])('%j is no token', async (token) => {
  expect(await refusalsOf(verification().verify(token, now))).toEqual([['TOKEN_EXPIRED', 'token']])
})

test('a newer link makes the older ones void', async () => {
  const person = await database.signUp({}, now)
  const older = await latestToken(person)
  await verification().request(person.id, now)
  const newer = await latestToken(person)
  expect(newer).not.toBe(older)
  expect(await refusalsOf(verification().verify(older, now))).toEqual([['TOKEN_EXPIRED', 'token']])
  expect((await verification().verify(newer, now)).emailVerifiedAt).toEqual(now)
})

test('five mails an hour go to a person, and more when the hour is over', async () => {
  const person = await database.signUp({}, now)
  const requests = Array.from({ length: 10 }, () => verification().request(person.id, after(0.5)))
  const outcomes = await Promise.allSettled(requests)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
  expect(await mailsTo(person)).toHaveLength(5)
  expect(await refusalsOf(verification().request(person.id, after(0.9)))).toEqual([
    ['TOO_MANY_ATTEMPTS', undefined],
  ])
  await verification().request(person.id, after(1.1))
})

test('what links were for is forgotten when it is long over', async () => {
  const person = await database.signUp({}, now)
  await verification().request(person.id, after(100))
  const kept = await database.db.select().from(emailTokens).where(eq(emailTokens.userId, person.id))
  expect(kept.map(({ issuedAt }) => issuedAt)).toEqual([after(100)])
})

test('a link is void once its address is not the account’s, or the account was erased', async () => {
  for (const happens of [
    (person: PersonRow) => change(person, { email: `${randomUUID()}@example.com` }),
    (person: PersonRow) => createErasureStore(database.db).erase(person, now),
  ]) {
    const person = await database.signUp({}, now)
    await happens(person)
    const token = await latestToken(person)
    expect(await refusalsOf(verification().verify(token, now))).toEqual([['TOKEN_EXPIRED', 'token']])
  }
})

test('who is suspended is told so, and may use the link once that is lifted', async () => {
  const person = await database.signUp({}, now)
  const token = await latestToken(person)
  await change(person, { suspendedAt: now })
  expect(await refusalsOf(verification().verify(token, now))).toEqual([['SUSPENDED', undefined]])
  await change(person, { suspendedAt: null })
  expect((await verification().verify(token, now)).id).toBe(person.id)
})
