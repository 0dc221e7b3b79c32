import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { SignJWT } from 'jose'
import { openCompetition, quarter, sync } from './support/operations.ts'
import { runToEnd } from './support/processes.ts'
import { askGateway } from './support/raw.ts'
import {
  openTestSupergraph,
  type Person,
  type TestSupergraph,
  testEnvironment,
} from './support/supergraph.ts'

let podium: TestSupergraph
let ann: Person
beforeAll(async () => {
  podium = await openTestSupergraph()
  ann = await podium.person('Ann')
})
afterAll(() => podium.close())

const ask = (query: string, variables: object = {}, token: string | undefined = ann.token) =>
  askGateway(podium.url, query, variables, token)

const codesOf = async (query: string, variables: object = {}, token?: string) =>
  ((await ask(query, variables, token)).errors ?? []).map(({ extensions }) => extensions.code)

describe('an operation that is not right is refused as GraphQL says', () => {
  test.each([
    ['syntax', '{ viewer { id ', {}, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ viewer { shoeSize } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable of the wrong type',
      'query ($n: Int) { competitions(first: $n) { totalCount } }',
      { n: 'x' },
      'BAD_USER_INPUT',
    ],
    ['a missing variable', 'query ($id: ID!) { user(id: $id) { id } }', {}, 'BAD_USER_INPUT'],
    ['a date that is none', 'query ($d: LocalDate!) { viewer { fitness { days(from: $d, to: $d) { steps } } } }', { d: '2026-02-31' }, 'BAD_USER_INPUT'], // biome-ignore format: one row
    ['a page that is too large', '{ competitions(first: 101) { totalCount } }', {}, 'BAD_USER_INPUT'],
    ['a cursor that is none', '{ competitions(after: "x") { totalCount } }', {}, 'BAD_USER_INPUT'],
  ])('%s', async (_, query, variables, code) => {
    expect(await codesOf(query, variables)).toEqual([code])
  })

  test('no message suggests a name that is in the schema', async () => {
    const { errors } = await ask('{ viewer { emial } }')
    expect(errors?.[0]?.message).not.toMatch(/email|Did you mean/)
  })
})

describe('what does not prove who is asking is UNAUTHENTICATED', () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const forged = (change: { expires?: string } = {}) =>
    new SignJWT({ sid: 's', role: 'ADMIN', scope: 'leaderboard:admin' })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'ours' })
      .setIssuer('podium')
      .setAudience('podium')
      .setSubject(ann.id)
      .setExpirationTime(change.expires ?? '5m')
      .sign(privateKey)

  test('a token that somebody else signed', async () => {
    expect(await codesOf('{ viewer { id } }', {}, await forged())).toEqual(['UNAUTHENTICATED'])
  })
  test('a text that is no token', async () => {
    expect(await codesOf('{ viewer { id } }', {}, 'nonsense')).toEqual(['UNAUTHENTICATED'])
  })
  test('a token that has expired', async () => {
    const later = await openTestSupergraph()
    const bo = await later.person('Bo')
    await later.passTo(new Date(later.now().getTime() + 11 * 60_000))
    const { errors } = await askGateway(later.url, '{ viewer { id } }', {}, bo.token)
    await later.close()
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED'])
  })
  test('no token, where one is needed; where none is needed the caller is anonymous', async () => {
    const logOut = 'mutation { logOut { userErrors { code } } }'
    expect((await askGateway(podium.url, logOut, {})).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect((await askGateway(podium.url, '{ viewer { id } }', {})).data).toEqual({ viewer: null })
  })
  test('a session that was ended says so at viewer', async () => {
    const bo = await podium.person('Bo')
    await bo.mutate('mutation { logOut { userErrors { code message field } } }')
    expect(await codesOf('{ viewer { id } }', {}, bo.token)).toEqual(['UNAUTHENTICATED'])
  })
})

describe("a stranger's id is null or NOT_FOUND, whatever it looks like", () => {
  test.each(['00000000-0000-4000-8000-000000000000', 'x', "'; drop table people; --", ''])(
    '%s',
    async (id) => {
      const { data, errors } = await ask(
        'query ($id: ID!) { competition(id: $id) { id } user(id: $id) { id } leaderboard(competitionId: $id) { revision } }',
        { id },
      )
      expect(errors).toBeUndefined()
      expect(data).toEqual({ competition: null, user: null, leaderboard: null })
      const refused = await ask(
        'mutation ($id: ID!) { joinCompetition(id: $id) { userErrors { code } } markNotificationsRead(ids: [$id]) { userErrors { code } } }',
        { id },
      )
      expect(refused.data).toEqual({
        joinCompetition: { userErrors: [{ code: 'NOT_FOUND' }] },
        markNotificationsRead: { userErrors: [{ code: 'NOT_FOUND' }] },
      })
    },
  )
})

type Fault = { code: string; field: string[] }

