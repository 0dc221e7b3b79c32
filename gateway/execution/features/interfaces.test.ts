import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

test('circular references through an interface', async () => {
  const tunes = [{ __typename: 'Waltz', id: 'w1', beats: 90 }, { __typename: 'Waltz', id: 'w2', beats: 90 }] // biome-ignore format: a row each
  const { ask } = await openFixture({
    dance: {
      typeDefs: `
        type Query { tune: Tune }
        interface Tune { sameTempo: Tune }
        type Waltz implements Tune @key(fields: "id") { id: ID! sameTempo: Waltz @provides(fields: "beats") beats: Float @external }
      `,
      resolvers: {
        Query: { tune: () => tunes[0] },
        Waltz: { sameTempo: ({ id }: { id: string }) => tunes.find((tune) => tune.id !== id) },
      },
    },
    tempo: {
      typeDefs: 'type Waltz @key(fields: "id") { id: ID! beats: Float @shareable }',
      resolvers: { Waltz: entities(tunes) },
    },
  })
  expect(await ask('{ tune { sameTempo { ... on Tune { sameTempo { __typename } } } } }')).toEqual({
    data: { tune: { sameTempo: { sameTempo: { __typename: 'Waltz' } } } },
  })
  const query = `{
    tune {
      __typename
      sameTempo { __typename ... on Waltz { id } sameTempo { __typename ... on Waltz { id } } }
      ... on Waltz { id beats sameTempo { id beats } }
    }
  }`
  expect(await ask(query)).toEqual({
    data: {
      tune: {
        __typename: 'Waltz',
        sameTempo: { __typename: 'Waltz', id: 'w2', sameTempo: { __typename: 'Waltz', id: 'w1' }, beats: 90 },
        id: 'w1',
        beats: 90,
      },
    },
  })
})

const stoves = [{ __typename: 'Stove', id: 's1' }, { __typename: 'Stove', id: 's2' }] // biome-ignore format: a row each
const irons = [{ __typename: 'Iron', id: 'i1', guarantee: 3 }, { __typename: 'Iron', id: 'i2', guarantee: 4 }] // biome-ignore format: a row each
const things = [...stoves, ...irons]
const shop = {
  typeDefs: `
    type Query { goods: [Good!]! node(id: ID!): Node nodes: [Node!]! irons: [Iron!]! }
    union Good = Stove | Iron
    interface Node { id: ID! }
    interface Guaranteed { guarantee: Int }
    type Stove @key(fields: "id") { id: ID! }
    type Iron implements Node & Guaranteed @key(fields: "id") { id: ID! guarantee: Int }
  `,
  resolvers: {
    Query: {
      goods: () => things,
      node: (_: unknown, { id }: { id: string }) => things.find((thing) => thing.id === id),
      nodes: () => irons,
      irons: () => irons,
    },
  },
}
const maker = {
  typeDefs: `
    interface Node { id: ID! }
    interface Guaranteed { guarantee: Int }
    type Stove implements Node & Guaranteed @key(fields: "id") { id: ID! guarantee: Int }
  `,
  resolvers: { Stove: { guarantee: () => 1 } },
}

test('a type that implements an interface in one subgraph and not in the other', async () => {
  const { ask } = await openFixture({ shop, maker })
  expect(await ask('{ goods { ... on Node { id } } }')).toEqual({
    data: { goods: things.map(({ id }) => ({ id })) },
  })
  expect(await ask('{ goods { ... on Guaranteed { guarantee } } }')).toEqual({
    data: { goods: [{ guarantee: 1 }, { guarantee: 1 }, { guarantee: 3 }, { guarantee: 4 }] },
  })
  expect(
    await ask(
      '{ nodes { ... on Iron { guarantee } ... on Stove { id } } irons { ... on Node { id __typename } } }',
    ),
  ).toEqual({
    data: {
      nodes: [{ guarantee: 3 }, { guarantee: 4 }],
      irons: irons.map(({ id, __typename }) => ({ id, __typename })),
    },
  })
  expect(
    await ask('{ nodes { ... on Node { id ... on Node { ... on Guaranteed { guarantee } } } } }'),
  ).toEqual({
    data: { nodes: [{ id: 'i1', guarantee: 3 }, { id: 'i2', guarantee: 4 }] }, // biome-ignore format: a row each
  })
})

test('an object of a type that its subgraph must not answer there', async () => {
  const { ask } = await openFixture({ shop, maker })
  for (const fragment of ['... on Stove { guarantee }', '... on Iron { guarantee }']) {
    expect(await ask(`{ node(id: "s1") { ${fragment} } }`)).toMatchObject({
      data: { node: null },
      errors: [{ path: ['node'] }],
    })
  }
  expect(await ask('{ node(id: "i1") { ... on Iron { guarantee } } }')).toEqual({
    data: { node: { guarantee: 3 } },
  })
})
