import { expect, test } from '@jest/globals'
import { createLogger } from '../../platform/logger.ts'
import { loadSupergraph } from '../supergraph.ts'
import { type Asked, composeFixture, fixtureTransports } from '../test-support/federation.ts'
import { createEngine } from './engine.ts'
import type { LaterResult } from './result.ts'

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])'
const subgraphs = {
  films: {
    typeDefs: `${link}
      type Query { film(id: ID!): Film films(first: Int = 2): [Film!]! }
      type Mutation { add(title: String!): Film }
      type Film @key(fields: "id") { id: ID! title: String year(era: String): Int }`,
    resolvers: {
      Query: {
        film: (_: unknown, { id }: { id: string }) => ({ id, title: `Film ${id}` }),
        films: (_: unknown, { first }: { first: number }) => ['1', '2', '3'].slice(0, first).map((id) => ({ id, title: `Film ${id}` })), // biome-ignore format: one line
      },
      Mutation: { add: (_: unknown, { title }: { title: string }) => ({ id: title.length, title }) },
      Film: {
        __resolveReference: ({ id }: { id: string }) => ({ id, title: `Film ${id}` }),
        year: (_: unknown, { era }: { era?: string }) => (era === 'BC' ? -1 : 1),
      },
    },
  },
  critics: {
    typeDefs: `${link}
      type Film @key(fields: "id") { id: ID! reviews: [Review!] stars: Int }
      type Review { text: String film: Film }`,
    resolvers: {
      Film: {
        __resolveReference: ({ id }: { id: string }) => ({ id, stars: Number(id), reviews: [{ text: 'fine', film: { id: '3' } }] }), // biome-ignore format: one line
      },
    },
  },
}

function open({ cache = 100 } = {}) {
  const asked: Asked[] = []
  const engine = createEngine({
    supergraph: loadSupergraph(composeFixture(subgraphs)),
    transports: fixtureTransports(subgraphs, { asked }),
    limits: { tokens: 200, depth: 8, aliases: 30, rootFields: 20, selections: 2_000 },
    logger: createLogger('silent'),
    cache,
  })
  return {
    engine,
    asked,
    async run(
      query: string,
      {
        variables = {},
        defer = false,
        name,
      }: { variables?: Record<string, unknown>; defer?: boolean; name?: string } = {},
    ) {
      const operation = engine.operation(query, name)
      if (operation.kind === 'subscription') throw new Error('no subscription is run here')
      const { data, errors, later } = await operation.run({ variables, defer, caller: { identity: { kind: 'anonymous' }, requestId: 'r' } }) // biome-ignore format: one call
      return { data: data === undefined ? undefined : JSON.parse(data), errors, later }
    },
  }
}

test('an operation is compiled once and found by its text and name', () => {
  const { engine } = open()
  const query = 'query A { films { id } } query B { films { title } }'
  expect(engine.known(query, 'A')).toBeUndefined()
  const a = engine.operation(query, 'A')
  expect(engine.operation(query, 'A')).toBe(a)
  expect(engine.known(query, 'A')).toBe(a)
  expect(engine.known(query, 'B')).toBeUndefined()
  expect(engine.operation(query, 'B')).not.toBe(a)
})

test('of more operations than are kept, those go that were not used for longest', () => {
  const { engine } = open({ cache: 2 })
  const [a, b, c] = ['{ films { id } }', '{ films { title } }', '{ films { stars } }']
  engine.operation(a)
  engine.operation(b)
  engine.known(a)
  engine.operation(c)
  expect(engine.kept()).toEqual([
    { query: c, operationName: null },
    { query: a, operationName: null },
  ])
})

test('a large operation takes the place of several', () => {
  const { engine } = open({ cache: 2 }) // 100 fields
  engine.operation('{ films { id } }')
  engine.operation('{ films { title } }')
  engine.operation(`{ films { ${'...F '.repeat(30)} } } fragment F on Film { id title reviews { text } }`)
  expect(engine.kept()).toHaveLength(1)
})

test.each([
  ['a fault of syntax', '{ films {', 'GRAPHQL_PARSE_FAILED'],
  ['too many tokens', `{ films { ${'id '.repeat(300)} } }`, 'GRAPHQL_PARSE_FAILED'],
  [
    'too many levels',
    `{ films ${'{ reviews { film '.repeat(4)} { id } ${'} }'.repeat(4)} }`,
    'OPERATION_TOO_COMPLEX',
  ],
  [
    'several operations and no name',
    'query A { films { id } } query B { films { id } }',
    'OPERATION_RESOLUTION_FAILURE',
  ],
])('%s is told by its code', (_, query, code) => {
  expect(() => open().engine.operation(query)).toThrow(expect.objectContaining({ extensions: { code } }))
})

test('what does not fit the schema is told whole', () => {
  expect(() => open().engine.operation('{ films { length } cinemas }')).toThrow(
    expect.objectContaining({ errors: [expect.anything(), expect.anything()] }),
  )
})

