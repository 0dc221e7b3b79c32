import { buildSubgraphSchema } from '@apollo/subgraph'
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/index.js'
import { afterEach, expect, jest, test } from '@jest/globals'
import { type ExecutionResult, graphql, parse, subscribe } from 'graphql'
import { type AccessRule, anyone, vouch } from './access.ts'
import { notFound } from './errors.ts'
import type { Identity, Person } from './identity.ts'
import type { Request } from './request.ts'
import { queue } from './streams.ts'
import { guardSchema } from './subgraph.ts'

const typeDefs = parse(`
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@requiresScopes"])
  directive @perViewer on FIELD_DEFINITION

  type Query {
    open: String
    mine: String @perViewer
    secret: String @authenticated
    scoped: String @requiresScopes(scopes: [["a", "b"], ["c"]])
    ruled(id: ID!): String
    certain(id: ID!): String!
    ada: Viewer
    signedIn: Viewer
  }
  type Viewer @key(fields: "id") { id: ID!, email: String, audit: String @requiresScopes(scopes: [["c"]]) }
  type Thing @key(fields: "id") { id: ID!, name: String }
  type Elsewhere @key(fields: "id", resolvable: false) { id: ID! }
  type Subscription { ticks(id: ID!): String @authenticated, openTicks: String }
`)

/** What a resolver is given, for the test to look at. */
const seen = (_: unknown, __: unknown, context: object) => JSON.stringify(context)

const resolvers = {
  Query: {
    open: seen,
    mine: seen,
    secret: seen,
    scoped: () => 'scoped',
    ruled: () => 'ruled',
    certain: () => 'certain',
    ada: () => ({ id: 'ada', email: 'ada@example.com' }),
    signedIn: () => vouch({ id: 'ada', email: 'ada@example.com', audit: 'audit' }),
  },
  Thing: {
    __resolveReference: ({ id }: { id: string }, context: object) => ({ id, name: JSON.stringify(context) }),
  },
  Subscription: {
    ticks: { subscribe: () => queue(10, source) },
    openTicks: { subscribe: () => queue(10, source), resolve: seen },
  },
}
let pushTick = () => {}
function source(push: (value: object) => void) {
  pushTick = () => push({ ticks: 'tick' })
  return () => {}
}
let allowed = true

const ownerOfThing: AccessRule<object> = ({ id }, viewer) => id === 'public' || id === viewer?.id
const access = {
  Thing: ownerOfThing,
  'Query.ruled': ownerOfThing,
  'Query.certain': ownerOfThing,
  'Subscription.ticks': () => allowed,
}

// Resolvers as a subgraph's are: they do not fit this library's type.
const build = () =>
  buildSubgraphSchema({ typeDefs, resolvers: resolvers as object as GraphQLResolverMap<unknown> })
const schema = build()
guardSchema('test', schema, access)

afterEach(() => {
  allowed = true
  jest.useRealTimers()
})

const person = (scopes: string[] = [], id = 'ada'): Person => ({
  kind: 'person',
  id,
  role: 'USER',
  scopes,
  sessionId: 'session',
})
const anonymous: Identity = { kind: 'anonymous' }
const gateway: Identity = { kind: 'gateway' }

const contextOf = (identity: Identity): Request => ({
  caller: { identity, requestId: 'request' },
  context: { own: true },
})

const ask = async (identity: Identity, source: string, variableValues = {}) => {
  const { data, errors } = await graphql({
    schema,
    source,
    variableValues,
    contextValue: contextOf(identity),
  })
  return errors
    ? errors.map((error) => error.extensions.code ?? error.message)
    : JSON.parse(JSON.stringify(data))
}

const entity = (identity: Identity, representation: object) =>
  ask(
    identity,
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Viewer { id } ... on Thing { name } } }',
    { r: [representation] },
  )

test('the resolver of an open field is not told who asks', async () => {
  expect(await ask(person(), '{ open }')).toEqual({ open: '{"own":true}' })
})

test('@perViewer is told who asks, or that nobody is signed in', async () => {
  expect(await ask(person(), '{ mine }')).toEqual({ mine: JSON.stringify({ own: true, viewer: person() }) })
  expect(await ask(anonymous, '{ mine }')).toEqual({ mine: '{"own":true,"viewer":null}' })
  expect(await ask(gateway, '{ mine }')).toEqual({ mine: '{"own":true,"viewer":null}' })
})

test('@authenticated is for people alone', async () => {
  expect(await ask(person(), '{ secret }')).toEqual({
    secret: JSON.stringify({ own: true, viewer: person() }),
  })
  expect(await ask(anonymous, '{ secret }')).toEqual(['UNAUTHENTICATED'])
  expect(await ask(gateway, '{ secret }')).toEqual(['UNAUTHENTICATED'])
})

