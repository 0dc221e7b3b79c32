import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { startGateway } from '../../gateway/start.ts'
import { subgraphsInFile } from '../../gateway/supergraph/file.ts'
import { createClient } from '../../local/client.ts'
import { readGatewayConfig } from '../../platform/config.ts'
import type { Identity } from '../../platform/identity.ts'
import { openCompetition, quarter } from '../support/operations.ts'
import { askGateway, askSubgraph, sessionOf } from '../support/raw.ts'
import { openSocket } from '../support/socket.ts'
import { eventually, openTestSupergraph, type Person, type TestSupergraph } from '../support/supergraph.ts'

// Gateways ask about sessions every 30 s: whatever ends sooner was told.

type SignedIn = { accessToken: string; refreshToken: string; viewer: { id: string; role: string } }
type Payload = { session: SignedIn | null; userErrors: { code: string; field: string[] | null }[] }

const WATCH = 'subscription ($id: ID!) { leaderboardChanged(competitionId: $id) { revision } }'
const ERRORS = 'userErrors { code message field }'
const SESSION = `session { accessToken refreshToken viewer { id role } } ${ERRORS}`

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
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})
afterAll(() => podium.close())

async function payloadOf(query: string, variables: object, token?: string): Promise<Payload> {
  const { data, errors } = await askGateway(podium.url, query, variables, token)
  if (errors) throw new Error(JSON.stringify(errors))
  return Object.values(data ?? {})[0] as Payload
}

const logIn = ({ email, password }: Pick<Person, 'email' | 'password'>) =>
  payloadOf(`mutation ($input: LogInInput!) { logIn(input: $input) { ${SESSION} } }`, {
    input: { email, password },
  })
const refresh = (refreshToken: string) =>
  payloadOf(`mutation ($token: String!) { refreshSession(refreshToken: $token) { ${SESSION} } }`, {
    token: refreshToken,
  })

/** Signs a person in once more. */
async function again(person: Person): Promise<SignedIn> {
  const { session } = await logIn(person)
  if (!session) throw new Error('they cannot log in')
  return session
}

const codes = (payload: Payload) => payload.userErrors.map(({ code }) => code)

/** Watches a public board over a socket and over HTTP; both have begun. */
async function watch(token: string, url = podium.url) {
  const socket = await openSocket(url)
  closers.push(socket.cut)
  await socket.introduce(token)
  socket.subscribe('board', WATCH, { id: board })
  const leaving = new AbortController()
  closers.push(() => leaving.abort())
  const stream = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query: WATCH, variables: { id: board } }),
    signal: leaving.signal,
  })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  await socket.message(({ type }) => type === 'next')
  for (let text = ''; !text.includes('event: next'); ) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) throw new Error(`it ended: ${text}`)
    text += value
  }
  let isOver = false
  const ended = (async () => {
    const closedWith = await socket.closed
    let rest = ''
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) rest += part.value
    return { closedWith, isToldOverHttp: rest.includes('UNAUTHENTICATED') }
  })().finally(() => {
    isOver = true
  })
  ended.catch(() => {}) // of those that a test leaves, nobody awaits the end
  return { ended, isOver: () => isOver }
}

const refused = { closedWith: 4403, isToldOverHttp: true }

/** Until a gateway knows that a token is not good any more; it needs no subgraph for that. */
const untilRefused = (token: string, url = podium.url) =>
  eventually(
    async () => (await askGateway(url, '{ __typename }', {}, token)).errors?.[0]?.extensions.code,
    (code) => code === 'UNAUTHENTICATED',
  )

/** The code that a subgraph refuses with what a gateway let through that has heard of nothing yet. */
async function refusalBehind(identity: Identity, query: string): Promise<string | undefined> {
  const { errors } = await askSubgraph(podium, 'users', identity, query)
  return errors?.[0]?.extensions.code
}

const identityOf = (person: Person, token: string, role: 'USER' | 'ADMIN' = 'USER'): Identity => ({
  kind: 'person',
  id: person.id,
  role,
  scopes: role === 'ADMIN' ? ['users:admin', 'audit:read'] : [],
  sessionId: sessionOf(token),
})

const suspend = (userId: string, reason = 'Cheats.') =>
  admin.mutate(`mutation ($id: ID!, $reason: String!) { suspendUser(userId: $id, reason: $reason) { user { id } ${ERRORS} } }`, { id: userId, reason }) // biome-ignore format: one mutation

