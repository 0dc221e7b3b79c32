import { expect, test } from '@jest/globals'
import { ConfigError } from './environment.ts'
import { readOutsideIssuer } from './outside-issuer-settings.ts'

const env = {
  OUTSIDE_ISSUER: 'https://issuer.example/',
  OUTSIDE_JWKS_URL: 'https://issuer.example/keys',
  OUTSIDE_AUDIENCE: 'https://api.example',
}
const read = (change: Record<string, string> = {}, isOwn = true) =>
  readOutsideIssuer({ ...env, ...change }, { isOwn })

function faultsOf(change: Record<string, string>, isOwn = true): string[] {
  try {
    read(change, isOwn)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map((fault) => fault.split(':')[0] ?? '')
    throw error
  }
  return []
}

test('without any of what it needs there is no outside issuer', () => {
  const env = { OUTSIDE_ISSUER: '', OUTSIDE_ALGORITHMS: 'RS256', OUTSIDE_CLAIMS: 'name=name' }
  expect(readOutsideIssuer(env, { isOwn: true })).toBeNull()
})

test('an issuer needs its name, its keys and our audience, and has defaults for the rest', () => {
  expect(read()).toEqual({
    issuer: 'https://issuer.example/',
    jwksUrl: 'https://issuer.example/keys',
    audience: 'https://api.example',
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    claims: {
      email: 'email',
      emailVerified: 'email_verified',
      name: 'name',
      timeZone: 'zoneinfo',
      session: 'session_id',
    },
  })
  for (const name of Object.keys(env)) expect(faultsOf({ [name]: '' })).toEqual([name])
})

test('claims that are named take the place of those that are usual', () => {
  const claims = 'name=user_metadata.full_name, session = sid,timeZone=https://issuer.example/zone=a'
  expect(read({ OUTSIDE_CLAIMS: claims })?.claims).toEqual({
    email: 'email',
    emailVerified: 'email_verified',
    name: 'user_metadata.full_name',
    timeZone: 'https://issuer.example/zone=a',
    session: 'sid',
  })
})

test.each(['HS256', 'none', 'RS256,HS512', 'hs256', 'RS1', ','])('it may not sign by %s', (algorithms) => {
  expect(faultsOf({ OUTSIDE_ALGORITHMS: algorithms })).toEqual(['OUTSIDE_ALGORITHMS'])
})

test.each([
  ['OUTSIDE_CLAIMS', 'role=role'],
  ['OUTSIDE_CLAIMS', '__proto__=email'],
  ['OUTSIDE_CLAIMS', 'email'],
  ['OUTSIDE_CLAIMS', 'email='],
  ['OUTSIDE_ISSUER', 'podium'],
  ['OUTSIDE_JWKS_URL', 'issuer.example/keys'],
  ['OUTSIDE_JWKS_URL', 'file:///etc/keys.json'],
])('%s cannot be %s', (name, value) => expect(faultsOf({ [name]: value })).toEqual([name]))

test('in production its keys come by https, or from where nobody is on the way', () => {
  const url = (value: string) => ({ OUTSIDE_JWKS_URL: value })
  expect(faultsOf(url('http://issuer.example/keys'))).toEqual(['OUTSIDE_JWKS_URL'])
  expect(faultsOf(url('http://127.0.0.1:9/keys'))).toEqual([])
  expect(faultsOf({ ...url('http://issuer.example/keys'), NODE_ENV: 'development' })).toEqual([])
})

test('a supergraph of others has no people for it', () => {
  expect(faultsOf({}, false)).toEqual(['OUTSIDE_ISSUER'])
})
