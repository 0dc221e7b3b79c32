import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openOutsideIssuer } from '../gateway/test-support/outside-issuer.ts'
import { openCompetition, quarter } from './support/operations.ts'
import { askGateway } from './support/raw.ts'
import { openSocket } from './support/socket.ts'
import { eventually, openTestSupergraph, type Person, type TestSupergraph } from './support/supergraph.ts'

let issuer: Awaited<ReturnType<typeof openOutsideIssuer>>
let podium: TestSupergraph
let admin: Person
let board: string
beforeAll(async () => {
  issuer = await openOutsideIssuer()
  podium = await openTestSupergraph(issuer.env)
  admin = await podium.admin('Root')
  const times = { startsAt: quarter(podium.now(), -24), endsAt: quarter(podium.now(), 24) }
  board = await openCompetition(admin, times)
})
afterAll(async () => {
  await podium.close()
  await issuer.close()
})

const VIEWER =
  '{ viewer { id role email emailVerified timeZone user { displayName } sessions { id current } notifications { edges { cursor } } } }'
const WATCH = 'subscription ($id: ID!) { leaderboardChanged(competitionId: $id) { revision } }'

/** Somebody whom nobody has seen, and what makes tokens of theirs. */
function newcomer() {
  const claims = { sub: randomUUID(), email: `${randomUUID()}@example.com`, session_id: randomUUID() }
  return { ...claims, token: (change: object = {}) => issuer.token({ claims: { ...claims, ...change } }) }
}

async function viewerOf(token: string) {
  const { data, errors } = await askGateway(podium.url, VIEWER, {}, token)
  if (errors) throw new Error(errors.map(({ extensions }) => extensions.code).join())
  return data?.viewer as { id: string; role: string; sessions: { id: string; current: boolean }[] }
}

async function refusalOf(token: string) {
  const { errors = [] } = await askGateway(podium.url, '{ viewer { id } }', {}, token)
  return errors.map(({ extensions }) => extensions.code)
}

/** A socket of theirs that has been sent a board. */
async function watch(token: string) {
  const socket = await openSocket(podium.url)
  await socket.introduce(token)
  socket.subscribe('board', WATCH, { id: board })
  await socket.message(({ type }) => type === 'next')
  return socket
}

test('at first sight of a token somebody has an account, asks and watches, until they are suspended', async () => {
  const ann = newcomer()
  const token = await ann.token()
  const viewer = await viewerOf(token)
  expect(viewer).toEqual({
    id: expect.any(String),
    role: 'USER',
    email: ann.email,
    emailVerified: true,
    timeZone: 'Europe/Helsinki',
    user: { displayName: 'Ann' },
    sessions: [{ id: expect.any(String), current: true }],
    notifications: { edges: [] },
  })
  const socket = await watch(token)

  await admin.mutate(
    'mutation ($id: ID!) { suspendUser(userId: $id, reason: "a test") { userErrors { code } } }',
    { id: viewer.id },
  )
  expect(await socket.closed).toBe(4403)
  expect(await refusalOf(token)).toEqual(['UNAUTHENTICATED'])
  // Neither does a token of another session, that nobody has seen.
  expect(await refusalOf(await ann.token({ session_id: randomUUID() }))).toEqual(['UNAUTHENTICATED'])
})

test('many first requests at the same time open one account', async () => {
  const bo = newcomer()
  const tokens = await Promise.all(Array.from({ length: 8 }, (_, n) => bo.token({ n })))
  const viewers = await Promise.all(tokens.map(viewerOf))
  expect(new Set(viewers.map(({ id }) => id)).size).toBe(1)
  expect((await viewerOf(tokens[0] ?? '')).sessions).toHaveLength(1)
})

test('who logs out is out with every token of that session, and in again with another', async () => {
  const cy = newcomer()
  const token = await cy.token()
  const { id } = await viewerOf(token)
  const socket = await watch(token)
  await askGateway(podium.url, 'mutation { logOut { userErrors { code } } }', {}, token)
  expect(await socket.closed).toBe(4403)
  await eventually(
    () => refusalOf(token),
    (codes) => codes.includes('UNAUTHENTICATED'),
  )
  expect(await refusalOf(await cy.token({ n: 1 }))).toEqual(['UNAUTHENTICATED'])
  expect(await viewerOf(await cy.token({ session_id: randomUUID() }))).toMatchObject({ id })
})

test('a role that is given here holds at once for the same token, and one in the token never', async () => {
  const di = newcomer()
  const token = await di.token({ role: 'ADMIN', scope: 'users:admin', sid: 'session' })
  const { id, role } = await viewerOf(token)
  expect(role).toBe('USER')
  const everyone = '{ users { totalCount } }'
  const codes = async () =>
    (await askGateway(podium.url, everyone, {}, token)).errors?.map(({ extensions }) => extensions.code)
  expect(await codes()).toEqual(['FORBIDDEN'])
  await admin.mutate(
    'mutation ($id: ID!) { setUserRole(userId: $id, role: ADMIN) { userErrors { code } } }',
    { id },
  )
  await eventually(codes, (found) => found === undefined)
  expect((await viewerOf(token)).role).toBe('ADMIN')
})

test('an account with a password is not entered by a token that names its address', async () => {
  const ed = await podium.person('Ed')
  expect(await refusalOf(await newcomer().token({ email: ed.email }))).toEqual(['UNAUTHENTICATED'])
  expect((await ed.send<{ viewer: { sessions: object[] } }>('{ viewer { sessions { id } } }')).viewer.sessions).toHaveLength(1) // biome-ignore format: one line
})

test('a token of ours is none of the issuer, nor the reverse', async () => {
  const fay = await podium.person('Fay')
  const [header, payload = '', signature] = fay.token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const changed = { ...claims, iss: issuer.settings.issuer, aud: issuer.settings.audience }
  const posing = [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
  const reverse = await newcomer().token({ iss: 'podium', aud: 'podium', sub: fay.id, sid: claims.sid, role: 'ADMIN', scope: 'users:admin' }) // biome-ignore format: one line
  for (const token of [posing, reverse]) expect(await refusalOf(token)).toEqual(['UNAUTHENTICATED'])
})
