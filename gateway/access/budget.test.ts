import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { GatewayConfig } from '../../platform/config.ts'
import { anonymous } from '../../platform/identity.ts'
import { openTestRedis, testRedisUrl } from '../../test/support/stores.ts'
import { eventually, framesOf, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'
import { openBudget } from './budget.ts'
import { holderOf } from './holder.ts'

let subgraphs: TestSubgraphs
beforeAll(async () => {
  subgraphs = await openSubgraphs()
})
afterAll(() => subgraphs.close())

type PerMinute = GatewayConfig['limits']['perMinute']

/** Gateways with these budgets; they are closed when the test is over. */
async function withGateways(
  count: number,
  perMinute: { [Kind in keyof PerMinute]?: Partial<PerMinute[Kind]> },
  work: (...gateways: TestGateway[]) => Promise<void>,
  redis: GatewayConfig['redis'] = null,
): Promise<void> {
  const none = { requests: null, cost: null }
  const limits = {
    ...subgraphs.config.limits,
    perMinute: {
      person: { ...none, ...perMinute.person },
      key: { ...none, ...perMinute.key },
      address: { ...none, ...perMinute.address },
    },
  }
  const config = { limits, redis }
  const gateways = await Promise.all(Array.from({ length: count }, () => openGateway(subgraphs, { config })))
  try {
    await work(...gateways)
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.close()))
  }
}

const cheap = '{ viewer { id } }'
const dear =
  '{ competitions(first: 100) { edges { node { participants(first: 100) { edges { node { user { displayName } } } } } } } }'
const board =
  'subscription ($first: Int) { leaderboardChanged(competitionId: "cup", first: $first) { standings { user { id } } moves { user { id } } } }'

const asked = () => subgraphs.asked.splice(0).length

async function fetchEvents({ url }: TestGateway, query: string, more: object = {}) {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, ...more }) })
}

test('what costs too much is refused over HTTP, SSE and WebSocket, before anything is fetched', () =>
  withGateways(1, {}, async (gateway) => {
    asked()
    const refused = {
      message: expect.stringContaining('10,000 is the most'),
      extensions: { code: 'OPERATION_TOO_COMPLEX' },
    }
    const { status, body } = await gateway.ask(dear)
    expect({ status, body }).toEqual({ status: 400, body: { errors: [refused] } })

    const events = await (await fetchEvents(gateway, board, { variables: { first: 1_000_000 } })).text()
    expect(events).toContain('OPERATION_TOO_COMPLEX')

    const client = gateway.watch()
    await expect(framesOf(client, board, { first: 1_000_000 }).next()).rejects.toEqual([
      expect.objectContaining(refused),
    ])
    await client.dispose()
    expect(asked()).toBe(0)
  }))

test('who asks is told what an operation cost, estimated and as it was', () =>
  withGateways(1, {}, async (gateway) => {
    const query = '{ competition(id: "cup") { name organizer { displayName } } }'
    const plain = await gateway.ask(query)
    expect(plain.body).not.toHaveProperty('extensions')
    const post = (body: object, headers = {}) =>
      fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
    const cost = { estimated: 2, actual: 2, limit: 10_000 }
    const byHeader = await (await post({ query }, { 'podium-cost': 'report' })).json()
    expect(byHeader).toEqual({ ...plain.body, extensions: { cost } })
    expect(await (await post({ query, extensions: { cost: true } })).json()).toEqual(byHeader)
    const nobody = await (
      await post({ query: '{ user(id: "nobody") { id } }', extensions: { cost: true } })
    ).json()
    expect(nobody).toMatchObject({ data: { user: null }, extensions: { cost: { estimated: 1, actual: 0 } } })
  }))

test('the first frame of a stream says what one costs, over WebSocket and SSE', () =>
  withGateways(1, {}, async (gateway) => {
    const cost = { estimated: 1 + 2 * 2 * 2, actual: expect.any(Number), limit: 10_000 }
    const client = gateway.watch()
    const frames = client.iterate({ query: board, variables: { first: 2 }, extensions: { cost: true } })
    expect((await frames.next()).value).toMatchObject({ extensions: { cost } })
    await frames.return?.()
    await client.dispose()

    const response = await fetchEvents(gateway, board, {
      variables: { first: 2 },
      extensions: { cost: true },
    })
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      if (text.includes('leaderboardChanged')) break
    }
    expect(text).toContain('"extensions":{"cost":{"estimated":9,')
  }))

