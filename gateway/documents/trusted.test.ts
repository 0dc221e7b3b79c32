import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ConfigError } from '../../platform/settings/environment.ts'
import { requests, streams, type Way } from '../../test/support/ways.ts'
import { eventually, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'
import { sha256 } from './manifest.ts'

const POLL = 20 // ms

const query = 'query Person($id: ID!) { user(id: $id) { displayName } }'
const mutation = 'mutation Out { logOut { userErrors { code } } }'
const board = 'subscription Board { leaderboardChanged(competitionId: "cup") { revision } }'
const own = 'query Own { viewer { id } }'
const manifest = JSON.stringify({
  ...Object.fromEntries([query, mutation, board].map((text) => [sha256(text), text])),
  'own-1': own,
})

let folder: string
let subgraphs: TestSubgraphs
/** What trusts documents and takes others, too, and what takes nothing else. */
let beside: TestGateway
let alone: TestGateway
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'podium-trusted-'))
  subgraphs = await openSubgraphs()
  ;[beside, alone] = [await open('beside.json', false), await open('alone.json', true)]
})
afterAll(async () => {
  await Promise.all([beside.close(), alone.close()])
  await subgraphs.close()
  rmSync(folder, { recursive: true })
})

async function open(name: string, only: boolean) {
  const file = join(folder, name)
  writeFileSync(file, manifest)
  return openGateway(subgraphs, { config: { trustedDocuments: { file, only } }, poll: POLL })
}

type Parameters = Record<string, unknown>
const send = async (way: Way, { url }: { url: string }, parameters: Parameters) => {
  const { errors, ...answer } = await way(url, parameters)
  return errors ? { status: answer.status, code: errors[0]?.extensions?.code } : answer
}

const persisted = (hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } })
/** The ways in which a document is named. */
const names = (text: string): [string, Parameters][] => [
  ['documentId', { documentId: `sha256:${sha256(text)}` }],
  ['the hash of a persisted query', persisted(sha256(text))],
  ['that hash and its text', { ...persisted(sha256(text)), query: text }],
  ['that hash and an empty text, as graphql-ws sends it', { ...persisted(sha256(text)), query: '' }],
]
const [, post] = requests[0] as [string, Way]
const [, get] = requests[1] as [string, Way]
const [, websocket] = streams[0] as [string, Way]

const across = (ways: [string, Way][], text: string) =>
  ways.flatMap(([title, way]) => names(text).map(([name, named]) => [title, name, way, named] as const))

test.each(across(requests, query))(
  'over %s a trusted document runs by %s, whatever else does',
  async (_, __, way, named) => {
    for (const gateway of [beside, alone]) {
      const result = await send(way, gateway, { ...named, variables: { id: 'ada' } })
      expect(result).toEqual({ status: 200, data: { user: { displayName: 'Person ada' } } })
    }
  },
)

test.each(across(streams, board))(
  'over %s a trusted subscription runs by %s, whatever else does',
  async (_, __, way, named) => {
    for (const gateway of [beside, alone]) {
      expect(await send(way, gateway, named)).toMatchObject({ data: { leaderboardChanged: { revision: 0 } } })
    }
  },
)

test('where nothing else runs a trusted document may be sent as its text, and by the id of its app', async () => {
  const data = { viewer: null }
  expect(await send(post, alone, { query: own })).toEqual({ status: 200, data })
  expect(await send(post, alone, { documentId: 'own-1' })).toEqual({ status: 200, data })
  expect(await send(websocket, alone, { query: board })).toMatchObject({ data: {} })
})

const foreign = 'query Other { viewer { email } }'
const others: [string, Parameters][] = [
  ['another text', { query: foreign }],
  ['a trusted text with a space more', { query: `${own} ` }],
  ['introspection', { query: '{ __schema { types { name } } }' }],
  ['a type of one name', { query: '{ __typename }' }],
  ['an automatic persisted query', { ...persisted(sha256(foreign)), query: foreign }],
  ['the hash of another', persisted(sha256(foreign))],
  ['a trusted hash with another text', { ...persisted(sha256(own)), query: foreign }],
  ['an id that nothing has', { documentId: 'own-2' }],
  ['a hash that nothing has', { documentId: `sha256:${sha256(foreign)}` }],
  ['a name that every object has', { documentId: 'constructor' }],
  ['no operation at all', {}],
]
const everywhere = [...requests, ...streams].flatMap(([title, way]) =>
  others.map(([name, parameters]) => [`${name} over ${title}`, way, parameters] as const),
)

