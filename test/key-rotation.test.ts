import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose'
import { startGateway } from '../gateway/start.ts'
import { subgraphsInFile } from '../gateway/supergraph/file.ts'
import { readGatewayConfig, readSubgraphConfig } from '../platform/config.ts'
import { startSubgraph } from '../subgraphs/start.ts'
import { PUBLISHED_AFTER, PUBLISHED_BEFORE } from '../subgraphs/users/signing-keys/key-states.ts'
import { runToEnd, startProcess } from './support/processes.ts'
import { askGateway, askSubgraph } from './support/raw.ts'
import { openTestSupergraph, settled, type TestSupergraph } from './support/supergraph.ts'

const DAY = 86_400_000 // ms
const DAILY = { SIGNING_KEY_DAYS: '1' }
const SESSION = 'session { accessToken refreshToken } userErrors { code }'

type Tokens = { accessToken: string; refreshToken: string }

let podium: TestSupergraph
/** Two replicas of users, and a gateway that fetches keys by way of `keys`. */
let replicas: string[]
let gateway: string
let keys: Awaited<ReturnType<typeof openKeys>>
const closers: (() => Promise<void>)[] = []
beforeAll(async () => {
  podium = await openTestSupergraph(DAILY)
  closers.push(podium.close)
  const env = { ...podium.env, ...DAILY }
  const second = await startSubgraph(readSubgraphConfig({ ...env, USERS_PORT: '0' }, 'users'), podium.now)
  closers.push(second.close)
  replicas = [podium.subgraphs.users, second.url]
  keys = await openKeys(second.url)
  closers.push(keys.close)
  const urls = Object.entries(podium.subgraphs).map(([name, url]) => [`${name.toUpperCase()}_URL`, url])
  const config = readGatewayConfig({ ...env, ...Object.fromEntries(urls), JWKS_URL: keys.url }, subgraphsInFile) // biome-ignore format: one line
  const started = await startGateway(config, { now: podium.now, keysRefresh: 20 })
  closers.push(started.close)
  gateway = started.url
})
afterAll(async () => {
  for (const close of closers.reverse()) await close()
})

