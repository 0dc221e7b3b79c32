import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import { committedForm } from './compose.ts'
import { printContract } from './supergraph/contract.ts'
import { loadSupergraph } from './supergraph.ts'
import { type Answer, openGateway, type TestGateway } from './test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from './test-support/subgraphs.ts'

let subgraphs: TestSubgraphs
let gateway: TestGateway
/** A key that is held to the contract. */
let key: string
beforeAll(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs)
  key = subgraphs.key(['schema:read', 'account:read'])
})
afterAll(async () => {
  await gateway.close()
  await subgraphs.close()
})

const ask = (token?: string, headers: Record<string, string> = {}, { origin } = gateway) =>
  fetch(`${origin}/schema/partner.graphql`, {
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
  })
const codeOf = async (response: Response) => ((await response.json()) as Answer).errors?.[0]?.extensions?.code

test('a key with the scope gets the contract as SDL', async () => {
  const response = await ask(key)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('private, no-cache')
  expect(response.headers.get('vary')).toContain('authorization')
  const text = await response.text()
  const { contract } = loadSupergraph(committedForm())
  expect(text).toBe(`${contract && printContract(contract)}\n`)
  expect(buildSchema(text).getType('Viewer')).toBeUndefined()
})

test('who has it is told that it is the same, until it is not', async () => {
  const tag = (await ask(key)).headers.get('etag') ?? ''
  expect(tag).toMatch(/^"[\w-]{43}"$/)
  for (const held of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const response = await ask(key, { 'if-none-match': held })
    expect([held, response.status, await response.text()]).toEqual([held, 304, ''])
    expect(response.headers.get('etag')).toBe(tag)
  }
  expect((await ask(key, { 'if-none-match': '"other"' })).status).toBe(200)
})

test('nobody else gets it', async () => {
  const anonymous = await ask()
  expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  expect(await codeOf(anonymous)).toBe('UNAUTHENTICATED')
  const session = await subgraphs.issuer.token({
    claims: { scope: 'schema:read users:admin', role: 'ADMIN' },
  })
  for (const [token, status, code] of [
    [`podium_${'x'.repeat(43)}`, 401, 'UNAUTHENTICATED'],
    ['nonsense', 401, 'UNAUTHENTICATED'],
    [session, 403, 'FORBIDDEN'],
    [subgraphs.key(['account:read', 'account:write']), 403, 'FORBIDDEN'],
    [subgraphs.key([]), 403, 'FORBIDDEN'],
  ] as const) {
    const response = await ask(token, { 'if-none-match': '*' })
    expect([token, response.status, await codeOf(response)]).toEqual([token, status, code])
    expect(response.headers.get('etag')).toBeNull()
  }
})

test('it is counted on the budget of who asks, of their address where that cannot be told or a key is new', async () => {
  const none = { requests: null, cost: null }
  const perMinute = { person: none, key: { requests: 2, cost: null }, address: { requests: 4, cost: null } }
  const counting = await openGateway(subgraphs, {
    config: { limits: { ...subgraphs.config.limits, perMinute } },
  })
  const tag = (await ask(key, {}, counting)).headers.get('etag') ?? ''
  const held = await ask(key, { 'if-none-match': tag }, counting)
  expect([held.status, held.headers.get('ratelimit')]).toEqual([
    304,
    expect.stringMatching(/^"requests";r=0;/),
  ])
  const limited = await ask(key, {}, counting)
  expect([limited.status, await codeOf(limited)]).toEqual([429, 'RATE_LIMITED'])
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  const statuses = []
  for (const token of [undefined, 'nonsense', undefined, 'nonsense']) {
    statuses.push((await ask(token, {}, counting)).status)
  }
  expect(statuses).toEqual([401, 401, 401, 429])
  await counting.close()
})
