import { buildSubgraphSchema } from '@apollo/subgraph'
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/index.js'
import { beforeEach, expect, test } from '@jest/globals'
import { graphql, parse } from 'graphql'
import { type AccessRule, vouch } from './access.ts'
import type { Person } from './identity.ts'
import { guardSchema } from './subgraph.ts'

const typeDefs = parse(`
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@requiresScopes"])
  directive @perViewer on FIELD_DEFINITION

  type Query {
    open: String
    mine: String @perViewer
    secret: String @authenticated
    scoped: String @requiresScopes(scopes: [["users:admin"]])
    ruled(id: ID!): String
    viewer: Viewer @perViewer
  }
  type Mutation {
    signIn: Payload
    change: Payload @authenticated
    scopedChange: Payload @requiresScopes(scopes: [["users:admin"]])
  }
  type Payload { viewer: Viewer, mine: String @perViewer }
  type Viewer @key(fields: "id") { id: ID!, email: String }
  type Thing @key(fields: "id") { id: ID! }
`)

type Context = { viewer?: Person | null }

const whose = (_: unknown, __: unknown, { viewer }: Context) => viewer?.id ?? 'nobody'
const ada = { id: 'ada', email: 'ada@example.com' }
const resolvers = {
  Query: {
    open: () => 'open',
    mine: whose,
    secret: whose,
    scoped: whose,
    ruled: () => 'ruled',
    viewer: (_: unknown, __: unknown, { viewer }: Context) => viewer && ada,
  },
  Mutation: {
    signIn: () => ({ viewer: vouch({ ...ada }) }),
    change: () => ({ viewer: { ...ada } }),
    scopedChange: () => ({ viewer: { ...ada } }),
  },
  Payload: { mine: whose },
}

/** Whom rules were asked about. */
const asked: (string | null)[] = []
beforeEach(() => void asked.splice(0))
const ofOwner: AccessRule<object> = ({ id }, viewer) => {
  asked.push(viewer?.id ?? null)
  return id === viewer?.id
}

// Resolvers as a subgraph's are: they do not fit this library's type.
const schema = buildSubgraphSchema({
  typeDefs,
  resolvers: resolvers as object as GraphQLResolverMap<unknown>,
})
const rules = {
  Thing: ofOwner,
  'Query.ruled': ofOwner,
  'Query.scoped': ofOwner,
  'Mutation.change': () => true,
}
guardSchema('test', schema, rules)

const program = (...scopes: string[]): Person => ({
  kind: 'person',
  id: 'ada',
  role: 'USER',
  scopes,
  sessionId: 'key',
  isProgram: true,
})

async function ask(identity: Person, source: string, variableValues = {}) {
  const contextValue = { caller: { identity, requestId: 'request' }, context: {} }
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue })
  return errors
    ? errors.map(({ extensions, message }) =>
        `${extensions.code} ${/scope (\S+)/.exec(message)?.[1] ?? ''}`.trim(),
      )
    : JSON.parse(JSON.stringify(data))
}

const entity = (identity: Person, __typename: string, id = 'ada') =>
  ask(identity, 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }', {
    r: [{ __typename, id }],
  })

const toRead = ['FORBIDDEN account:read']
const toWrite = ['FORBIDDEN account:write']

test('a program reads what is its owner’s with account:read, and is told that it needs it', async () => {
  const reader = program('account:read')
  expect(await ask(reader, '{ viewer { email } secret mine }')).toEqual({
    viewer: { email: 'ada@example.com' },
    secret: 'ada',
    mine: 'ada',
  })
  expect(await entity(reader, 'Viewer')).toEqual({ _entities: [{ __typename: 'Viewer' }] })
  for (const other of [program(), program('account:write', 'schema:read', 'users:admin')]) {
    expect(await ask(other, '{ secret }')).toEqual(toRead)
    expect(await entity(other, 'Viewer')).toEqual(toRead)
    expect(await entity(other, 'Viewer', 'bo')).toEqual({ _entities: [null] })
  }
})

test('without account:read a program gets what the anonymous get, and rules are asked as about them', async () => {
  for (const other of [program(), program('account:write', 'users:admin')]) {
    expect(await ask(other, '{ open mine viewer { id } ruled(id: "ada") }')).toEqual({
      open: 'open',
      mine: 'nobody',
      viewer: null,
      ruled: null,
    })
    expect(await entity(other, 'Thing')).toEqual({ _entities: [null] })
  }
  expect(asked).toEqual([null, null, null, null])
  expect(await ask(program('account:read'), '{ ruled(id: "ada") }')).toEqual({ ruled: 'ruled' })
  expect(await entity(program('account:read'), 'Thing')).toEqual({ _entities: [{ __typename: 'Thing' }] })
})

test('a program changes what is its owner’s with account:write, and reads what that came to', async () => {
  const change = 'mutation { change { viewer { email } mine } }'
  const changed = { change: { viewer: { email: 'ada@example.com' }, mine: 'ada' } }
  expect(await ask(program('account:write'), change)).toEqual(changed)
  expect(await ask(program('account:read', 'account:write'), change)).toEqual(changed)
  expect(await ask(program('account:read'), change)).toEqual(toWrite)
  expect(await ask(program(), change)).toEqual(toWrite)
})

test('what a scope of its own allows needs no other, and a rule is told who asks', async () => {
  const admin = program('users:admin')
  expect(await ask(admin, '{ scoped }')).toEqual({ scoped: null })
  expect(asked).toEqual(['ada'])
  expect(await ask(program('account:read', 'account:write'), '{ scoped }')).toEqual(['FORBIDDEN'])
  expect(await ask(admin, 'mutation { scopedChange { mine } }')).toEqual({ scopedChange: { mine: 'nobody' } })
  // What a Viewer has is its owner's all the same.
  expect(await ask(admin, 'mutation { scopedChange { viewer { email } } }')).toEqual(toWrite)
})

test('who signs in with a password reads who that is, whatever key it came with', async () => {
  expect(await ask(program(), 'mutation { signIn { viewer { email } } }')).toEqual({
    signIn: { viewer: { email: 'ada@example.com' } },
  })
})

test('people need none of these scopes', async () => {
  const { isProgram, ...person } = program()
  expect(isProgram).toBe(true)
  expect(await ask(person, '{ secret mine viewer { email } }')).toMatchObject({ secret: 'ada', mine: 'ada' })
  expect(await ask(person, 'mutation { change { mine } }')).toEqual({ change: { mine: 'ada' } })
})
