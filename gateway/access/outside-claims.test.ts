import { expect, test } from '@jest/globals'
import { signInOf } from './outside-claims.ts'

const names = {
  email: 'email',
  emailVerified: 'email_verified',
  name: 'user_metadata.full_name',
  timeZone: 'https://issuer.example/time.zone',
  session: 'session_id',
}

const claims = { sub: 's', iat: 1, session_id: 'x', email: 'ada@example.com' }
const read = (change: object) => signInOf({ ...claims, ...change }, names)

test('claims are found by their names, and within objects', () => {
  const said = { user_metadata: { full_name: 'Ada' }, 'https://issuer.example/time.zone': 'Europe/Helsinki' }
  expect(read({ ...said, email_verified: true })).toEqual({
    subject: 's',
    session: 'x',
    email: 'ada@example.com',
    emailVerified: true,
    displayName: 'Ada',
    timeZone: 'Europe/Helsinki',
  })
})

test.each([undefined, null, 'Ada', [], { full_name: {} }, { full_name: null }])(
  'a name that is not where it should be is none: %j',
  (metadata) => expect(read({ user_metadata: metadata }).displayName).toBeNull(),
)

test('what every object has is not a claim', () => {
  const named = { ...names, name: 'constructor.name', session: '__proto__' }
  expect(signInOf(claims, named)).toMatchObject({ displayName: null, session: '1' })
})

test.each([
  [true, true],
  ['true', true],
  [false, false],
  ['false', false],
  [1, false],
  [undefined, false],
  [{}, false],
])('an address of which it is said to be verified: %j', (said, emailVerified) => {
  expect(read({ email_verified: said })).toMatchObject({ emailVerified })
})

test.each(['+02:00', 'Mars/Olympus', 7, null])('a time zone that is none is left out: %j', (zone) => {
  expect(read({ 'https://issuer.example/time.zone': zone }).timeZone).toBeNull()
})

test('a session is what the issuer calls it, else when it was signed in to, else when the token was made', () => {
  expect(read({ auth_time: 5 }).session).toBe('x')
  expect(read({ auth_time: 5, session_id: undefined }).session).toBe('5')
  expect(read({ session_id: '' }).session).toBe('1')
  expect(read({ session_id: {} }).session).toBe('1')
  expect(() => read({ session_id: undefined, iat: undefined })).toThrow('not valid')
})

test.each([undefined, 'ada', '', 7, ['ada@example.com'], 'ada@example.com\u0000'])(
  'without an address nobody is signed in, and told what is missing: %j',
  (email) => expect(() => read({ email })).toThrow('must add it as email'),
)

test.each([undefined, '', 7, ['s'], {}])('a token whose subject is no text is not valid: %j', (sub) =>
  expect(() => signInOf({ ...claims, sub: sub as string }, names)).toThrow('not valid'),
)
