import { createSecretKey } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { exportJWK, exportSPKI, generateKeyPair } from 'jose'
import WebSocket from 'ws'
import { closing, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openOutsideIssuer } from '../test-support/outside-issuer.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

let subgraphs: TestSubgraphs
let issuer: Awaited<ReturnType<typeof openOutsideIssuer>>
let attacker: Awaited<ReturnType<typeof openOutsideIssuer>>
let gateway: TestGateway
beforeAll(async () => {
  [subgraphs, issuer, attacker] = await Promise.all([openSubgraphs(), openOutsideIssuer(), openOutsideIssuer()]) // biome-ignore format: one line
  gateway = await openGateway(subgraphs, { config: { outsideIssuer: issuer.settings }, now: subgraphs.now })
})
afterAll(async () => {
  await gateway.close()
  await Promise.all([subgraphs.close(), issuer.close(), attacker.close()])
})
afterEach(() => {
  subgraphs.world.passed = 0
  subgraphs.world.refusal = null
})

const seconds = () => Math.floor(Date.now() / 1_000)
const VIEWER = '{ viewer { id email role } }'

test('who has a token of it is signed in as whom users says, by what the token says', async () => {
  const { body } = await gateway.ask(VIEWER, { token: await issuer.token({ claims: { sub: 'auth0|1' } }) })
  expect(body).toEqual({ data: { viewer: { id: 'auth0|1', email: 'auth0|1@example.com', role: 'USER' } } })
  expect(subgraphs.signedIn.at(-1)).toEqual({
    issuer: issuer.settings.issuer,
    subject: 'auth0|1',
    session: 'a session there',
    email: 'ann@example.com',
    emailVerified: true,
    displayName: 'Ann',
    timeZone: 'Europe/Helsinki',
  })
})

test('its keys are fetched once, and its address is told nothing of who asks', async () => {
  await gateway.ask(VIEWER, { token: await issuer.token({ claims: { sub: 'auth0|2' } }) })
  expect(issuer.asked.map(({ method, url }) => [method, url])).toEqual([['GET', '/keys']])
  expect(Object.keys(issuer.asked[0]?.headers ?? {})).not.toContain('authorization')
})

test('a token is asked about once in 30 seconds', async () => {
  const token = await issuer.token({ claims: { sub: 'auth0|3' } })
  const asked = () => subgraphs.signedIn.filter(({ subject }) => subject === 'auth0|3').length
  await gateway.ask(VIEWER, { token })
  subgraphs.world.passed = 15_000
  await gateway.ask(VIEWER, { token })
  expect(asked()).toBe(1)
  subgraphs.world.passed = 31_000
  await gateway.ask(VIEWER, { token })
  expect(asked()).toBe(2)
})

test('a token signed by any of its algorithms is good, and with the type of RFC 9068', async () => {
  const { rsa } = issuer.keys
  const token = await issuer.token({
    header: { alg: 'RS256', kid: 'rsa', typ: 'application/at+JWT' },
    key: rsa.privateKey,
  })
  expect((await gateway.ask(VIEWER, { token })).status).toBe(200)
})

test('keys that a token names or brings are not looked at', async () => {
  const brought = { jku: attacker.settings.jwksUrl, x5u: attacker.settings.jwksUrl, x5c: ['AA=='] }
  const jwk = await exportJWK(attacker.keys.first.publicKey)
  const good = await issuer.token({ header: { ...brought, jwk } })
  expect((await gateway.ask(VIEWER, { token: good })).status).toBe(200)
  expect(attacker.asked).toEqual([])
})

const stranger = await generateKeyPair('ES256')
const ours = () => ({ iss: 'podium', aud: 'podium', sid: 'session', role: 'ADMIN', scope: 'users:admin' })

