import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

test('node: an interface of entities whose fields another subgraph has', async () => {
  const rows = [{ id: 'k1', name: 'Cod', price: 10 }, { id: 'g1', name: 'Fish', price: 0 }] // biome-ignore format: a row each
  const bare = (query = '') => ({
    typeDefs: `
      ${query}
      interface Node { id: ID! }
      type Kind implements Node @key(fields: "id") { id: ID! }
      type Group implements Node @key(fields: "id") { id: ID! }
    `,
    resolvers: {
      ...(query && {
        Query: {
          kindNode: () => ({ __typename: 'Kind', id: 'k1' }),
          groupNode: () => ({ __typename: 'Group', id: 'g1' }),
        },
      }),
      Kind: { __resolveReference: ({ id }: { id: string }) => ({ id }) },
    },
  })
  const { ask, callsTo } = await openFixture({
    nodes: bare('type Query { kindNode: Node groupNode: Node }'),
    more: bare(),
    rows: {
      typeDefs: `
        interface Node { id: ID! }
        type Kind implements Node @key(fields: "id") @shareable { id: ID! name: String! price: Float! }
        type Group implements Node @key(fields: "id") { id: ID! name: String! }
      `,
      resolvers: { Kind: entities(rows), Group: entities(rows) },
    },
  })
  expect(
    await ask(
      '{ kindNode { ... on Kind { id name __typename price } } groupNode { id ... on Group { name } } }',
    ),
  ).toEqual({
    data: {
      kindNode: { id: 'k1', name: 'Cod', __typename: 'Kind', price: 10 },
      groupNode: { id: 'g1', name: 'Fish' },
    },
  })
  expect(callsTo().toSorted()).toEqual(['nodes', 'rows', 'rows'])
})

const never = 'of another subgraph'
const user = { __typename: 'User', id: 'u1', nick: 'kim' }
const room = { __typename: 'Room', id: 'r1', topic: 'tea' }
const people = {
  typeDefs: `
    type Query { node(id: ID!): Node @shareable user(id: String!): User }
    interface Node { id: ID! }
    type User implements Node @key(fields: "id") { id: ID! nick: String! }
    type Room implements Node @key(fields: "id") { id: ID! @external owner: User! }
  `,
  resolvers: {
    Query: {
      node: (_: unknown, { id }: { id: string }) => (id === 'u1' ? user : { __typename: 'Room', id: never }),
      user: () => user,
    },
    User: entities([user]),
    Room: { owner: () => user },
  },
}
const rooms = {
  typeDefs: `
    type Query { node(id: ID!): Node @shareable room(id: String!): Room }
    interface Node { id: ID! }
    type User implements Node @key(fields: "id") { id: ID! @external rooms: [Room!]! }
    type Room implements Node @key(fields: "id") { id: ID! topic: String! }
  `,
  resolvers: {
    Query: {
      node: (_: unknown, { id }: { id: string }) => (id === 'r1' ? room : { __typename: 'User', id: never }),
      room: () => room,
    },
    User: { rooms: () => [room] },
    Room: entities([room]),
  },
}

test('a shared node field where each subgraph has the id of some types only: what tells the type is answered', async () => {
  const { ask } = await openFixture({ people, rooms })
  expect(await ask('{ a: node(id: "u1") { __typename } b: node(id: "r1") { __typename } }')).toEqual({
    data: { a: { __typename: 'User' }, b: { __typename: 'Room' } },
  })
  expect(
    await ask(
      '{ a: node(id: "u1") { ... on User { id nick } } b: node(id: "r1") { ... on Room { id topic } } }',
    ),
  ).toEqual({
    data: { a: { id: 'u1', nick: 'kim' }, b: { id: 'r1', topic: 'tea' } },
  })
  expect(
    await ask(
      '{ a: node(id: "u1") { ... on Room { id } } b: node(id: "r1") { __typename ... on User { id } } }',
    ),
  ).toEqual({
    data: { a: {}, b: { __typename: 'Room' } },
  })
})

test('a shared node field where each subgraph has the id of some types only: the rest goes by the objects’ own subgraphs', async () => {
  const { ask } = await openFixture({ people, rooms })
  expect(
    await ask('{ room(id: "r1") { id topic owner { id } } user(id: "u1") { id nick rooms { id } } }'),
  ).toEqual({
    data: {
      room: { id: 'r1', topic: 'tea', owner: { id: 'u1' } },
      user: { id: 'u1', nick: 'kim', rooms: [{ id: 'r1' }] },
    },
  })
})

test('a shared node field where no subgraph has the id of all types: asking for it is refused', async () => {
  const { ask, asked } = await openFixture({ people, rooms })
  for (const query of ['{ node(id: "u1") { id } }', '{ a: node(id: "u1") { id ... on Room { id } } }']) {
    const { data, errors } = await ask(query)
    expect([data ?? null, errors?.length]).toEqual([null, 1])
  }
  expect(asked).toEqual([])
})
