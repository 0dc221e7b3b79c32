import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { SubgraphName } from '../platform/names.ts'
import { sdlOf } from '../platform/subgraph.ts'
import { requests, streams, type Way } from '../test/support/ways.ts'
import { committedForm } from './compose.ts'
import { sha256 } from './documents/manifest.ts'
import { eventually, framesOf, openGateway, type TestGateway } from './test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from './test-support/subgraphs.ts'

const POLL = 20 // ms

let folder: string
let subgraphs: TestSubgraphs
let key: string
const closing: (() => Promise<void>)[] = []
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'podium-partner-'))
  subgraphs = await openSubgraphs()
  key = subgraphs.key(['schema:read'])
})
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})
afterAll(async () => {
  await subgraphs.close()
  rmSync(folder, { recursive: true })
})

async function open(options: Parameters<typeof openGateway>[1] = {}): Promise<TestGateway> {
  const gateway = await openGateway(subgraphs, { spread: 0, poll: POLL, ...options })
  closing.push(gateway.close)
  return gateway
}

/** The subgraphs' supergraph with something in their schemas put in another one's place. */
const changed = (from: string | RegExp, to: string) =>
  committedForm((name: SubgraphName) => sdlOf(name).replaceAll(from, to))
const TAG = ' @tag(name: "partner")'
const untagged = () => changed(TAG, '')
/** Partners do not see live boards in it. */
const boardless = () =>
  changed(/(leaderboardChanged\([^)]*\): LeaderboardFrame!\s+)@tag\(name: "partner"\)/g, '$1')

function put(text: string): string {
  const file = join(folder, 'supergraph.graphql')
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
  return file
}

const person = '{ user(id: "ann") { displayName } }'
const viewer = '{ viewer { id } }'
const board =
  'subscription { leaderboardChanged(competitionId: "cup") { revision standings { user { displayName } } } }'
const standing = 'subscription { viewerStandingChanged(competitionId: "cup") { rank } }'

const named = 'Cannot query field "viewer" on type "Query".'

test('a key is held to the contract by its scope, and nobody else is', async () => {
  const gateway = await open()
  const session = await subgraphs.issuer.token({ claims: { scope: 'schema:read' } })
  expect((await gateway.ask(person, { token: key })).body).toEqual({
    data: { user: { displayName: 'Person ann' } },
  })
  for (const scopes of [['schema:read'], ['schema:read', 'account:read', 'account:write', 'users:admin']]) {
    const { status, body } = await gateway.ask(viewer, { token: subgraphs.key(scopes) })
    expect([status, body.errors?.map(({ message }) => message)]).toEqual([400, [named]])
  }
  for (const token of [session, subgraphs.key(['account:read'])]) {
    expect((await gateway.ask(viewer, { token })).body).toEqual({ data: { viewer: { id: 'ann' } } })
  }
  expect((await gateway.ask(viewer)).body).toEqual({ data: { viewer: null } })
})

test('the same text at the same time is judged for each by what they see, whoever was first', async () => {
  const gateway = await open()
  for (let round = 0; round < 3; round++) {
    const [own, partner, both, partnerToo] = await Promise.all([
      gateway.ask(viewer),
      gateway.ask(viewer, { token: key }),
      gateway.ask(person),
      gateway.ask(person, { token: key }),
    ])
    expect([own.status, partner.status, both.status, partnerToo.status]).toEqual([200, 400, 200, 200])
    expect(partnerToo.body).toEqual(both.body)
  }
})

test('mutations are not there, and no operation without a kind of its own is run', async () => {
  const gateway = await open()
  const { status, body } = await gateway.ask('mutation { logOut { userErrors { code } } }', { token: key })
  expect([status, body.errors?.map(({ message, extensions }) => [message, extensions?.code])]).toEqual([
    400,
    [['There is no mutation here.', 'GRAPHQL_VALIDATION_FAILED']],
  ])
})

test('a persisted query of others is unknown to partners, and one of theirs is judged as any text', async () => {
  const gateway = await open()
  const [[, post]] = requests as [[string, Way]]
  const persisted = (text: string) => ({
    extensions: { persistedQuery: { version: 1, sha256Hash: sha256(text) } },
  })
  const codeOf = ({ errors }: Awaited<ReturnType<Way>>) => errors?.map(({ extensions }) => extensions?.code)
  expect(await post(gateway.url, { query: viewer, ...persisted(viewer) })).toMatchObject({
    data: { viewer: null },
  })
  expect(codeOf(await post(gateway.url, persisted(viewer), key))).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
  expect(codeOf(await post(gateway.url, { query: viewer, ...persisted(viewer) }, key))).toEqual([
    'GRAPHQL_VALIDATION_FAILED',
  ])
  expect(codeOf(await post(gateway.url, persisted(viewer), key))).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
  expect(await post(gateway.url, { query: person, ...persisted(person) }, key)).toMatchObject({ status: 200 })
  expect(await post(gateway.url, persisted(person), key)).toMatchObject({ status: 200, data: { user: {} } })
})

