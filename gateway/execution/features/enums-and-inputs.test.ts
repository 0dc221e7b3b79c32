import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

const shoes = [
  { id: 's1', kind: 'BOOT' },
  { id: 's2', kind: 'CLOG' },
]
const makers = {
  typeDefs: `
    type Query { made: [Shoe!]! madeAs(kind: Kind!): [Shoe!]! }
    type Shoe @key(fields: "id") { id: ID! kind: Kind @shareable }
    enum Kind { BOOT CLOG @inaccessible }
  `,
  resolvers: {
    Query: {
      made: () => shoes,
      madeAs: (_: unknown, { kind }: { kind: string }) => shoes.filter((shoe) => shoe.kind === kind),
    },
    Shoe: entities(shoes),
  },
}
const sellers = {
  typeDefs: `
    type Query { sold: [Shoe!]! }
    type Shoe @key(fields: "id") { id: ID! kind: Kind @shareable price: Int! }
    enum Kind { BOOT }
  `,
  resolvers: {
    Query: { sold: () => shoes.map(({ id, kind }) => ({ id, kind: kind === 'BOOT' ? kind : null })) },
    Shoe: { ...entities(shoes), price: () => 80 },
  },
}

test('an enum of which clients see less than a subgraph: a value that they cannot see is an error', async () => {
  const { ask } = await openFixture({ makers, sellers })
  expect(await ask('{ made { id } }')).toEqual({ data: { made: [{ id: 's1' }, { id: 's2' }] } })
  expect(await ask('{ made { id kind } }')).toMatchObject({
    data: { made: [{ id: 's1', kind: 'BOOT' }, { id: 's2', kind: null }] }, // biome-ignore format: a row each
    errors: [{ path: ['made', 1, 'kind'] }],
  })
  expect(await ask('{ sold { id kind price } }')).toEqual({
    data: { sold: [{ id: 's1', kind: 'BOOT', price: 80 }, { id: 's2', kind: null, price: 80 }] }, // biome-ignore format: a row each
  })
})

test('an enum as an argument: what clients cannot see they cannot send', async () => {
  const { ask, callsTo } = await openFixture({ makers, sellers })
  expect(await ask('{ madeAs(kind: BOOT) { id kind } }')).toEqual({
    data: { madeAs: [{ id: 's1', kind: 'BOOT' }] },
  })
  expect(await ask('query ($kind: Kind!) { madeAs(kind: $kind) { id price } }', { kind: 'BOOT' })).toEqual({
    data: { madeAs: [{ id: 's1', price: 80 }] },
  })
  callsTo()
  const { data, errors } = await ask('{ madeAs(kind: CLOG) { id } }')
  expect([data, errors?.length]).toEqual([undefined, 1])
  const asVariable = await ask('query ($kind: Kind!) { madeAs(kind: $kind) { id } }', { kind: 'CLOG' })
  expect([asVariable.data, asVariable.errors?.length]).toEqual([undefined, 1])
  expect(callsTo()).toEqual([])
})

test('an enum that is only answered has the values of all subgraphs', async () => {
  const { ask } = await openFixture({
    sea: {
      typeDefs: 'type Query { wind: Wind! @shareable } enum Wind { CALM GALE }',
      resolvers: { Query: { wind: () => 'GALE' } },
    },
    land: {
      typeDefs: 'type Query { breeze: Wind! } enum Wind { CALM BREEZE }',
      resolvers: { Query: { breeze: () => 'BREEZE' } },
    },
  })
  expect(await ask('{ wind breeze }')).toEqual({ data: { wind: 'GALE', breeze: 'BREEZE' } })
})

test('an input object of which clients see what all subgraphs know', async () => {
  const { ask, asked } = await openFixture({
    a: {
      typeDefs: 'input Page { first: Int! } type Query { inA(page: Page!): [Int!]! }',
      resolvers: { Query: { inA: (_: unknown, { page }: { page: { first: number } }) => [page.first] } },
    },
    b: {
      typeDefs: 'input Page { first: Int! after: Int } type Query { inB(page: Page!): [Int!]! }',
      resolvers: { Query: { inB: (_: unknown, { page }: { page: object }) => Object.values(page) } },
    },
  })
  expect(
    await ask('query ($page: Page!) { inA(page: { first: 2 }) inB(page: $page) }', { page: { first: 3 } }),
  ).toEqual({
    data: { inA: [2], inB: [3] },
  })
  asked.length = 0
  for (const field of ['inA', 'inB']) {
    const { data, errors } = await ask(`{ ${field}(page: { first: 1, after: 2 }) }`)
    expect([data, errors?.length]).toEqual([undefined, 1])
  }
  expect(asked).toEqual([])
})

test('@inaccessible: fields, arguments and enum values that clients cannot see', async () => {
  const members = [{ id: 'm1', peers: ['m2'] }, { id: 'm2', peers: ['m1'] }] // biome-ignore format: a row each
  const { ask } = await openFixture({
    club: {
      typeDefs: `
        type Query { members: [Member!]! }
        type Member @key(fields: "id") {
          id: ID @shareable
          peers(bond: Bond = FAMILY @inaccessible): [Member!]!
          bond: Bond
          secret: String @inaccessible
        }
        enum Bond { FAMILY @inaccessible FRIEND }
      `,
      resolvers: {
        Query: { members: () => members },
        Member: {
          ...entities(members),
          peers: ({ peers }: { peers: string[] }, { bond }: { bond: string }) =>
            bond === 'FAMILY' ? members.filter(({ id }) => peers.includes(id)) : [],
          bond: () => 'FAMILY',
        },
      },
    },
    ages: {
      typeDefs: 'type Query { eldest: Member } type Member @key(fields: "id") { id: ID @shareable age: Int }',
      resolvers: { Query: { eldest: () => ({ id: 'm2' }) }, Member: { age: () => 40 } },
    },
  })
  expect(await ask('{ members { id age peers { id } } eldest { peers { id age } } }')).toEqual({
    data: {
      members: [{ id: 'm1', age: 40, peers: [{ id: 'm2' }] }, { id: 'm2', age: 40, peers: [{ id: 'm1' }] }], // biome-ignore format: a row each
      eldest: { peers: [{ id: 'm1', age: 40 }] },
    },
  })
  for (const query of ['{ members { peers(bond: FRIEND) { id } } }', '{ members { secret } }']) {
    const { data, errors } = await ask(query)
    expect([data, errors?.length]).toEqual([undefined, 1])
  }
  expect(await ask('{ members { id bond } }')).toMatchObject({
    data: { members: [{ id: 'm1', bond: null }, { id: 'm2', bond: null }] }, // biome-ignore format: a row each
  })
})
