import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

test('shared root fields of objects without a key: each subgraph is asked for its own part', async () => {
  const one = (own: string, fields: string, value: object) => ({
    typeDefs: `
      type Query { lamp: Lamp! @shareable lamps: [Lamp!]! @shareable }
      type Lamp { id: ID! @shareable ${own} }
      ${fields}
    `,
    resolvers: { Query: { lamp: () => ({ id: 'l1', ...value }), lamps: () => [{ id: 'l1', ...value }] } },
  })
  const { ask, callsTo } = await openFixture({
    bulbs: one('bulb: Bulb!', 'type Bulb { id: ID! watts: Int! }', { bulb: { id: 'b1', watts: 40 } }),
    shades: one('shade: Shade!', 'type Shade { id: ID! colour: String! }', {
      shade: { id: 's1', colour: 'red' },
    }),
    bases: one('base: Base!', 'type Base { id: ID! wood: String! }', { base: { id: 'w1', wood: 'ash' } }),
  })
  const lamp = {
    id: 'l1',
    bulb: { id: 'b1', watts: 40 },
    shade: { id: 's1', colour: 'red' },
    base: { id: 'w1', wood: 'ash' },
  }
  const selection = '{ id bulb { id watts } shade { id colour } base { id wood } }'
  expect(await ask(`{ lamp ${selection} }`)).toEqual({ data: { lamp } })
  expect(callsTo().toSorted()).toEqual(['bases', 'bulbs', 'shades'])
  expect(await ask(`{ lamps ${selection} }`)).toEqual({ data: { lamps: [lamp] } })
  callsTo()
  expect(await ask('{ lamp { id shade { colour } } }')).toEqual({
    data: { lamp: { id: 'l1', shade: { colour: 'red' } } },
  })
  expect(callsTo()).toEqual(['shades'])
})

test('mutations run one after the other, whichever subgraphs they are in', async () => {
  const accounts = new Map<string, number>()
  const change = (id: string, to: (balance: number) => number) => {
    accounts.set(id, to(accounts.get(id) ?? 0))
    return accounts.get(id)
  }
  const { ask, callsTo } = await openFixture({
    interest: {
      typeDefs: 'type Query { ok: Boolean } type Mutation { multiply(id: ID!, by: Int!): Int! }',
      resolvers: {
        Mutation: {
          multiply: (_: unknown, { id, by }: { id: string; by: number }) => change(id, (sum) => sum * by),
        },
      },
    },
    closing: {
      typeDefs: 'type Mutation { close(id: ID!): Int! }',
      resolvers: {
        Mutation: {
          close(_: unknown, { id }: { id: string }) {
            const balance = accounts.get(id)
            accounts.delete(id)
            return balance
          },
        },
      },
    },
    till: {
      typeDefs: 'type Mutation { pay(id: ID!, sum: Int!): Int! }',
      resolvers: {
        Mutation: {
          pay: (_: unknown, { id, sum }: { id: string; sum: number }) => change(id, (old) => old + sum),
        },
      },
    },
  })
  const query = `mutation ($id: ID!) {
    five: pay(id: $id, sum: 5)
    ten: multiply(id: $id, by: 2)
    twelve: pay(id: $id, sum: 2)
    last: close(id: $id)
  }`
  expect(await ask(query, { id: 'a1' })).toEqual({ data: { five: 5, ten: 10, twelve: 12, last: 12 } })
  expect(callsTo()).toEqual(['till', 'interest', 'till', 'closing'])
  expect(accounts.size).toBe(0)
})

test('what a mutation answers goes on in other subgraphs, as queries', async () => {
  const books = [{ id: 'b1', price: 30 }]
  const { ask, asked } = await openFixture({
    shop: {
      typeDefs: `
        type Query { book(id: ID!): Book }
        type Mutation { sell(input: Sale!): Book! }
        input Sale { id: ID! price: Float! }
        type Book @key(fields: "id") { id: ID! price: Float! }
      `,
      resolvers: {
        Query: { book: () => books[0] },
        Mutation: { sell: (_: unknown, { input }: { input: object }) => input },
        Book: entities(books),
      },
    },
    stock: {
      typeDefs: `
        type Book @key(fields: "id") {
          id: ID!
          price: Float! @external
          isDear: Boolean! @requires(fields: "price")
          isThere: Boolean!
        }
      `,
      resolvers: { Book: { isDear: ({ price }: { price: number }) => price > 100, isThere: () => true } },
    },
  })
  expect(
    await ask('mutation { sell(input: { id: "b2", price: 150.5 }) { id price isDear isThere } }'),
  ).toEqual({
    data: { sell: { id: 'b2', price: 150.5, isDear: true, isThere: true } },
  })
  expect(asked.map(({ query }) => query.startsWith('mutation'))).toEqual([true, false])
  expect(await ask('{ book(id: "b1") { price isDear } }')).toEqual({
    data: { book: { price: 30, isDear: false } },
  })
})

test('a shared mutation runs once', async () => {
  let runs = 0
  const one = (own: string, shareable = '') => ({
    typeDefs: `
      ${own ? '' : 'type Query { ok: Boolean }'}
      type Mutation { addTag(name: String!): Tag! @shareable }
      type Tag @key(fields: "id") { id: ID! ${own} ${shareable} }
    `,
    resolvers: {
      Mutation: {
        addTag(_: unknown, { name }: { name: string }) {
          runs++
          return { id: 't1', name }
        },
      },
      Tag: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'sale' }) },
    },
  })
  const { ask } = await openFixture({ a: one(''), b: one('name: String!') })
  expect(await ask('mutation { addTag(name: "sale") { id name } }')).toEqual({
    data: { addTag: { id: 't1', name: 'sale' } },
  })
  expect(runs).toBe(1)
})