test.each([
  [['a', 'b'], { scoped: 'scoped' }],
  [['c'], { scoped: 'scoped' }],
  [['a', 'c', 'd'], { scoped: 'scoped' }],
  [['a'], ['FORBIDDEN']],
  [['b', 'd'], ['FORBIDDEN']],
  [[], ['FORBIDDEN']],
])('@requiresScopes asks for one whole set of scopes: %j', async (scopes, answer) => {
  expect(await ask(person(scopes), '{ scoped }')).toEqual(answer)
})

test('@requiresScopes is for people alone', async () => {
  expect(await ask(anonymous, '{ scoped }')).toEqual(['UNAUTHENTICATED'])
})

test('a field with a rule looks as if it were empty, or is not found where it cannot be', async () => {
  expect(await ask(anonymous, '{ ruled(id: "public") certain(id: "public") }')).toEqual({
    ruled: 'ruled',
    certain: 'certain',
  })
  expect(await ask(person(), '{ ruled(id: "grace") }')).toEqual({ ruled: null })
  expect(await ask(person(), '{ certain(id: "grace") }')).toEqual(['NOT_FOUND'])
  expect(await ask(gateway, '{ ruled(id: "grace") }')).toEqual({ ruled: 'ruled' })
})

test('a Viewer’s fields are their owner’s, wherever the Viewer was found', async () => {
  expect(await ask(person(), '{ ada { email } }')).toEqual({ ada: { email: 'ada@example.com' } })
  for (const other of [person([], 'grace'), anonymous, gateway]) {
    expect(await ask(other, '{ ada { email } }')).toEqual(['NOT_FOUND'])
  }
})

test('who has just proven to be the Viewer reads it, and nothing that needs a scope', async () => {
  expect(await ask(anonymous, '{ signedIn { email } }')).toEqual({ signedIn: { email: 'ada@example.com' } })
  expect(await ask(anonymous, '{ signedIn { audit } }')).toEqual(['FORBIDDEN'])
})

test('a Viewer is an entity for its owner alone, not even for a gateway', async () => {
  const ada = { __typename: 'Viewer', id: 'ada' }
  expect(await entity(person(), ada)).toEqual({ _entities: [{ id: 'ada' }] })
  for (const other of [person([], 'grace'), anonymous, gateway]) {
    expect(await entity(other, ada)).toEqual({ _entities: [null] })
  }
})

test('an entity is resolved for those its rule lets see it, without being told who they are', async () => {
  const thing = (id: string) => ({ __typename: 'Thing', id })
  const sees = { _entities: [{ name: '{"own":true}' }] }
  expect(await entity(person(), thing('ada'))).toEqual(sees)
  expect(await entity(anonymous, thing('public'))).toEqual(sees)
  expect(await entity(gateway, thing('ada'))).toEqual(sees)
  expect(await entity(person(), thing('grace'))).toEqual({ _entities: [null] })
  expect(await entity(anonymous, thing('ada'))).toEqual({ _entities: [null] })
})

test('the SDL can be asked for', async () => {
  expect(await ask(gateway, '{ _service { sdl } }')).toMatchObject({
    _service: { sdl: expect.stringContaining('type Thing') },
  })
})

test('an entity that access does not rule keeps the subgraph from starting', () => {
  expect(() => guardSchema('test', build(), {})).toThrow(
    'Thing can be resolved as an entity, and access does not say by whom',
  )
})

test('a rule for what the schema does not have keeps the subgraph from starting', () => {
  const rules = { ...access, Missing: anyone, 'Query.missing': anyone }
  expect(() => guardSchema('test', build(), rules)).toThrow(
    'test has no Missing, Query.missing that access could be ruled for',
  )
})

const listen = async (identity: Identity, source: string) => {
  const stream = await subscribe({ schema, document: parse(source), contextValue: contextOf(identity) })
  if (!(Symbol.asyncIterator in stream)) throw stream.errors?.[0]
  return stream as AsyncIterableIterator<ExecutionResult>
}

test('a stream is for those who may, and looks as if it were not there to others', async () => {
  await expect(listen(anonymous, 'subscription { ticks(id: "x") }')).rejects.toMatchObject({
    extensions: { code: 'UNAUTHENTICATED' },
  })
  allowed = false
  await expect(listen(person(), 'subscription { ticks(id: "x") }')).rejects.toMatchObject({
    extensions: { code: 'NOT_FOUND' },
  })
})

test('what makes a stream’s values of its events is not told who listens either', async () => {
  const stream = await listen(person(), 'subscription { openTicks }')
  pushTick()
  expect((await stream.next()).value.data).toEqual({ openTicks: '{"own":true}' })
})

test('a stream ends at the first event after 30 s for who may not any more', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
  const stream = await listen(person(), 'subscription { ticks(id: "x") }')
  allowed = false
  pushTick()
  expect((await stream.next()).value.data).toEqual({ ticks: 'tick' })
  jest.advanceTimersByTime(30_000)
  pushTick()
  await expect(stream.next()).rejects.toMatchObject(notFound('competition').toJSON())
  expect((await stream.next()).done).toBe(true)
})