test('where only trusted documents run, nothing else does, by whatever way it comes', async () => {
  for (const [name, way, parameters] of everywhere) {
    const { status = 403, ...answer } = await send(way, alone, parameters)
    // Over WebSocket what has neither a text nor the name of one is no message.
    const refused = name === 'no operation at all over WebSocket' ? { closed: 4400 } : { code: 'FORBIDDEN' }
    expect([name, status, answer]).toEqual([name, 403, refused])
  }
})

test('beside trusted documents others run, and automatic persisted queries are kept', async () => {
  const data = { viewer: null }
  expect(await send(post, beside, persisted(sha256(foreign)))).toEqual({ status: 200, code: 'PERSISTED_QUERY_NOT_FOUND' }) // biome-ignore format: one line
  expect(await send(post, beside, { ...persisted(sha256(foreign)), query: foreign })).toEqual({ status: 200, data }) // biome-ignore format: one line
  expect(await send(get, beside, persisted(sha256(foreign)))).toEqual({ status: 200, data })
})

test.each<[string, number, string, Parameters]>([
  ['an id that nothing has', 400, 'PERSISTED_QUERY_NOT_FOUND', { documentId: 'own-2' }],
  ['an id and a text', 400, 'BAD_REQUEST', { documentId: 'own-1', query: own }],
  ['a hash that is none', 400, 'BAD_REQUEST', { documentId: 'sha256:own-1' }],
  ['an id that is no text', 400, 'BAD_REQUEST', { documentId: ['own-1'] }],
])('%s is refused with %i %s', async (_, status, code, parameters) => {
  expect(await send(post, beside, parameters)).toEqual({ status, code })
  expect(await send(websocket, beside, parameters)).toEqual({ code })
})

test('a trusted mutation is not sent by GET', async () => {
  const documentId = `sha256:${sha256(mutation)}`
  expect(await send(get, alone, { documentId })).toEqual({ status: 405, code: 'BAD_REQUEST' })
})

test('another manifest is served as soon as it is there, and what is none is not', async () => {
  const gateway = await open('changing.json', true)
  const file = join(folder, 'changing.json')
  writeFileSync(file, JSON.stringify({ later: '{ viewer { role } }' }))
  await eventually(async () => (await send(post, gateway, { documentId: 'later' })).status === 200)
  expect(await send(post, gateway, { documentId: 'own-1' })).toEqual({ status: 403, code: 'FORBIDDEN' })
  writeFileSync(file, 'garbage')
  await new Promise((resolve) => setTimeout(resolve, 10 * POLL))
  expect((await send(post, gateway, { documentId: 'later' })).status).toBe(200)
  await gateway.close()
})

test('a gateway does not start with what is no manifest, and says all that is wrong with it', async () => {
  const file = join(folder, 'faulty.json')
  writeFileSync(file, JSON.stringify({ a: '{', b: 'fragment F on User { id }' }))
  const config = { trustedDocuments: { file, only: true } }
  await expect(openGateway(subgraphs, { config })).rejects.toMatchObject({
    faults: [
      `TRUSTED_DOCUMENTS_FILE: ${file} is no manifest: a: Syntax Error: Expected Name, found <EOF>.`,
      `TRUSTED_DOCUMENTS_FILE: ${file} is no manifest: b: has no operation`,
    ],
  })
  const missing = { trustedDocuments: { file: join(folder, 'none.json'), only: true } }
  await expect(openGateway(subgraphs, { config: missing })).rejects.toThrow(ConfigError)
})

test('the explorer says why it is not there', async () => {
  const response = await fetch(alone.origin)
  expect(response.headers.get('content-type')).toMatch('text/plain')
  expect(await response.text()).toMatch(/TRUSTED_DOCUMENTS=on has the explorer back/)
})
