import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openProduction } from './support/production.ts'
import {
  eventually,
  openTestSupergraph,
  type Person,
  settled,
  type TestSupergraph,
} from './support/supergraph.ts'

let podium: TestSupergraph
beforeAll(async () => {
  podium = await openTestSupergraph({ APP_URL: 'https://app.example' })
})
afterAll(() => podium.close())

type Mail = { to: string; subject: string; text: string }
type Refusable = { userErrors: { code: string }[] }
type SignedIn = Refusable & { session: { accessToken: string; refreshToken: string; viewer: { id: string; emailVerified: boolean } } } // biome-ignore format: one type

const NEW = 'orange harbour before noon'

/** What the outbox shows of mails to an address, newest first. */
async function mailsTo(address: string): Promise<Mail[]> {
  const response = await fetch(new URL('/outbox.json', podium.url))
  return ((await response.json()) as Mail[]).filter(({ to }) => to === address)
}

/** The code in the mail of a subject, once it is there: its last for now. */
async function codeIn(address: string, subject: string): Promise<string> {
  await settled(podium.queue)
  const [mail] = (await mailsTo(address)).filter((one) => one.subject === subject)
  const [code] = /^[\w-]{43}$/m.exec(mail?.text ?? '') ?? []
  if (!code) throw new Error(`${address} has no mail with a code`)
  return code
}

const VERIFY = 'Verify your address'
const RESET = 'Choose another password'

async function ask<Payload>(field: string, variables: object, { token }: { token?: string } = {}) {
  const declared = Object.keys(variables).map(
    (name) => `$${name}: ${name === 'email' ? 'EmailAddress!' : 'String!'}`,
  )
  const given = Object.keys(variables).map((name) => `${name}: $${name}`)
  const shape = { verifyEmail: 'viewer { id emailVerified }', resetPassword: 'session { accessToken refreshToken viewer { id emailVerified } }' }[field] ?? '' // biome-ignore format: one table
  const [head, args] = given.length > 0 ? [`(${declared})`, `(${given})`] : ['', '']
  const query = `mutation ${head} { ${field}${args} { ${shape} userErrors { code } } }`
  return ((await podium.client.send(query, variables, token)) as Record<string, Payload>)[field] as Payload
}

const codesOf = ({ userErrors }: Refusable) => userErrors.map(({ code }) => code)
const requestReset = (email: string) => ask<Refusable>('requestPasswordReset', { email })
const resetPassword = (token: string, newPassword = NEW) =>
  ask<SignedIn>('resetPassword', { token, newPassword })
const verify = (token: string, as: { token?: string } = {}) =>
  ask<Refusable & { viewer: { id: string; emailVerified: boolean } | null }>('verifyEmail', { token }, as)
const isVerified = async (person: Person) =>
  (await person.send<{ viewer: { emailVerified: boolean } }>('{ viewer { emailVerified } }')).viewer
    .emailVerified

test('who signs up finds a link in the outbox, and verifies the address with it', async () => {
  const ada = await podium.person('Ada')
  expect(await isVerified(ada)).toBe(false)
  const code = await codeIn(ada.email, VERIFY)
  const [mail] = await mailsTo(ada.email)
  // Her name comes to notifications by an event of its own, before the mail's or after it.
  expect(mail?.text).toMatch(/^Hello( Ada)?,$/m)
  expect(mail?.text).toContain(`\nhttps://app.example/verify-email?token=${code}\n`)
  expect(await verify(code, ada)).toEqual({ viewer: { id: ada.id, emailVerified: true }, userErrors: [] })
  expect(codesOf(await verify(code, ada))).toEqual(['TOKEN_EXPIRED'])
  expect(await isVerified(ada)).toBe(true)
  expect(codesOf(await ask<Refusable>('requestEmailVerification', {}, ada))).toEqual(['CONFLICT'])
})

test('who has been here for a while is greeted by name', async () => {
  const ada = await podium.person('Ada')
  await settled(podium.queue)
  await requestReset(ada.email)
  await codeIn(ada.email, RESET)
  const [mail] = await mailsTo(ada.email)
  expect(mail?.text).toMatch(/^Hello Ada,$/m)
})

