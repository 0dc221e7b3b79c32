import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Identity } from '../platform/identity.ts'
import { hour, openCompetition, quarter } from './support/operations.ts'
import { askGateway, askSubgraph } from './support/raw.ts'
import { openSocket } from './support/socket.ts'
import { eventually, openTestSupergraph, type Person, type TestSupergraph } from './support/supergraph.ts'

// Keys are looked up again every 30 s: whatever ends sooner was told.

const ERRORS = 'userErrors { code message field }'
const WATCH = 'subscription ($id: ID!) { leaderboardChanged(competitionId: $id) { revision } }'

let podium: TestSupergraph
let admin: Person
let board: string
const closers: (() => unknown)[] = []
beforeAll(async () => {
  podium = await openTestSupergraph()
  admin = await podium.admin('Root')
  const times = { startsAt: quarter(podium.now(), -24), endsAt: quarter(podium.now(), 24) }
  board = await openCompetition(admin, times)
})
afterEach(() => closers.splice(0).forEach((close) => void close()))
afterAll(() => podium.close())

type Key = { id: string; secret: string }

async function createKey(owner: Person, scopes: string[], change: object = {}): Promise<Key> {
  const { apiKey, secret } = await owner.mutate<{ apiKey: { id: string }; secret: string }>(
    `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } ${ERRORS} } }`,
    { input: { name: 'A bot', scopes, ...change } },
  )
  return { id: apiKey.id, secret }
}

const ask = (query: string, key: Key, variables: object = {}) =>
  askGateway(podium.url, query, variables, key.secret)

/** What a program is refused with: of each error its code, and the scope that it names. */
async function refusals(query: string, key: Key, variables: object = {}): Promise<string[]> {
  const { errors = [] } = await ask(query, key, variables)
  return errors.map(({ extensions, message }) => [extensions.code, ...(/account:\w+/.exec(message) ?? [])].join(' ')) // biome-ignore format: one thought
}

const revoke = (owner: Person, { id }: Key) =>
  owner.mutate(`mutation ($id: ID!) { revokeApiKey(id: $id) { ${ERRORS} } }`, { id })

/** Watches the board with a key; gives what the socket is closed with. */
async function watch({ secret }: Key): Promise<{ closed: Promise<number> }> {
  const socket = await openSocket(podium.url)
  closers.push(socket.cut)
  await socket.introduce(secret)
  socket.subscribe('board', WATCH, { id: board })
  await socket.message(({ type }) => type === 'next')
  return socket
}

const untilRefused = (key: Key) =>
  eventually(
    async () => (await refusals('{ __typename }', key))[0],
    (code) => code === 'UNAUTHENTICATED',
  )

const SYNC = `mutation ($input: SyncFitnessInput!) { syncFitness(input: $input) { accepted days { steps } ${ERRORS} } }`
const syncInput = () => ({
  input: {
    provider: 'HEALTH_CONNECT',
    deviceId: 'watch',
    records: [{ metric: 'STEPS', ...hour('one', 700, quarter(podium.now(), -3)) }],
  },
})
const READ = '{ viewer { email fitness { summary(period: WEEK) { total { steps } } } } }'

