import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
} from 'graphql'
import { committedForm } from '../../gateway/compose.ts'
import { printContract } from '../../gateway/supergraph/contract.ts'
import { loadSupergraph } from '../../gateway/supergraph.ts'
import type { SubgraphName } from '../../platform/names.ts'
import { sdlOf } from '../../platform/subgraph.ts'
import { hiddenFrom, namesHidden, type Probe } from '../support/hidden.ts'
import { openProduction, type Production } from '../support/production.ts'
import { requests, streams, type Way } from '../support/ways.ts'

let folder: string
let podium: Production
let contract: GraphQLSchema
let whole: GraphQLSchema
let probes: Probe[]
/** Names that the contract has nowhere. */
let names: Set<string>
let key: string
beforeAll(async () => {
  const text = committedForm(withMore)
  const loaded = loadSupergraph(text)
  if (!loaded.contract) throw new Error('there is no contract')
  ;({ schema: whole, contract } = loaded)
  probes = hiddenFrom(contract, whole)
  names = namesHidden(contract, whole)
  folder = mkdtempSync(join(tmpdir(), 'podium-partner-'))
  const SUPERGRAPH = join(folder, 'supergraph.graphql')
  writeFileSync(SUPERGRAPH, text)
  podium = await openProduction({ SUPERGRAPH, MAX_SOCKETS_PER_KEY: '100', REQUESTS_PER_MINUTE_PER_KEY: 'off', COST_PER_MINUTE_PER_KEY: 'off' }) // biome-ignore format: one call
  key = podium.subgraphs.key(['schema:read', 'account:read', 'account:write'])
})
afterAll(async () => {
  await podium.close()
  rmSync(folder, { recursive: true })
})

/** The schemas with what is hidden in every place where something can be. */
function withMore(name: SubgraphName): string {
  if (name === 'leaderboard') {
    return `${sdlOf(name)
      .replace('type Standing @tag', 'type Standing implements Weighed @tag')
      .replace('behindLeader: Int!', 'behindLeader: Int!\n  weight: Int\n  note: Note')
      .replace('around(userId: ID!,', 'around(userId: ID!, order: NoteOrder,')}
      interface Weighed { weight: Int }
      type Note { words: String }
      enum NoteOrder { NEWEST OLDEST }
      union Remark = Note`
  }
  if (name === 'competitions') {
    return `${sdlOf(name).replace('input CompetitionFilter @tag(name: "partner") {', '$& noted: NoteFilter')}
      input NoteFilter { words: String }`
  }
  return sdlOf(name)
}

const [[, post]] = requests as [[string, Way]]
const everyWay = [...requests, ...streams]

test('there is something to look for of every kind', () => {
  const kinds = ['Unknown type', 'Cannot query field', 'Unknown argument', 'is not defined by type']
  for (const kind of kinds) expect(probes.filter(({ message }) => message.includes(kind))).not.toEqual([])
  for (const name of ['Viewer', 'Mutation', 'Note', 'Weighed', 'NoteOrder', 'NoteFilter', 'Bearer', 'noted'])
    expect(names.has(name)).toBe(name !== 'Bearer') // which nobody sees
  expect(probes.length).toBeGreaterThan(50)
})

test.each(everyWay)(
  'over %s a partner is answered nothing that the contract does not show, as if it did not exist',
  async (_, send) => {
    const isWatched = streams.some(([, other]) => other === send)
    for (const batch of inBatches(probes, 20)) {
      const variables = batch.flatMap(({ variable }, index) => (variable ? `$v${index}: ${variable}` : []))
      const head = variables.length > 0 ? `(${variables.join(' ')})` : ''
      const asked = batch.flatMap(({ selection }) => selection ?? []).join(' ')
      const query = isWatched
        ? `subscription ${head} { leaderboardChanged(competitionId: "cup") { revision ${asked} } }`
        : `query ${head} { __typename ${asked} }`
      const { data, errors = [] } = await send(podium.url, { query }, key)
      const messages = errors.map(({ message }) => message)
      expect(data).toBeUndefined()
      expect(messages.filter(isAboutNames).toSorted()).toEqual(batch.map(({ message }) => message).toSorted())
      const known = new Set(query.match(/\w+/g))
      expect(namedIn(messages.join('\n')).filter((name) => !known.has(name))).toEqual([])
    }
  },
)

