import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

test('@key: an entity goes on in the subgraph that has its other fields, each representation once', async () => {
  const trees = [{ id: 't1', height: 12 }, { id: 't2', height: 30 }] // biome-ignore format: a row each
  const { ask, sentTo } = await openFixture({
    map: {
      typeDefs: 'type Query { trees: [Tree!]! } type Tree @key(fields: "id") { id: ID! }',
      resolvers: { Query: { trees: () => ['t1', 't2', 't1'].map((id) => ({ id })) } },
    },
    survey: {
      typeDefs: 'type Tree @key(fields: "id") { id: ID! height: Int! }',
      resolvers: { Tree: entities(trees) },
    },
  })
  expect(await ask('{ trees { height } }')).toEqual({
    data: { trees: [{ height: 12 }, { height: 30 }, { height: 12 }] },
  })
  expect(sentTo('survey')).toEqual([
    { __typename: 'Tree', id: 't1' },
    { __typename: 'Tree', id: 't2' },
  ])
})

test('keys of several fields, nested ones and lists among them, each subgraph with another one', async () => {
  const plots = [{ row: 1, seat: 'a' }, { row: 1, seat: 'b' }] // biome-ignore format: a row each
  const rowOf = (seats: object[]) => ({ seats, first: seats[0], chosen: seats[1] })
  const { ask, sentTo } = await openFixture({
    hall: {
      typeDefs: `
        type Query { block: Block! }
        type Block @key(fields: "seats { row }") { seats: [Seat!]! }
        type Seat @extends @key(fields: "row seat") { row: Int! @external seat: String! @external tier: Tier @shareable }
        type Tier @key(fields: "id") { id: ID! label: String @shareable bestSeat: Seat! @shareable }
      `,
      resolvers: {
        Query: { block: () => ({ seats: plots }) },
        Seat: {
          ...entities(plots, 'row', 'seat'),
          tier: ({ seat }: { seat: string }) => ({
            id: `t-${seat}`,
            label: seat.toUpperCase(),
            bestSeat: plots[0],
          }),
        },
      },
    },
    layout: {
      typeDefs: `
        type Block @key(fields: "seats { row seat }") { seats: [Seat!]! first: Seat @shareable chosen: Seat @shareable }
        type Seat @key(fields: "row seat") { row: Int! seat: String! }
      `,
      resolvers: { Block: { __resolveReference: ({ seats }: { seats: object[] }) => rowOf(seats) } },
    },
    box: {
      typeDefs: `
        type Block @key(fields: "seats { row seat tier { id label } } chosen { row }") {
          seats: [Seat!]!
          first: Seat @shareable
          chosen: Seat @shareable
          total: Int!
        }
        type Seat @key(fields: "row seat tier { id label }") { row: Int! seat: String! tier: Tier price: Int! }
        type Tier @key(fields: "id label") { id: ID! label: String }
      `,
      resolvers: {
        Block: {
          __resolveReference: ({ seats, chosen }: { seats: object[]; chosen: { row: number } }) => ({
            ...rowOf(seats),
            chosen,
            total: seats.length * chosen.row,
          }),
        },
        Seat: { price: ({ tier }: { tier: { label: string } }) => (tier.label === 'A' ? 90 : 40) },
      },
    },
  })
  expect(
    await ask(
      '{ block { seats { row seat price tier { id label bestSeat { seat } } } chosen { seat } first { seat } } }',
    ),
  ).toEqual({
    data: {
      block: {
        seats: [
          { row: 1, seat: 'a', price: 90, tier: { id: 't-a', label: 'A', bestSeat: { seat: 'a' } } },
          { row: 1, seat: 'b', price: 40, tier: { id: 't-b', label: 'B', bestSeat: { seat: 'a' } } },
        ],
        chosen: { seat: 'b' },
        first: { seat: 'a' },
      },
    },
  })
  expect(sentTo('box')).toEqual([
    { __typename: 'Seat', row: 1, seat: 'a', tier: { id: 't-a', label: 'A' } },
    { __typename: 'Seat', row: 1, seat: 'b', tier: { id: 't-b', label: 'B' } },
  ])
  expect(await ask('{ block { total } }')).toEqual({ data: { block: { total: 2 } } })
})