test('a program syncs with account:write and reads with account:read, and is told what it lacks', async () => {
  const person = await podium.person('Ada')
  const [writer, reader] = [
    await createKey(person, ['account:write']),
    await createKey(person, ['account:read']),
  ]
  expect(await ask(SYNC, writer, syncInput())).toEqual({
    data: { syncFitness: { accepted: 1, days: [{ steps: 700 }], userErrors: [] } },
  })
  expect(await refusals(SYNC, reader, syncInput())).toEqual(['FORBIDDEN account:write'])
  expect(await ask(READ, reader)).toEqual({
    data: { viewer: { email: person.email, fitness: { summary: { total: { steps: 700 } } } } },
  })
  expect(await ask(READ, writer)).toEqual({ data: { viewer: null } })

  const update = (fields: string) => `mutation { updateProfile(input: { bio: "Walks." }) { viewer { ${fields} } ${ERRORS} } }` // biome-ignore format: one mutation
  expect(await ask(update('user { bio }'), writer)).toMatchObject({
    data: { updateProfile: { viewer: { user: { bio: 'Walks.' } }, userErrors: [] } },
  })
  // What other parts of the service add to it is read there.
  const added = await ask(update('id fitness { summary { total { steps } } }'), writer)
  expect(added.errors).toMatchObject([{ message: expect.stringContaining('account:read') }])
  const stream = `subscription { viewerStandingChanged(competitionId: "${board}") { rank } }`
  const socket = await openSocket(podium.url)
  closers.push(socket.cut)
  await socket.introduce(writer.secret)
  socket.subscribe('mine', stream)
  expect(await socket.refusal('mine')).toEqual(['FORBIDDEN'])
})

test('keys are listed without their secrets, and say when they were used', async () => {
  const person = await podium.person('Lil')
  const expiresAt = new Date(podium.now().getTime() + 86_400_000).toISOString()
  const key = await createKey(person, ['schema:read'], { name: 'Board', expiresAt })
  await ask('{ __typename }', key)
  const { viewer } = await person.send<{ viewer: { apiKeys: object[] } }>(
    '{ viewer { apiKeys { id name prefix scopes lastUsedAt expiresAt } } }',
  )
  expect(viewer.apiKeys).toEqual([
    {
      id: key.id,
      name: 'Board',
      prefix: key.secret.slice(0, 12),
      scopes: ['schema:read'],
      lastUsedAt: expect.any(String),
      expiresAt,
    },
  ])
  await revoke(person, key)
  expect(await person.send('{ viewer { apiKeys { id } } }')).toEqual({ viewer: { apiKeys: [] } })
})

