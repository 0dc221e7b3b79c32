import { expect, test } from '@jest/globals'
import { decodeProtectedHeader, generateKeyPair, jwtVerify } from 'jose'
import { createTokenIssuer } from './tokens.ts'

const { privateKey, publicKey } = await generateKeyPair('EdDSA')
const now = new Date('2026-05-01T08:00:00Z')

test('an access token says who, in which session, with what rights, for ten minutes', async () => {
  const issue = createTokenIssuer({
    signer: async () => ({ kid: 'first', privateKey }),
    jwks: async () => ({ keys: [] }),
  })
  const { accessToken, expiresAt } = await issue({ id: 'ada', role: 'AFFILIATE' }, 'session', now)
  const { payload } = await jwtVerify(accessToken, publicKey, { currentDate: now })
  const issuedAt = now.getTime() / 1_000
  expect(decodeProtectedHeader(accessToken)).toEqual({ alg: 'EdDSA', kid: 'first', typ: 'at+jwt' })
  expect(payload).toEqual({
    iss: 'podium',
    aud: 'podium',
    sub: 'ada',
    sid: 'session',
    role: 'AFFILIATE',
    scope: 'competitions:invite',
    iat: issuedAt,
    exp: issuedAt + 600,
  })
  expect(expiresAt).toEqual(new Date('2026-05-01T08:10:00Z'))
})