test('a suspension ends streams at once, over WebSocket and over HTTP, and nothing works any more', async () => {
  const person = await podium.person('Sue')
  const session = await again(person)
  const [theirs, others] = [await watch(session.accessToken), await watch(admin.token)]
  await suspend(person.id)
  expect(await theirs.ended).toEqual(refused)
  await untilRefused(session.accessToken)
  await untilRefused(person.token)
  expect(codes(await refresh(session.refreshToken))).toEqual(['SUSPENDED'])
  expect(codes(await logIn(person))).toEqual(['SUSPENDED'])
  for (const query of [
    '{ viewer { id } }',
    'mutation { updateProfile(input: { bio: "" }) { userErrors { code } } }',
  ]) {
    // biome-ignore format: two ways
    expect(await refusalBehind(identityOf(person, session.accessToken), query)).toBe('UNAUTHENTICATED')
  }
  expect(others.isOver()).toBe(false)

  await admin.mutate(`mutation ($id: ID!) { unsuspendUser(userId: $id, reason: "A mistake.") { user { id } ${ERRORS} } }`, { id: person.id }) // biome-ignore format: one mutation
  const { accessToken } = await again(person)
  expect(await askGateway(podium.url, '{ viewer { id } }', {}, accessToken)).toEqual({
    data: { viewer: { id: person.id } },
  })
})

test('a session that is ended from another one is over at once, and the others go on', async () => {
  const person = await podium.person('Lou')
  const elsewhere = await again(person)
  const [there, here] = [await watch(elsewhere.accessToken), await watch(person.token)]
  type Sessions = { viewer: { sessions: { id: string; current: boolean }[] } }
  const { viewer } = await person.send<Sessions>('{ viewer { sessions { id current } } }')
  expect(viewer.sessions.map(({ current }) => current).sort()).toEqual([false, true])
  const other = viewer.sessions.find(({ current }) => !current)
  await person.mutate(`mutation ($id: ID) { logOut(sessionId: $id) { ${ERRORS} } }`, { id: other?.id })
  expect(await there.ended).toEqual(refused)
  await untilRefused(elsewhere.accessToken)
  expect(codes(await refresh(elsewhere.refreshToken))).toEqual(['TOKEN_EXPIRED'])
  expect(here.isOver()).toBe(false)
  await person.send('{ viewer { id } }')
})

test('nobody ends the session of another person', async () => {
  const [person, stranger] = [await podium.person('Mia'), await podium.person('Sid')]
  const query = `mutation ($id: ID) { logOut(sessionId: $id) { ${ERRORS} } }`
  const { userErrors } = await payloadOf(query, { id: sessionOf(person.token) }, stranger.token)
  expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['sessionId'] }])
  await person.send('{ viewer { id } }')
})

test('logging out everywhere else leaves the session that it was asked from', async () => {
  const person = await podium.person('Eva')
  const elsewhere = await Promise.all([again(person), again(person)])
  const streams = await Promise.all(elsewhere.map(({ accessToken }) => watch(accessToken)))
  await person.mutate(`mutation { logOutEverywhereElse { ${ERRORS} } }`)
  expect(await Promise.all(streams.map(({ ended }) => ended))).toEqual([refused, refused])
  await person.send('{ viewer { id } }')
})

test('a change of password ends all other sessions, and the old password', async () => {
  const person = await podium.person('Pam')
  const elsewhere = await again(person)
  const [there, here] = [await watch(elsewhere.accessToken), await watch(person.token)]
  const change = `mutation ($old: String!, $new: String!) { changePassword(currentPassword: $old, newPassword: $new) { ${ERRORS} } }`
  const password = 'orange harbour before noon'
  const wrong = await payloadOf(change, { old: 'not this one', new: password }, person.token)
  expect(wrong.userErrors).toMatchObject([{ code: 'WRONG_CREDENTIALS', field: ['currentPassword'] }])
  const weak = await payloadOf(change, { old: person.password, new: 'password1234' }, person.token)
  expect(weak.userErrors).toMatchObject([{ code: 'WEAK_PASSWORD', field: ['newPassword'] }])
  await person.mutate(change, { old: person.password, new: password })
  expect(await there.ended).toEqual(refused)
  expect(codes(await refresh(elsewhere.refreshToken))).toEqual(['TOKEN_EXPIRED'])
  expect(codes(await logIn(person))).toEqual(['WRONG_CREDENTIALS'])
  await again({ ...person, password })
  expect(here.isOver()).toBe(false)
})

test('wrong passwords count for log-ins and changes alike, also under aliases', async () => {
  const person = await podium.person('Tom')
  const change = 'changePassword(currentPassword: "wrong", newPassword: "x") { userErrors { code } }'
  const aliased = Array.from({ length: 6 }, (_, n) => `a${n}: ${change}`).join(' ')
  const { data } = await askGateway(podium.url, `mutation { ${aliased} }`, {}, person.token)
  expect(Object.keys(data ?? {})).toHaveLength(6)
  for (let n = 6; n < 10; n++) {
    expect(codes(await logIn({ ...person, password: 'wrong' }))).toEqual(['WRONG_CREDENTIALS'])
  }
  expect(codes(await logIn(person))).toEqual(['TOO_MANY_ATTEMPTS'])
  const { data: later } = await askGateway(podium.url, `mutation { ${change} }`, {}, person.token)
  expect(later).toEqual({ changePassword: { userErrors: [{ code: 'TOO_MANY_ATTEMPTS' }] } })
})

