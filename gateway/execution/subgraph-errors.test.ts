import { beforeEach, expect, test } from '@jest/globals'
import { pino } from 'pino'
import { loadSupergraph } from '../supergraph.ts'
import { composeFixture, fixtureTransports } from '../test-support/federation.ts'
import { createEngine } from './engine.ts'

const key = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])'
const subgraphs = {
  ours: { typeDefs: `${key} type Query { own: String needed: String! }`, resolvers: {} },
  foreign: {
    typeDefs: `${key} type Query { other: String thing: Thing } type Subscription { tick: Int } type Thing @key(fields: "id") { id: ID! }`,
    resolvers: { Query: { thing: () => ({ id: '1' }) } },
  },
  parts: {
    typeDefs: `${key} type Thing @key(fields: "id") { id: ID! size: Int }`,
    resolvers: {},
  },
}

/** What a subgraph answers instead. */
let answers: Partial<Record<string, string>>
let logged: Record<string, unknown>[]
beforeEach(() => {
  answers = {}
  logged = []
})
const engine = createEngine({
  supergraph: loadSupergraph(composeFixture(subgraphs)),
  transports: fixtureTransports(subgraphs, { change: (text, { subgraph }) => answers[subgraph] ?? text }),
  limits: { tokens: 1_000, depth: 12, aliases: 30, rootFields: 20, selections: 2_000 },
  logger: pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) }),
  cache: 10,
  trusted: new Set(['ours']),
})

async function errorsOf(query: string) {
  const operation = engine.operation(query)
  if (operation.kind === 'subscription') throw new Error('no subscription is asked here')
  const { errors } = await operation.run({
    variables: {},
    caller: { identity: { kind: 'anonymous' }, requestId: 'r' },
  })
  return errors
}

const failing = (field: string, code: string, message = 'jdbc:postgres://10.0.0.1 failed') =>
  JSON.stringify({
    data: { [field]: null },
    errors: [{ message, path: [field], extensions: { code } }],
  })

test.each([
  ['NOT_FOUND', 'There is no such thing, or you may not see it.'],
  ['UNAVAILABLE', 'This part of the service is not available now. Try again later.'],
  ['BAD_USER_INPUT', 'The input cannot be used.'],
])('of a %s of a foreign subgraph clients get our words, and the log its own', async (code, message) => {
  answers.foreign = failing('other', code)
  expect(await errorsOf('{ other }')).toMatchObject([{ message, path: ['other'], extensions: { code } }])
  expect(logged).toMatchObject([
    {
      subgraph: 'foreign',
      requestId: 'r',
      errors: [{ message: 'jdbc:postgres://10.0.0.1 failed', code, path: 'other' }],
    },
  ])
})

test.each(['NOT_FOUND', 'BAD_USER_INPUT'])(
  'what our own subgraph says with a %s is for clients',
  async (code) => {
    answers.ours = failing('own', code, 'Name another cup.')
    expect(await errorsOf('{ own }')).toMatchObject([{ message: 'Name another cup.', extensions: { code } }])
    expect(logged).toEqual([])
  },
)

test('a literal that our own subgraph refuses is the fault of the client; a foreign one is not believed', async () => {
  answers.ours = failing('own', 'GRAPHQL_VALIDATION_FAILED', 'DateTime cannot represent "soon".')
  answers.foreign = failing('other', 'GRAPHQL_VALIDATION_FAILED')
  expect(await errorsOf('{ own other }')).toMatchObject([
    { message: 'DateTime cannot represent "soon".', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    { extensions: { code: 'INTERNAL_SERVER_ERROR' } },
  ])
})

test('what ends the stream of a foreign subgraph is told in our words', () => {
  const operation = engine.operation('subscription { tick }')
  if (operation.kind !== 'subscription') throw new Error('a subscription is asked here')
  const message = 'jdbc:postgres://10.0.0.1 failed'
  const told = operation.told(
    [{ message, extensions: { code: 'UNAVAILABLE', http: { status: 400 } } }, { message }],
    'r',
  )
  expect(told).toEqual([
    { message: expect.stringMatching(/^This part of/), extensions: { code: 'UNAVAILABLE' } },
    { message, extensions: { code: 'INTERNAL_SERVER_ERROR' } }, // and is masked
  ])
  expect(logged).toMatchObject([{ subgraph: 'foreign', requestId: 'r', errors: { length: 2 } }])
})

test.each([
  'GRAPHQL_PARSE_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'BAD_REQUEST',
])('a %s of a subgraph is no fault of the client, and is logged', async (code) => {
  answers.ours = failing('own', code)
  answers.foreign = failing('other', code)
  const errors = await errorsOf('{ own other }')
  expect(errors.map(({ extensions }) => extensions?.code)).toEqual([
    'INTERNAL_SERVER_ERROR',
    'INTERNAL_SERVER_ERROR',
  ])
  expect(logged.map(({ subgraph }) => subgraph).sort()).toEqual(['foreign', 'ours'])
})

test('of many errors of an answer the log has the first ten that differ, each in short', async () => {
  const errors = Array.from({ length: 1_000 }, (_, index) => ({
    message: `${index % 20} ${'x'.repeat(5_000)}`,
  }))
  answers.foreign = JSON.stringify({ data: { other: null }, errors })
  await errorsOf('{ other }')
  expect(logged).toMatchObject([{ errors: { length: 10 }, more: 990 }])
  expect(JSON.stringify(logged).length).toBeLessThan(10_000)
})

test('of an answer that is none of GraphQL the log has the beginning', async () => {
  answers.foreign = `<html>Bad gateway${' '.repeat(5_000)}`
  await errorsOf('{ other }')
  expect(logged).toMatchObject([{ subgraph: 'foreign', text: expect.stringMatching(/^<html>Bad gateway/) }])
  expect(String(logged[0]?.text)).toHaveLength(200)
})

test.each([
  ['too few', '[]', 0],
  ['of another kind', '[7]', 1],
  ['no list', '{}', 'object'],
])('entities that are %s are told to the log', async (_, entities, got) => {
  answers.parts = `{"data":{"_entities":${entities}}}`
  await errorsOf('{ thing { size } }')
  expect(logged).toMatchObject([{ subgraph: 'parts', requestId: 'r', asked: 1, got }])
})

test('what went with a field that may not be null has no error of its own', async () => {
  answers.ours = JSON.stringify({
    data: null,
    errors: [{ message: 'Sign in to do this.', path: ['needed'], extensions: { code: 'UNAUTHENTICATED' } }],
  })
  for (const query of ['{ own needed }', '{ needed own }', '{ needed also: needed own }']) {
    const errors = (await errorsOf(query)) ?? []
    expect(errors.map(({ path, extensions }) => [path, extensions?.code])).toEqual([
      [['needed'], 'UNAUTHENTICATED'],
    ])
  }
  expect(logged).toEqual([])
})