const bad: [string, () => Promise<string>][] = [
  ['the algorithm none', async () => unsigned(await issuer.token())],
  ['an HMAC with the public key', () => hmac(issuer.keys.first.publicKey, 'first')],
  ['an HMAC with the public RSA key', () => hmac(issuer.keys.rsa.publicKey, 'rsa')],
  ['an algorithm that is not on the list', () => issuer.token({ header: { alg: 'ES384', kid: 'large' }, key: issuer.keys.large.privateKey })], // biome-ignore format: one line
  ['the key of another algorithm', () => issuer.token({ header: { kid: 'rsa' } })],
  ["a stranger's key under a known id", () => issuer.token({ key: stranger.privateKey })],
  ['a foreign key id', () => issuer.token({ header: { kid: 'foreign' }, key: stranger.privateKey })],
  ['no key id', () => issuer.token({ header: { kid: undefined } })],
  ["a stranger's key that it brings itself", async () => attacker.token({ header: { jwk: await exportJWK(attacker.keys.first.publicKey) } })], // biome-ignore format: one line
  ["the address of a stranger's keys", () => attacker.token({ header: { jku: attacker.settings.jwksUrl } })],
  ["the address of a stranger's certificate", () => attacker.token({ header: { x5u: attacker.settings.jwksUrl } })], // biome-ignore format: one line
  ['another audience', () => issuer.token({ claims: { aud: 'other' } })],
  ['our audience', () => issuer.token({ claims: { aud: 'podium' } })],
  ['another issuer', () => issuer.token({ claims: { iss: 'https://other.example' } })],
  ['an issuer that only looks the same', () => issuer.token({ claims: { iss: 'https://issuer.example' } })],
  ['no issuer', () => issuer.token({ claims: { iss: undefined } })],
  ['our name as its issuer', () => issuer.token({ claims: ours(), header: { typ: 'at+jwt' } })],
  ['its name as the issuer of one of ours', () => subgraphs.issuer.token({ claims: { iss: issuer.settings.issuer, aud: issuer.settings.audience }, header: { typ: 'JWT' } })], // biome-ignore format: one line
  ['an end that has passed', () => issuer.token({ claims: { exp: seconds() - 31 } })],
  ['no end', () => issuer.token({ claims: { exp: undefined } })],
  ['a beginning that is to come', () => issuer.token({ claims: { nbf: seconds() + 90 } })],
  ['another type', () => issuer.token({ header: { typ: 'logout+jwt' } })],
  ['no type', () => issuer.token({ header: { typ: undefined } })],
  ['an extension that must be understood', () => critical()],
  ['no subject', () => issuer.token({ claims: { sub: undefined } })],
  ['nothing that tells the sign-in from others', () => issuer.token({ claims: { session_id: undefined, iat: undefined } })], // biome-ignore format: one line
  ['no address', () => issuer.token({ claims: { email: undefined } })],
  ['an address that is none', () => issuer.token({ claims: { email: 'ann' } })],
]

test.each(bad)('a token with %s is refused, and nobody is asked about it', async (_, make) => {
  const before = subgraphs.signedIn.length
  const token = await make()
  const { status, body } = await gateway.ask(VIEWER, { token })
  expect([status, body.errors?.[0]?.extensions?.code, body.data]).toEqual([401, 'UNAUTHENTICATED', undefined])
  expect(await closeCode(token)).toBe(4403)
  expect(subgraphs.signedIn.length).toBe(before)
  expect(attacker.asked).toEqual([])
})

test('whom users refuses is told why', async () => {
  subgraphs.world.refusal = 'This account is suspended.'
  const { status, body } = await gateway.ask(VIEWER, {
    token: await issuer.token({ claims: { sub: 'auth0|4' } }),
  })
  expect(status).toBe(401)
  expect(body.errors).toEqual([
    expect.objectContaining({
      message: 'This account is suspended.',
      extensions: expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    }),
  ])
})

test('while its keys cannot be had, its tokens wait and ours work', async () => {
  issuer.state.isAway = true
  const keyless = await openGateway(subgraphs, { config: { outsideIssuer: issuer.settings } })
  const { status, body } = await keyless.ask(VIEWER, { token: await issuer.token() })
  expect([status, body.errors?.[0]?.extensions?.code]).toEqual([503, 'UNAVAILABLE'])
  expect((await keyless.ask(VIEWER, { token: await subgraphs.issuer.token() })).status).toBe(200)
  // Keys that are known are used.
  const token = await issuer.token({ claims: { sub: 'auth0|5' } })
  expect((await gateway.ask(VIEWER, { token })).status).toBe(200)
  issuer.state.isAway = false
  await keyless.close()
})

test('while users is away, those with a token of it are asked to come later', async () => {
  const token = await issuer.token({ claims: { sub: 'auth0|6' } })
  await subgraphs.stop('users')
  const { status, body } = await gateway.ask(VIEWER, { token })
  expect([status, body.errors?.[0]?.extensions?.code]).toEqual([503, 'UNAVAILABLE'])
  await subgraphs.start('users')
})

test('no client can sign anybody in', async () => {
  const query =
    'mutation ($input: IssuerSignInInput!) { signInFromIssuer(input: $input) { bearer { sessionId } } }'
  for (const token of [undefined, await issuer.token()]) {
    const { body } = await gateway.ask(query, { variables: { input: {} }, ...(token && { token }) })
    expect(body.data).toBeUndefined()
  }
})

/** How a socket ends that presents this token. */
async function closeCode(token: string): Promise<number> {
  const socket = new WebSocket(gateway.socketUrl, 'graphql-transport-ws')
  socket.once('open', () =>
    socket.send(JSON.stringify({ type: 'connection_init', payload: { accessToken: token } })),
  )
  return closing(socket)
}

async function hmac(publicKey: Parameters<typeof exportSPKI>[0], kid: string): Promise<string> {
  const key = createSecretKey(Buffer.from(await exportSPKI(publicKey)))
  return issuer.token({ header: { alg: 'HS256', kid }, key })
}

function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none', kid: 'first', typ: 'JWT' })).toString('base64url')
  return `${header}.${token.split('.')[1]}.`
}

/** A token that names an extension as critical, signed as it should be. */
async function critical(): Promise<string> {
  const [, payload] = (await issuer.token()).split('.')
  const header = { alg: 'ES256', kid: 'first', typ: 'JWT', crit: ['exp2'], exp2: 1 }
  const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const signature = await crypto.subtle.sign(algorithm, issuer.keys.first.privateKey, Buffer.from(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}