test('a demoted administrator has no rights left, at once, and a session that goes on without them', async () => {
  const other = await podium.admin('Bob')
  const session = await again(other)
  const stream = await watch(session.accessToken)
  await admin.mutate(`mutation ($id: ID!) { setUserRole(userId: $id, role: USER) { user { id } ${ERRORS} } }`, { id: other.id }) // biome-ignore format: one mutation
  const before = identityOf(other, session.accessToken, 'ADMIN')
  expect(await refusalBehind(before, '{ auditLog { edges { cursor } } }')).toBe('UNAUTHENTICATED')
  expect(await stream.ended).toEqual(refused)
  await untilRefused(session.accessToken)

  const { session: refreshed } = await refresh(session.refreshToken)
  expect(refreshed?.viewer.role).toBe('USER')
  const token = refreshed?.accessToken ?? ''
  // A forged claim of a gateway that knows no better is worth nothing either.
  expect(await refusalBehind(identityOf(other, token, 'ADMIN'), '{ users { totalCount } }')).toBe('FORBIDDEN')
  const { errors } = await askGateway(podium.url, '{ auditLog { edges { cursor } } }', {}, token)
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
})

test('a refresh token that is used again ends the streams of its session at once', async () => {
  const person = await podium.person('Rex')
  const first = await again(person)
  const { session: second } = await refresh(first.refreshToken)
  const stream = await watch(second?.accessToken ?? '')
  await podium.passTo(new Date(podium.now().getTime() + 11_000))
  expect(codes(await refresh(first.refreshToken))).toEqual(['TOKEN_EXPIRED'])
  expect(await stream.ended).toEqual(refused)
})

test('administrators find people, and see who is suspended and why', async () => {
  const person = await podium.person('Zoe')
  await suspend(person.id, ' Sells steps. ')
  const { users } = await admin.send<{ users: unknown }>(
    'query ($search: String) { users(search: $search) { totalCount edges { email role suspensionReason suspendedAt node { displayName } } } }',
    { search: person.email.toUpperCase() },
  )
  expect(users).toEqual({
    totalCount: 1,
    edges: [
      {
        email: person.email,
        role: 'USER',
        suspensionReason: 'Sells steps.',
        suspendedAt: expect.any(String),
        node: { displayName: 'Zoe' },
      },
    ],
  })
  type Log = { auditLog: { edges: { node: { action: string; actor: { id: string }; details: string } }[] } }
  const { auditLog } = await eventually(
    () =>
      admin.send<Log>(
        'query ($id: ID) { auditLog(subjectId: $id) { edges { node { action actor { id } details } } } }',
        { id: person.id },
      ),
    (log) => log.auditLog.edges.length > 0,
  )
  expect(auditLog.edges.map(({ node }) => node)).toEqual([
    { action: 'user.suspended', actor: { id: admin.id }, details: '{"reason":"Sells steps."}' },
  ])
})

test('another gateway hears of what ends, and of what ended before it started', async () => {
  const urls = Object.entries(podium.subgraphs).map(([name, url]) => [`${name.toUpperCase()}_URL`, url])
  const config = readGatewayConfig({ ...podium.env, ...Object.fromEntries(urls) }, subgraphsInFile)
  const person = await podium.person('Gus')
  const [early, late] = [await again(person), await again(person)]
  const logOut = `mutation { logOut { ${ERRORS} } }`
  await createClient(podium.url).mutate(logOut, {}, early.accessToken)
  const gateway = await startGateway(config, { now: podium.now })
  closers.push(gateway.close)
  await untilRefused(early.accessToken, gateway.url)
  const stream = await watch(late.accessToken, gateway.url)
  await createClient(podium.url).mutate(logOut, {}, late.accessToken)
  expect(await stream.ended).toEqual(refused)
})

test('a gateway without Redis finds out which sessions are over by asking, and refuses their tokens then', async () => {
  const urls = Object.entries(podium.subgraphs).map(([name, url]) => [`${name.toUpperCase()}_URL`, url])
  const env = { ...podium.env, ...Object.fromEntries(urls), REDIS_URL: undefined }
  const gateway = await startGateway(readGatewayConfig(env, subgraphsInFile), {
    now: podium.now,
    sessionCheck: 100,
  })
  closers.push(gateway.close)
  const { accessToken } = await again(await podium.person('Nan'))
  const stream = await watch(accessToken, gateway.url)
  await createClient(podium.url).mutate(`mutation { logOut { ${ERRORS} } }`, {}, accessToken)
  expect(await stream.ended).toEqual(refused)
  await untilRefused(accessToken, gateway.url)
})