test('where only trusted documents run partners ask what their contract shows, and have no documents', async () => {
  const file = join(folder, 'documents.json')
  writeFileSync(file, JSON.stringify({ [sha256(viewer)]: viewer, [sha256(board)]: board, own: person }))
  const gateway = await open({ config: { trustedDocuments: { file, only: true } } })
  const [[, post]] = requests as [[string, Way]]
  const text = 'query Other { user(id: "bob") { displayName } }'
  expect(await post(gateway.url, { query: text })).toMatchObject({ status: 403 })
  expect(await post(gateway.url, { query: text }, key)).toMatchObject({
    data: { user: { displayName: 'Person bob' } },
  })
  for (const [, way] of streams) {
    expect(await way(gateway.url, { query: board }, key)).toMatchObject({ data: { leaderboardChanged: {} } })
  }
  for (const documentId of ['own', `sha256:${sha256(viewer)}`, `sha256:${sha256(board)}`]) {
    for (const [, way] of [...requests, ...streams]) {
      const { data, errors } = await way(gateway.url, { documentId }, key)
      expect([data, errors?.map(({ message }) => message)]).toEqual([
        undefined,
        ['No trusted document has this id.'],
      ])
    }
  }
})

test.each(streams)(
  'over %s a partner watches a live board, and nothing that the contract does not show',
  async (_, way) => {
    const gateway = await open()
    const frame = {
      revision: 0,
      standings: [{ user: { displayName: 'Person p0' } }, { user: { displayName: 'Person p1' } }],
    }
    expect(await way(gateway.url, { query: board }, key)).toMatchObject({
      data: { leaderboardChanged: frame },
    })
    const { data, errors } = await way(gateway.url, { query: standing }, key)
    expect([data, errors?.map(({ message }) => message)]).toEqual([
      undefined,
      ['Cannot query field "viewerStandingChanged" on type "Subscription".'],
    ])
  },
)

test('partners who watch the same share it, among themselves', async () => {
  const gateway = await open()
  const watch = (token?: string) => {
    const client = gateway.watch({ connectionParams: token ? { authorization: `Bearer ${token}` } : {} })
    closing.push(async () => client.dispose())
    return framesOf(client, board)
  }
  const watching = [watch(key), watch(subgraphs.key(['schema:read'])), watch(), watch()]
  const revisions = () =>
    Promise.all(watching.map(async (frames) => (await frames.next()).value.data.leaderboardChanged.revision))
  const first = subgraphs.board.published.at(-1) ?? 0
  expect(await revisions()).toEqual([first, first, first, first])
  await eventually(() => subgraphs.board.readers.size === 2)
  subgraphs.board.publish(first + 1)
  expect(await revisions()).toEqual([first + 1, first + 1, first + 1, first + 1])
})

test('another supergraph has another contract: what it no longer shows ends for partners, and goes on for others', async () => {
  const gateway = await open({ config: { supergraph: put(committedForm()) } })
  const sdl = async () => {
    const response = await fetch(`${gateway.origin}/schema/partner.graphql`, {
      headers: { authorization: `Bearer ${key}` },
    })
    return { status: response.status, tag: response.headers.get('etag'), text: await response.text() }
  }
  const clients = [gateway.watch({ connectionParams: { authorization: `Bearer ${key}` } }), gateway.watch()]
  closing.push(async () => void (await Promise.all(clients.map((client) => client.dispose()))))
  const [partner, other] = clients.map((client) => framesOf(client, board))
  if (!partner || !other) throw new Error('two watch')
  await Promise.all([partner.next(), other.next()])
  const before = await sdl()
  const asked = '{ __type(name: "Subscription") { name } }'
  expect((await gateway.ask(asked, { token: key })).body.data).toEqual({ __type: { name: 'Subscription' } })

  put(boardless())
  await expect(partner.next()).rejects.toMatchObject([
    { message: 'There is no subscription here.', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ])
  const after = await sdl()
  expect(after.tag).not.toBe(before.tag)
  expect([before.text, after.text].map((text) => text.includes('leaderboardChanged'))).toEqual([true, false])
  expect((await gateway.ask(asked, { token: key })).body.data).toEqual({ __type: null })
  expect((await gateway.ask(person, { token: key })).status).toBe(200)
  const revision = (subgraphs.board.published.at(-1) ?? 0) + 1
  subgraphs.board.publish(revision)
  expect((await other.next()).value.data.leaderboardChanged.revision).toBe(revision)

  put(untagged())
  await eventually(async () => (await sdl()).status === 403)
  expect((await gateway.ask(person, { token: key })).body.errors?.[0]).toMatchObject({
    message: 'This service has no partner contract.',
    extensions: { code: 'FORBIDDEN' },
  })
  put(committedForm())
  await eventually(async () => (await sdl()).tag === before.tag)
  expect((await gateway.ask(person, { token: key })).status).toBe(200)
})

test('where there is no contract partners are refused, by whatever way they come', async () => {
  const gateway = await open({ config: { supergraph: put(untagged()) } })
  const operations = new Map<Way, string>([
    ...requests.map(([, way]) => [way, person] as const),
    ...streams.map(([, way]) => [way, board] as const),
  ])
  for (const [way, query] of operations) {
    const { data, errors } = await way(gateway.url, { query }, key)
    expect([data, errors?.map(({ message, extensions }) => [message, extensions?.code])]).toEqual([
      undefined,
      [['This service has no partner contract.', 'FORBIDDEN']],
    ])
    expect(await way(gateway.url, { query })).toMatchObject({ data: {} })
  }
  expect((await gateway.ask(person, { token: key })).status).toBe(403)
})