test.each(requests)(
  'over %s introspection is of the contract, by a standard client and by single types',
  async (_, send) => {
    const query = getIntrospectionQuery({
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      inputValueDeprecation: true,
    })
    const { data, errors } = await send(podium.url, { query }, key)
    expect(errors).toBeUndefined()
    const told = data as IntrospectionQuery
    expect(printContract(buildClientSchema(told))).toBe(printContract(contract))

    for (const batch of inBatches([...names], 20)) {
      const asked = batch.map((name, index) => `t${index}: __type(name: "${name}") { name }`).join(' ')
      const { data } = await send(podium.url, { query: `{ ${asked} }` }, key)
      expect(data).toEqual(Object.fromEntries(batch.map((_, index) => [`t${index}`, null])))
    }
  },
)

test('nobody else is told the schema, with a key or without', async () => {
  const query = '{ __schema { types { name } } }'
  for (const token of [
    undefined,
    podium.subgraphs.key(['account:read']),
    await podium.subgraphs.issuer.token(),
  ]) {
    const { status, data, errors } = await post(podium.url, { query }, token)
    expect([status, data, errors?.length]).toEqual([400, undefined, expect.any(Number)])
  }
})

test.each(everyWay)('over %s there is no way around the contract', async (_, send) => {
  const watched = 'leaderboardChanged(competitionId: "cup")'
  for (const query of [
    '{ ...F } fragment F on Query { viewer { id } }',
    '{ viewer @include(if: false) { id } }',
    'query Q($no: Boolean = false) { ... @include(if: $no) { viewer { id } } }',
    '{ ... @defer { viewer { id } } }',
    '{ user(id: "ann") { ... on Viewer { email } } }',
    'query A { __typename } query B { viewer { id } }',
    'mutation { logOut { userErrors { code } } }',
    '{ _service { sdl } }',
    '{ _entities(representations: [{ __typename: "User", id: "ann" }]) { __typename } }',
    '{ apiKeyBearer(secretHash: "") { userId } }',
    'subscription { viewerStandingChanged(competitionId: "cup") { rank } }',
    `subscription { ${watched} { standings { note { words } } } }`,
    `subscription { ${watched} { revision } } fragment F on Viewer { id }`,
    'subscription { notificationReceived { id } }',
  ]) {
    const { data, errors = [] } = await send(
      podium.url,
      { query, operationName: query.startsWith('query A') ? 'A' : undefined },
      key,
    )
    expect([query, data ?? null, errors.length > 0]).toEqual([query, null, true])
    const known = new Set(query.match(/\w+/g))
    expect(
      namedIn(JSON.stringify(errors.map(({ message }) => message))).filter((name) => !known.has(name)),
    ).toEqual([])
  }
})

test('what is hidden in an input is hidden in variables, too', async () => {
  const query = 'query ($filter: CompetitionFilter) { competitions(filter: $filter) { totalCount } }'
  expect(await post(podium.url, { query, variables: { filter: { search: 'a' } } }, key)).toMatchObject({
    data: { competitions: {} },
  })
  const { data, errors } = await post(
    podium.url,
    { query, variables: { filter: { noted: { words: 'a' } } } },
    key,
  )
  expect(data).toBeUndefined()
  expect(errors?.map(({ message }) => message)).toEqual([
    expect.stringContaining('Field "noted" is not defined by type "CompetitionFilter".'),
  ])
})

test('types are named by the contract', async () => {
  const query =
    '{ __typename user(id: "ann") { __typename } competition(id: "cup") { __typename organizer { __typename } } }'
  expect(await post(podium.url, { query }, key)).toMatchObject({
    data: {
      __typename: 'Query',
      user: { __typename: 'User' },
      competition: { __typename: 'Competition', organizer: { __typename: 'User' } },
    },
  })
})

/** Whether a fault is that a name is not known; other faults come of how the names are asked for. */
const isAboutNames = (message: string) =>
  /^(Unknown|Cannot query|Value) | is not defined by type /.test(message)

/** Hidden names that something says in quotation marks. */
const namedIn = (text: string) =>
  [...new Set(text.match(/(?<=")[\w.]+(?=\\?")/g))]
    .flatMap((name) => name.split('.'))
    .filter((name) => names.has(name))

const inBatches = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  )
