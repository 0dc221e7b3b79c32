import { createSecretKey } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { exportJWK, exportSPKI, generateKeyPair } from 'jose'
import WebSocket from 'ws'
import { closing, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

let subgraphs: TestSubgraphs
let gateway: TestGateway
beforeAll(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs)
})
afterAll(async () => {
  await gateway.close()
  await subgraphs.close()
})

const seconds = () => Math.floor(Date.now() / 1_000)
const stranger = await generateKeyPair('EdDSA')

const bad: [string, () => Promise<string>][] = [
  ['no token at all', async () => 'a.b.c'],
  ['the algorithm none', async () => unsigned(await subgraphs.issuer.token())],
  [
    'an HMAC with the public key',
    async () => {
      const publicKey = createSecretKey(Buffer.from(await exportSPKI(subgraphs.issuer.publicKey)))
      return subgraphs.issuer.token({ header: { alg: 'HS256' }, key: publicKey })
    },
  ],
  ["a stranger's key under a known id", () => subgraphs.issuer.token({ key: stranger.privateKey })],
  [
    'a foreign key id',
    () => subgraphs.issuer.token({ header: { kid: 'foreign' }, key: stranger.privateKey }),
  ],
  ['no key id', () => subgraphs.issuer.token({ header: { kid: undefined } })],
  [
    "a stranger's key that it brings itself",
    async () =>
      subgraphs.issuer.token({
        header: { jwk: await exportJWK(stranger.publicKey) },
        key: stranger.privateKey,
      }),
  ],
  [
    "the address of a stranger's keys",
    () =>
      subgraphs.issuer.token({
        header: { jku: 'http://127.0.0.1:1/', x5u: 'http://127.0.0.1:1/' },
        key: stranger.privateKey,
      }),
  ],
  ['a beginning that is to come', () => subgraphs.issuer.token({ claims: { nbf: seconds() + 90 } })],
  ['another audience', () => subgraphs.issuer.token({ claims: { aud: 'other' } })],
  ['another issuer', () => subgraphs.issuer.token({ claims: { iss: 'other' } })],
  ['an extension that must be understood', () => critical()],
  ['an end that has passed', () => subgraphs.issuer.token({ claims: { exp: seconds() - 31 } })],
  ['no end', () => subgraphs.issuer.token({ claims: { exp: undefined } })],
  ['another type', () => subgraphs.issuer.token({ header: { typ: 'JWT' } })],
  ['no session', () => subgraphs.issuer.token({ claims: { sid: undefined } })],
  ['an unknown role', () => subgraphs.issuer.token({ claims: { role: 'ROOT' } })],
]

test.each(bad)('a token with %s is refused over HTTP', async (_, make) => {
  const { status, headers, body } = await gateway.ask('{ __typename }', { token: await make() })
  expect(status).toBe(401)
  expect(headers.get('www-authenticate')).toBe('Bearer')
  expect(body).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  expect(body.data).toBeUndefined()
})

test.each(bad)('a socket with %s is closed with 4403', async (_, make) => {
  expect(await closeCode({ authorization: `Bearer ${await make()}` })).toBe(4403)
})

test('other credentials than a bearer token are not taken for none', async () => {
  for (const authorization of ['Basic YTpi', 'Bearer', 'token']) {
    const response = await fetch(gateway.url, {
      headers: { authorization, 'apollo-require-preflight': 'yes' },
    })
    expect(response.status).toBe(401)
    expect(await closeCode({ authorization })).toBe(4403)
  }
})

test.each([
  { authorization: { toString: 1 } },
  { accessToken: {} },
  { accessToken: 1 },
  { headers: { authorization: [] } },
])('what is no text is no token: %j', async (payload) => expect(await closeCode(payload)).toBe(4403))

test('a token may have ended for as long as clocks differ', async () => {
  const token = await subgraphs.issuer.token({ claims: { exp: seconds() - 25 } })
  const { body } = await gateway.ask('{ viewer { id } }', { token })
  expect(body).toEqual({ data: { viewer: { id: 'ann' } } })
})

test('while no keys can be had, those with a token are asked to come later', async () => {
  const keyless = await openGateway(subgraphs, { config: { jwksUrl: 'http://127.0.0.1:1/jwks' } })
  const token = await subgraphs.issuer.token()
  const { status, body } = await keyless.ask('{ __typename }', { token })
  expect(status).toBe(503)
  expect(body.errors?.[0]?.extensions?.code).toBe('UNAVAILABLE')
  expect(await closeCode({ accessToken: token }, keyless)).toBe(1013)
  expect((await keyless.ask('{ __typename }')).status).toBe(200)
  await keyless.close()
})

test('keys that are known are used while their issuer is away', async () => {
  const token = await subgraphs.issuer.token()
  await gateway.ask('{ __typename }', { token })
  await subgraphs.stop('users')
  expect((await gateway.ask('{ __typename }', { token })).status).toBe(200)
  await subgraphs.start('users')
})

/** How a socket ends that presents these parameters. */
async function closeCode(payload: object, { socketUrl } = gateway): Promise<number> {
  const socket = new WebSocket(socketUrl, 'graphql-transport-ws')
  socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })))
  return closing(socket)
}

function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
  return `${header}.${token.split('.')[1]}.`
}

/** A token that names an extension as critical, signed as it should be. */
async function critical(): Promise<string> {
  const [, payload] = (await subgraphs.issuer.token()).split('.')
  return subgraphs.issuer.signRaw(
    { alg: 'EdDSA', kid: 'first', typ: 'at+jwt', crit: ['exp2'], exp2: 1 },
    payload,
  )
}