/** Passes a subgraph's keys on; `fetched` waits until they were asked for from now on. */
async function openKeys(users: string) {
  const waiting = new Set<() => void>()
  const server = createServer(async (_, response) => {
    const wake = [...waiting]
    const answer = await fetch(new URL('/.well-known/jwks.json', users))
    response.setHeader('content-type', 'application/json').end(await answer.text())
    for (const resolve of wake) resolve()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const once = () => new Promise<void>((resolve) => void waiting.add(resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    /** The answer to the first may still be on its way when the second is asked for. */
    async fetched() {
      await once()
      await once()
    },
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}

async function kidsAt(users: string): Promise<string[]> {
  const answer = await fetch(new URL('/.well-known/jwks.json', users))
  const { keys } = (await answer.json()) as { keys: { kid: string }[] }
  return keys.map(({ kid }) => kid).sort()
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? ''

async function signIn(name: string): Promise<Tokens> {
  const { email, password } = await podium.person(name)
  const query = `mutation ($input: LogInInput!) { logIn(input: $input) { ${SESSION} } }`
  const { data } = await askGateway(gateway, query, { input: { email, password } })
  return sessionIn(data?.logIn)
}

/** What it signs in with; a payload of refusals fails the test. */
const sessionIn = (payload: unknown) => (payload as { session: Tokens }).session

/** Goes on with a session at one of the replicas. */
async function refresh(users: string, refreshToken: string): Promise<Tokens> {
  const query = `mutation ($token: String!) { refreshSession(refreshToken: $token) { ${SESSION} } }`
  const at = { ...podium, subgraphs: { ...podium.subgraphs, users } }
  const { data } = await askSubgraph(at, 'users', { kind: 'anonymous' }, query, { token: refreshToken })
  return sessionIn(data?.refreshSession)
}

/** The codes with which a gateway refuses a token. */
async function refusalOf(token: string): Promise<string[]> {
  const { errors = [] } = await askGateway(gateway, '{ viewer { id } }', {}, token)
  return errors.map(({ extensions }) => extensions.code)
}

async function command(...args: string[]) {
  const result = await runToEnd('subgraphs/users/signing-keys/keys-command.ts', args, {
    DATABASE_URL: podium.databaseUrl,
    USERS_SECRET: podium.env.USERS_SECRET ?? '',
  })
  expect(result.stdout + result.stderr).not.toMatch(/PRIVATE|sealed|"[dx]"|Jwk/)
  return result
}

async function listed() {
  const lines = (await command('list')).stdout.trim().split('\n')
  return lines.map((line) => JSON.parse(line) as { kid: string; state: string })
}

test('an operator has another key follow, lists them, and revokes one, whose tokens end; no key is shown', async () => {
  const before = await signIn('Ada')
  const first = kidOf(before.accessToken)
  expect(await command('rotate')).toMatchObject({ code: 0, stderr: expect.stringMatching(/signs from/) })
  const both = await listed()
  expect(both).toEqual([
    expect.objectContaining({ kid: first, state: 'signing' }),
    expect.objectContaining({ state: 'next' }),
  ])
  expect(await refusalOf(before.accessToken)).toEqual([])

  expect(await command('revoke', first)).toMatchObject({ code: 0, stderr: expect.stringMatching(/is revoked/) }) // biome-ignore format: one line
  expect(await listed()).toEqual([expect.objectContaining({ kid: both[1]?.kid, state: 'signing' })])
  expect((await command('revoke', first)).code).toBe(1)
  // Processes and gateways know what is published for some seconds, and credentials for half a minute.
  await podium.passTo(new Date(podium.now().getTime() + 31_000))
  await keys.fetched()
  expect(await refusalOf(before.accessToken)).toEqual(['UNAUTHENTICATED'])
  const after = await refresh(replicas[0] ?? '', before.refreshToken)
  expect(kidOf(after.accessToken)).toBe(both[1]?.kid)
  expect(await refusalOf(after.accessToken)).toEqual([])
})

test('a process that is started beside the others serves the same keys', async () => {
  const env = { ...podium.env, ...DAILY, USERS_PORT: '0' }
  const third = await startProcess('subgraphs/main.ts', ['users'], env)
  closers.push(async () => void (await third.end('SIGTERM')))
  expect(await kidsAt(third.url)).toEqual(await kidsAt(replicas[0] ?? ''))
  await third.end('SIGTERM')
})

test('while keys follow each other on schedule, a gateway refuses no token of any replica', async () => {
  const bo = await signIn('Bo')
  let { refreshToken } = bo
  const issued: { token: string; until: number }[] = []
  const kids = new Set<string>()

  async function look(time: Date) {
    await podium.passTo(time)
    await settled(podium.queue)
    await keys.fetched()
    for (const users of replicas) {
      const tokens = await refresh(users, refreshToken)
      refreshToken = tokens.refreshToken
      issued.push({ token: tokens.accessToken, until: time.getTime() + 600_000 })
      kids.add(kidOf(tokens.accessToken))
    }
    const held = issued.filter(({ until }) => until > podium.now().getTime())
    expect(held.length).toBeGreaterThanOrEqual(replicas.length)
    for (const { token } of held) expect(await refusalOf(token)).toEqual([])
  }

  const start = podium.now().getTime()
  for (let day = 1; day <= 2; day++) {
    const signs = start + day * (DAY + PUBLISHED_BEFORE)
    for (const ms of [-PUBLISHED_BEFORE, -60_000, 0, 60_000, 540_000, PUBLISHED_AFTER + 120_000]) {
      await look(new Date(signs + ms))
    }
  }
  expect(kids.size).toBe(3)
  expect(await kidsAt(replicas[0] ?? '')).toHaveLength(1)
})

test('a key that nobody has published signs for nobody', async () => {
  const { privateKey } = await generateKeyPair('EdDSA')
  const [known = ''] = await kidsAt(replicas[0] ?? '')
  for (const kid of ['foreign', known]) {
    const token = await new SignJWT({ sid: 'session', role: 'ADMIN', scope: 'users:admin' })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
      .setIssuer('podium')
      .setAudience('podium')
      .setSubject('ada')
      .setExpirationTime(new Date(podium.now().getTime() + 600_000))
      .sign(privateKey)
    expect(await refusalOf(token)).toEqual(['UNAUTHENTICATED'])
  }
})