test('many keys of which some resolve nothing: what a requirement needs does not take the key away', async () => {
  const code = { land: 'no', port: 'osl', dock: '4' }
  const { ask, sentTo } = await openFixture({
    registry: {
      typeDefs: `
        type Ship
          @key(fields: "id", resolvable: true)
          @key(fields: "hull", resolvable: false)
          @key(fields: "berth { land port }", resolvable: false)
          @key(fields: "id berth { port dock }", resolvable: false) {
          id: ID!
          hull: ID!
          berth: Berth!
          name: String!
        }
        type Berth { land: ID! port: ID! dock: ID! }
      `,
      resolvers: { Ship: entities([{ id: 's1', hull: 'h1', berth: code, name: 'Fram' }]) },
    },
    harbour: {
      typeDefs: `
        type Query { convoy: Convoy }
        type Convoy @key(fields: "id") { id: ID! ships: [Ship!]! }
        type Ship
          @key(fields: "berth { land port }", resolvable: false)
          @key(fields: "id berth { port dock }", resolvable: true)
          @key(fields: "hull", resolvable: false)
          @key(fields: "id", resolvable: false) {
          id: ID!
          hull: ID!
          berth: Berth!
          name: String! @external
          callSign: String! @requires(fields: "name")
        }
        type Berth { land: ID! port: ID! dock: ID! }
      `,
      resolvers: {
        Query: { convoy: () => ({ id: 'c1', ships: [{ id: 's1', hull: 'h1', berth: code }] }) },
        Ship: { callSign: ({ name }: { name: string }) => `${name} calling` },
      },
    },
  })
  expect(await ask('{ convoy { id ships { id name callSign } } }')).toEqual({
    data: { convoy: { id: 'c1', ships: [{ id: 's1', name: 'Fram', callSign: 'Fram calling' }] } },
  })
  expect(sentTo('harbour').at(-1)).toEqual({
    __typename: 'Ship',
    id: 's1',
    berth: { port: 'osl', dock: '4' },
    name: 'Fram',
  })
})

test('a key that comes from a third subgraph', async () => {
  const { ask, callsTo } = await openFixture({
    shop: {
      typeDefs: 'type Query { item: Item } type Item @key(fields: "sku") { sku: ID! }',
      resolvers: { Query: { item: () => ({ sku: 'k1' }) } },
    },
    codes: {
      typeDefs: 'type Item @key(fields: "sku") @key(fields: "ean") { sku: ID! ean: ID! }',
      resolvers: { Item: entities([{ sku: 'k1', ean: '400' }], 'sku') },
    },
    stock: {
      typeDefs: 'type Item @key(fields: "ean") { ean: ID! count: Int! }',
      resolvers: { Item: entities([{ ean: '400', count: 7 }], 'ean') },
    },
  })
  expect(await ask('{ item { count } }')).toEqual({ data: { item: { count: 7 } } })
  expect(callsTo()).toEqual(['shop', 'codes', 'stock'])
})

test('a client’s alias for another field does not take the place of a key', async () => {
  const { ask } = await openFixture({
    map: {
      typeDefs: 'type Query { tree: Tree } type Tree @key(fields: "id") { id: ID! name: String! }',
      resolvers: { Query: { tree: () => ({ id: 't1', name: 'Old oak' }) } },
    },
    survey: {
      typeDefs: 'type Tree @key(fields: "id") { id: ID! height(unit: String!): String! }',
      resolvers: {
        Tree: { height: ({ id }: { id: string }, { unit }: { unit: string }) => `${id}: 12 ${unit}` },
      },
    },
  })
  expect(await ask('{ tree { id: name name: height(unit: "m") height: height(unit: "ft") } }')).toEqual({
    data: { tree: { id: 'Old oak', name: 't1: 12 m', height: 't1: 12 ft' } },
  })
})