test('no key secures or ends anything of its owner, or makes keys', async () => {
  const person = await podium.person('Kim')
  const key = await createKey(person, ['account:read', 'account:write'])
  const mutations = [
    `createApiKey(input: { name: "More", scopes: ["account:read"] }) { secret ${ERRORS} }`,
    `revokeApiKey(id: "${key.id}") { ${ERRORS} }`,
    `logOut { ${ERRORS} }`,
    `logOutEverywhereElse { ${ERRORS} }`,
    `changePassword(currentPassword: "${person.password}", newPassword: "orange harbour before noon") { ${ERRORS} }`,
  ]
  for (const mutation of mutations) {
    const { errors } = await ask(`mutation { ${mutation} }`, key)
    expect(errors).toMatchObject([
      { message: 'Sign in to do this: an API key cannot.', extensions: { code: 'FORBIDDEN' } },
    ])
  }
  const { userErrors } = (await person.send<{ logOut: { userErrors: object[] } }>(`mutation { logOut(sessionId: "${key.id}") { ${ERRORS} } }`)).logOut // biome-ignore format: one mutation
  expect(userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  expect(await ask('{ viewer { id } }', key)).toEqual({ data: { viewer: { id: person.id } } })
})

test('a key outlives a change of password, and log-outs everywhere else', async () => {
  const person = await podium.person('Pam')
  const key = await createKey(person, ['account:read'])
  await person.mutate(`mutation { logOutEverywhereElse { ${ERRORS} } }`)
  await person.mutate(`mutation ($old: String!) { changePassword(currentPassword: $old, newPassword: "orange harbour before noon") { ${ERRORS} } }`, { old: person.password }) // biome-ignore format: one mutation
  expect(await ask('{ viewer { id } }', key)).toEqual({ data: { viewer: { id: person.id } } })
})

test('a key that is revoked is refused at once, and its socket ends; others go on', async () => {
  const person = await podium.person('Rex')
  const [key, other] = [
    await createKey(person, ['account:read']),
    await createKey(person, ['account:read', 'account:write']),
  ]
  const socket = await watch(key)
  await revoke(person, key)
  expect(await socket.closed).toBe(4403)
  await untilRefused(key)
  expect(await refusals('{ viewer { id } }', other)).toEqual([])
  // What a gateway let through that has heard of nothing yet.
  const identity: Identity = { kind: 'person', id: person.id, role: 'USER', scopes: ['account:read', 'account:write'], sessionId: key.id, isProgram: true } // biome-ignore format: one value
  for (const query of [
    '{ viewer { id } }',
    'mutation { updateProfile(input: { bio: "" }) { userErrors { code } } }',
  ]) {
    const { errors } = await askSubgraph(podium, 'users', identity, query)
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  }
})

test('the keys of who is suspended end at once, and work again when that is lifted', async () => {
  const person = await podium.person('Sue')
  const key = await createKey(person, ['account:read'])
  const socket = await watch(key)
  await admin.mutate(`mutation ($id: ID!) { suspendUser(userId: $id, reason: "Cheats.") { ${ERRORS} } }`, { id: person.id }) // biome-ignore format: one mutation
  expect(await socket.closed).toBe(4403)
  await untilRefused(key)
  await admin.mutate(`mutation ($id: ID!) { unsuspendUser(userId: $id, reason: "A mistake.") { ${ERRORS} } }`, { id: person.id }) // biome-ignore format: one mutation
  await eventually(
    () => ask('{ viewer { id } }', key),
    ({ data }) => data?.viewer !== undefined,
  )
  await watch(key)
})

test('the key of an administrator has the rights that they have, as soon as they have them no more', async () => {
  const other = await podium.admin('Bob')
  const key = await createKey(other, ['users:admin', 'account:read'])
  expect(await ask('{ users(first: 1) { edges { cursor } } viewer { role } }', key)).toMatchObject({
    data: { users: { edges: [{}] }, viewer: { role: 'ADMIN' } },
  })
  expect(await refusals('{ auditLog { edges { cursor } } }', key)).toEqual(['FORBIDDEN'])
  const socket = await watch(key)
  await admin.mutate(`mutation ($id: ID!) { setUserRole(userId: $id, role: USER) { ${ERRORS} } }`, { id: other.id }) // biome-ignore format: one mutation
  expect(await refusals('{ users { totalCount } }', key)).toEqual(['FORBIDDEN'])
  expect(await socket.closed).toBe(4403)
  expect(await ask('{ viewer { role } }', key)).toEqual({ data: { viewer: { role: 'USER' } } })
  await watch(key)
})

test('a key is refused from its end on, and its socket ends then', async () => {
  const person = await podium.person('Eve')
  const expiresAt = new Date(podium.now().getTime() + 8_000).toISOString()
  const key = await createKey(person, ['account:read'], { expiresAt })
  const socket = await watch(key)
  expect(await socket.closed).toBe(4403)
  await untilRefused(key)
})

test('whom a key speaks for is told to nobody, by the gateway or by the subgraph', async () => {
  const person = await podium.person('Eli')
  const { secret } = await createKey(person, ['account:read'])
  const secretHash = createHash('sha256').update(secret).digest('base64url')
  const query = 'query ($secretHash: String!) { apiKeyBearer(secretHash: $secretHash) { userId } }'
  const { errors } = await askGateway(podium.url, query, { secretHash }, admin.token)
  expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
  const known = { data: { apiKeyBearer: { userId: person.id } } }
  expect(await askSubgraph(podium, 'users', { kind: 'gateway' }, query, { secretHash })).toEqual(known)
  const scopes = ['users:admin', 'account:read']
  const others: Identity[] = [
    { kind: 'anonymous' },
    { kind: 'person', id: person.id, role: 'ADMIN', scopes, sessionId: 'x' },
  ]
  for (const identity of others) {
    const answer = await askSubgraph(podium, 'users', identity, query, { secretHash })
    expect(answer).toEqual({ data: { apiKeyBearer: null } })
  }
})