test('every fault of a competition is told at once, each with its field', async () => {
  const { data } = await ask(
    `mutation ($input: CreateCompetitionInput!) { createCompetition(input: $input) { competition { id } userErrors { code field } } }`,
    {
      input: {
        name: ' ',
        metric: 'STEPS',
        startsAt: '2026-01-01T00:07:00Z',
        endsAt: '2025-01-01T00:00:00Z',
        capacity: 1,
      },
    },
  )
  const payload = data?.createCompetition as { competition: unknown; userErrors: Fault[] }
  const { userErrors } = payload
  expect(payload.competition).toBeNull()
  const named = new Set(userErrors.map(({ field }) => field.join('.')))
  expect([...named].sort()).toEqual(expect.arrayContaining(['capacity', 'name', 'startsAt']))
  expect(new Set(userErrors.map(({ code }) => code))).toEqual(new Set(['INVALID_INPUT']))
})

test('a batch of more than a thousand records is refused whole', async () => {
  const records = Array.from({ length: 1_001 }, (_, index) => ({
    externalId: `r${index}`,
    value: 1,
    startedAt: quarter(podium.now(), -3),
    endedAt: quarter(podium.now(), -2),
  }))
  await expect(sync(ann, records)).rejects.toMatchObject({ codes: ['TOO_MANY_RECORDS'] })
})

test('a batch of a thousand records is taken', async () => {
  const records = Array.from({ length: 1_000 }, (_, index) => ({
    externalId: `a record with an id as long as those of phones are, number ${index}`,
    value: 1,
    startedAt: new Date(quarter(podium.now(), -300).getTime() + index * 15 * 60_000),
    endedAt: new Date(quarter(podium.now(), -300).getTime() + (index + 1) * 15 * 60_000),
  }))
  expect(await sync(ann, records)).toMatchObject({ accepted: 1_000, rejected: [] })
})

test('only its organizer may change a competition', async () => {
  const bo = await podium.person('Bo')
  const id = await openCompetition(ann, {
    startsAt: quarter(podium.now(), 1),
    endsAt: quarter(podium.now(), 9),
  })
  const cancel =
    'mutation ($id: ID!) { cancelCompetition(id: $id, reason: "mine") { userErrors { code message field } } }'
  await expect(bo.mutate(cancel, { id })).rejects.toMatchObject({ codes: ['NOT_ALLOWED'] })
})

describe('a process that cannot start says why in plain lines, and nothing else', () => {
  const started = async (script: string, args: string[], env: Record<string, string>) => {
    const { code, stderr } = await runToEnd(script, args, { LOG_LEVEL: 'silent', ...env })
    expect(code).toBe(1)
    expect(stderr).not.toMatch(/^\s+at /m)
    return stderr
  }

  test('every fault of the environment in one message', async () => {
    const said = await started('subgraphs/main.ts', ['users'], {
      USERS_SECRET: 'short',
      REDIS_URL: 'ftp://x',
      LOG_LEVEL: 'loud',
    })
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'USERS_SECRET', 'LOG_LEVEL'])
      expect(said).toContain(name)
    expect(await started('gateway/main.ts', [], { PORT: 'x' })).toMatch(
      /PORT[\s\S]*FITNESS_SECRET|FITNESS_SECRET[\s\S]*PORT/,
    )
  })

  test('every fault of several processes in one, in one message', async () => {
    const said = await started('subgraphs/main.ts', [], { USERS_SECRET: 'short', FITNESS_SECRET: 'short' })
    for (const name of ['USERS_SECRET', 'FITNESS_SECRET', 'DATABASE_URL']) {
      expect(said.split(`${name}:`)).toHaveLength(2)
    }
  })

  test('an unknown subgraph', async () => {
    expect(await started('subgraphs/main.ts', ['wallets'], {})).toMatch(/no subgraph wallets/)
  })

  test('a port in use', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const address = taken.address()
    const port = String(address && typeof address === 'object' ? address.port : 0)
    const { env, database } = await testEnvironment()
    expect(await started('subgraphs/main.ts', ['users'], { ...env, USERS_PORT: port })).toMatch(
      new RegExp(`^Port ${port} is in use. Set USERS_PORT`),
    )
    expect(await started('gateway/main.ts', [], { ...env, PORT: port })).toMatch(
      new RegExp(`^Port ${port} is in use`),
    )
    taken.close()
    await database.drop()
  })

  test('a PostgreSQL that refuses, and a Redis that is not there', async () => {
    const { env, database } = await testEnvironment()
    const wrong = Object.assign(new URL(env.DATABASE_URL ?? ''), { password: 'wrong' }).href
    expect(await started('subgraphs/main.ts', ['users'], { ...env, DATABASE_URL: wrong })).toMatch(
      /^PostgreSQL \(DATABASE_URL\): .+\n$/,
    )
    const nowhere = { ...env, REDIS_URL: 'redis://127.0.0.1:1' }
    expect(await started('subgraphs/main.ts', ['users'], nowhere)).toMatch(/^Redis \(REDIS_URL\): .+\n$/)
    await database.drop()
  }, 120_000)
})

test('a password that is there already is no new one', async () => {
  const change = ann.mutate(
    'mutation ($password: String!) { changePassword(currentPassword: $password, newPassword: $password) { userErrors { code message field } } }',
    { password: ann.password },
  )
  await expect(change).rejects.toMatchObject({ codes: ['INVALID_INPUT'] })
})