test('a link that another person or nobody opens verifies its address, and shows them no account', async () => {
  const [bo, cy, eve] = await Promise.all(['Bo', 'Cy', 'Eve'].map((name) => podium.person(name)))
  if (!bo || !cy || !eve) throw new Error('nobody signed up')
  expect(await verify(await codeIn(bo.email, VERIFY), eve)).toEqual({ viewer: null, userErrors: [] })
  expect(await verify(await codeIn(cy.email, VERIFY))).toEqual({ viewer: null, userErrors: [] })
  expect(await Promise.all([bo, cy, eve].map(isVerified))).toEqual([true, true, false])
})

test('who forgot the password chooses another: old sessions and the old password are no more', async () => {
  const flo = await podium.person('Flo')
  expect(codesOf(await requestReset(flo.email))).toEqual([])
  const code = await codeIn(flo.email, RESET)
  expect(codesOf(await resetPassword(code, 'password1234'))).toEqual(['WEAK_PASSWORD'])
  const { session } = await resetPassword(code)
  expect(session.viewer).toEqual({ id: flo.id, emailVerified: true })

  await eventually(
    () => flo.send('{ viewer { id } }').then(() => null, (error: Error) => error.message), // biome-ignore format: one call
    (refused) => refused !== null,
  )
  const again = await podium.client.send<{ viewer: { id: string } }>(
    '{ viewer { id } }',
    {},
    session.accessToken,
  )
  expect(again.viewer.id).toBe(flo.id)
  const logIn = (password: string) =>
    podium.client.send<{ logIn: Refusable }>(
      'mutation ($input: LogInInput!) { logIn(input: $input) { userErrors { code } } }',
      { input: { email: flo.email, password } },
    )
  expect(codesOf((await logIn(flo.password)).logIn)).toEqual(['WRONG_CREDENTIALS'])
  expect(codesOf((await logIn(NEW)).logIn)).toEqual([])
  expect(codesOf(await resetPassword(code))).toEqual(['TOKEN_EXPIRED'])
  await settled(podium.queue)
  expect((await mailsTo(flo.email)).map(({ subject }) => subject)).toContain('Your password was changed')
})

test('a link is good for its purpose and its hour alone', async () => {
  const gil = await podium.person('Gil')
  const verifying = await codeIn(gil.email, VERIFY)
  await requestReset(gil.email)
  const resetting = await codeIn(gil.email, RESET)
  expect(codesOf(await resetPassword(verifying))).toEqual(['TOKEN_EXPIRED'])
  expect(codesOf(await verify(resetting))).toEqual(['TOKEN_EXPIRED'])
  await podium.passTo(new Date(podium.now().getTime() + 3_600_000))
  expect(codesOf(await resetPassword(resetting))).toEqual(['TOKEN_EXPIRED'])
})

test('an address without an account is answered alike, and gets no mail', async () => {
  const hal = await podium.person('Hal')
  const nobody = `nobody.${hal.email}`
  const answers = await Promise.all([hal.email, nobody].map(requestReset))
  expect(answers).toEqual([{ userErrors: [] }, { userErrors: [] }])
  await settled(podium.queue)
  expect(await mailsTo(nobody)).toEqual([])
  expect(await mailsTo(hal.email)).toHaveLength(2)
})

test('aliases of one operation are counted one by one, and an account gets three mails at most', async () => {
  const ivy = await podium.person('Ivy')
  const fields = Array.from(
    { length: 20 },
    (_, n) => `r${n}: requestPasswordReset(email: $email) { userErrors { code } }`,
  )
  const query = `mutation ($email: EmailAddress!) { ${fields.join(' ')} }`
  const send = () => podium.client.send<Record<string, Refusable>>(query, { email: ivy.email })
  const codes = [...Object.values(await send()), ...Object.values(await send())].flatMap(codesOf)
  expect(codes.length).toBeGreaterThanOrEqual(20)
  expect(new Set(codes)).toEqual(new Set(['TOO_MANY_ATTEMPTS']))
  await settled(podium.queue)
  const resets = (await mailsTo(ivy.email)).filter(({ subject }) => subject === RESET)
  expect(resets.length).toBeLessThanOrEqual(3)
})

test('the outbox is a page in development, which runs nothing', async () => {
  const response = await fetch(new URL('/outbox', podium.url))
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
  expect(await response.text()).toContain('https://app.example/verify-email?token=')
})

test('in production there is no outbox', async () => {
  const production = await openProduction()
  for (const path of ['/outbox', '/outbox.json']) {
    expect((await fetch(`${production.origin}${path}`)).status).toBe(404)
  }
  await production.close()
})