test('every answer says what is left, and whoever asks too often is refused until there is more', () =>
  withGateways(1, { address: { requests: 5, cost: 1_000 } }, async (gateway) => {
    const first = await gateway.ask(cheap)
    expect(first.headers.get('ratelimit-policy')).toBe('"requests";q=5;w=60, "cost";q=1000;w=60')
    expect(first.headers.get('ratelimit')).toMatch(/^"requests";r=4;t=1[12], "cost";r=999;t=1$/)
    for (const query of ['{', '{ none }', cheap]) {
      expect((await gateway.ask(query)).headers.get('ratelimit')).toMatch(/^"requests";r=[0-4]/)
    }
    expect((await gateway.ask(cheap, { token: 'forged' })).status).toBe(401)
    asked()
    const { status, headers, body } = await gateway.ask(cheap)
    expect({ status, code: body.errors?.[0]?.extensions?.code }).toEqual({
      status: 429,
      code: 'RATE_LIMITED',
    })
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(12)
    expect(headers.get('ratelimit')).toMatch(/^"requests";r=0;t=(60|5\d|4[89]),/)
    expect(await fetchEvents(gateway, board)).toMatchObject({ status: 429 })
    const client = gateway.watch()
    await expect(framesOf(client, board).next()).rejects.toMatchObject([
      { extensions: { code: 'RATE_LIMITED' } },
    ])
    await client.dispose()
    expect(asked()).toBe(0)
  }))

test('what operations cost is counted too, and a person has a budget of their own wherever they are', () =>
  withGateways(1, { address: { cost: 100 }, person: { cost: 1_000 } }, async (gateway) => {
    const query = '{ competitions(first: 30) { edges { cursor } } }' // 31
    const codes = async (count: number, token?: string) => {
      const answers = await Promise.all(
        Array.from({ length: count }, () => gateway.ask(query, { ...(token && { token }) })),
      )
      return answers.map(({ status }) => status)
    }
    expect((await codes(8)).filter((status) => status === 429).length).toBeGreaterThanOrEqual(1)
    expect((await codes(1))[0]).toBe(429)
    const token = await subgraphs.issuer.token({})
    expect(await codes(3, token)).not.toContain(429)
  }))

test('two gateways on one Redis share a budget, but for a tenth of it each', async () => {
  const redis = await openTestRedis()
  const { prefix, commands } = redis
  /** Gateways connect to Redis after they have started. */
  const isConnected = async (gateway: TestGateway) => {
    const sub = randomUUID()
    await gateway.ask(cheap, { token: await subgraphs.issuer.token({ claims: { sub } }) })
    return (await commands.exists(`${prefix}bucket:budget:person:${sub}`)) === 1
  }
  await withGateways(
    2,
    { address: { requests: 100 }, person: { requests: 1 } },
    async (one, other) => {
      await eventually(() => isConnected(one))
      await eventually(() => isConnected(other))
      const start = performance.now()
      let answered = 0
      for (let round = 0; round < 80; round++) {
        const both = await Promise.all([one.ask(cheap), other.ask(cheap)])
        answered += both.filter(({ status }) => status === 200).length
      }
      expect(answered).toBeGreaterThanOrEqual(100)
      const filledUp = (performance.now() - start) / 600 // of 100 a minute
      expect(answered).toBeLessThanOrEqual(100 + 2 * 10 + filledUp)
      // There may be one more by now, and not three.
      for (const gateway of [one, other]) {
        const answers = await Promise.all([1, 2, 3].map(() => gateway.ask(cheap)))
        expect(answers.map(({ status }) => status)).toContain(429)
      }
    },
    { urls: [testRedisUrl()], prefix },
  )
  redis.close()
})

test('while Redis is away each gateway counts alone, and refuses all the same', async () => {
  const nowhere = { urls: ['redis://127.0.0.1:1'], prefix: 'nowhere:' }
  await withGateways(
    1,
    { address: { requests: 20 } },
    async (gateway) => {
      const statuses = await Promise.all(
        Array.from({ length: 40 }, async () => (await gateway.ask(cheap)).status),
      )
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(20)
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(15)
    },
    nowhere,
  )
})

test('the anonymous of an IPv6 network have one budget, and those of an IPv4 address', () => {
  const key = (address: string) => holderOf({ kind: 'anonymous' }, address).key
  expect(key('2001:db8:1:2:3:4:5:6')).toBe('address 2001:db8:1:2::')
  expect(key('2001:0DB8:1:2::9')).toBe(key('2001:db8:1:2:3:4:5:6'))
  expect(key('2001:db8::1')).toBe('address 2001:db8:0:0::')
  expect(key('::ffff:192.0.2.1')).toBe(key('192.0.2.1'))
  expect(key('192.0.2.1')).not.toBe(key('192.0.2.2'))
})

test('those who come when there are accounts for as many as may be have one together', async () => {
  const perMinute = { ...subgraphs.config.limits.perMinute, address: { requests: 1, cost: null } }
  const limits = { ...subgraphs.config.limits, perMinute }
  const { accountOf, close } = openBudget({ limits, redis: null, accounts: 2 })
  const [one, two, three, four] = [1, 2, 3, 4].map((n) =>
    accountOf({ identity: anonymous, address: `192.0.2.${n}` }),
  )
  expect(one).not.toBe(two)
  expect(three).toBe(four)
  expect(accountOf({ identity: anonymous, address: '192.0.2.1' })).toBe(one)
  await close()
})