test('variables are coerced, have defaults, and are sent on by those names that subgraphs need', async () => {
  const { run, asked } = open()
  const query =
    'query ($representations: Int! = 1, $era: String) { films(first: $representations) { id year(era: $era) stars } }'
  expect((await run(query, { variables: { era: 'BC' } })).data).toEqual({
    films: [{ id: '1', year: -1, stars: 1 }],
  })
  expect((await run(query, { variables: { representations: 3 } })).data.films).toHaveLength(3)
  const { data, errors } = await run(query, { variables: { representations: 'many' } })
  expect(data).toBeUndefined()
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  expect(asked).toHaveLength(4)
})

test('conditions change what is asked for and the order of what is answered', async () => {
  const { run, asked } = open()
  const query =
    'query ($on: Boolean!) { film(id: 7) { stars @include(if: $on) title id @skip(if: $on) stars } }'
  expect(JSON.stringify((await run(query, { variables: { on: true } })).data)).toBe(
    '{"film":{"stars":7,"title":"Film 7"}}',
  )
  expect(JSON.stringify((await run(query, { variables: { on: false } })).data)).toBe(
    '{"film":{"title":"Film 7","id":"7","stars":7}}',
  )
  asked.length = 0
  await run('query ($on: Boolean!) { film(id: 7) { title reviews @include(if: $on) { text } } }', {
    variables: { on: false },
  })
  expect(asked.map(({ subgraph }) => subgraph)).toEqual(['films'])
})

test('an alias may be the name of a key', async () => {
  const { run } = open()
  expect((await run('{ film(id: 7) { id: title stars: id number: stars s: stars } }')).data).toEqual({
    film: { id: 'Film 7', stars: '7', number: 7, s: 7 },
  })
})

test('each distinct entity is asked for once', async () => {
  const { run, asked } = open()
  const { data } = await run('{ films(first: 3) { reviews { film { title } } } }')
  expect(data.films).toHaveLength(3)
  expect(asked.at(-1)?.variables.representations).toEqual([{ __typename: 'Film', id: '3' }])
})

test('fields of a mutation run in their order, each once for each of its names', async () => {
  const { run, asked } = open()
  const { data } = await run('mutation { a: add(title: "ab") { stars } add(title: "ab") { id } __typename }')
  expect(data).toEqual({ a: { stars: 2 }, add: { id: '2' }, __typename: 'Mutation' })
  expect(asked.map(({ query }) => query.match(/add\(/g)?.length)).toEqual([1, undefined, 1])
})

test('what is asked about the schema is answered here', async () => {
  const { run, asked } = open()
  const query =
    'query ($name: String!) { s: __schema { q: queryType { name } } a: __type(name: $name) { kind } b: __type(name: "None") { kind } }'
  expect((await run(query, { variables: { name: 'Film' } })).data).toEqual({
    s: { q: { name: 'Query' } },
    a: { kind: 'OBJECT' },
    b: null,
  })
  expect(asked).toEqual([])
})

const deferring =
  'query ($on: Boolean) { film(id: 1) { title ... @defer(label: "rest", if: $on) { stars } reviews { text film { ...F @defer } } } } fragment F on Film { name: title }'

async function partsOf(later: AsyncIterableIterator<LaterResult> | undefined) {
  const parts: LaterResult[] = []
  for await (const part of later ?? []) parts.push(part)
  return parts
}

test('what is deferred comes later, where it belongs', async () => {
  const { data, later } = await open().run(deferring, { defer: true })
  expect(data).toEqual({ film: { title: 'Film 1', reviews: [{ text: 'fine', film: {} }] } })
  const parts = await partsOf(later)
  expect(
    parts.flatMap(({ incremental }) => incremental).toSorted((a, b) => a.data.localeCompare(b.data)),
  ).toEqual([
    { data: '{"name":"Film 3"}', path: ['film', 'reviews', 0, 'film'], errors: [] },
    { data: '{"stars":1}', path: ['film'], label: 'rest', errors: [] },
  ])
  expect(parts.map(({ hasNext }) => hasNext)).toEqual([...parts.slice(1).map(() => true), false])
})

test('what is deferred comes at once to who cannot take parts, and where the condition does not hold', async () => {
  const whole = await open().run(deferring)
  expect(whole.later).toBeUndefined()
  expect(whole.data).toEqual({
    film: { title: 'Film 1', stars: 1, reviews: [{ text: 'fine', film: { name: 'Film 3' } }] },
  })
  const { data } = await open().run(deferring, { defer: true, variables: { on: false } })
  expect(data.film.stars).toBe(1)
})

test('what is deferred within what is deferred comes after it', async () => {
  const query =
    '{ ... @defer(label: "outer") { film(id: 1) { title ... @defer(label: "inner") { stars reviews { text } } } } }'
  const { data, later } = await open().run(query, { defer: true })
  expect(data).toEqual({})
  const parts = (await partsOf(later)).flatMap(({ incremental }) => incremental)
  expect(parts).toEqual([
    { data: '{"film":{"title":"Film 1"}}', path: [], label: 'outer', errors: [] },
    { data: '{"stars":1,"reviews":[{"text":"fine"}]}', path: ['film'], label: 'inner', errors: [] },
  ])
})

test('who returns early lets go of what is deferred', async () => {
  const { later } = await open().run(deferring, { defer: true })
  await later?.return?.()
  expect(await later?.next()).toEqual({ done: true, value: undefined })
})
