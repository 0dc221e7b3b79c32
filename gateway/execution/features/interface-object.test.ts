import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

const animals = [
  { __typename: 'Horse', id: 'a1', name: 'Bess', isBroken: true, isFed: true },
  { __typename: 'Horse', id: 'a2', name: 'Duke', isBroken: false, isFed: true },
  { __typename: 'Goat', id: 'a3', name: 'Nan', milk: 3 },
]
const barn = {
  typeDefs: `
    type Query { animals: [Animal!]! }
    interface Animal @key(fields: "id") { id: ID! name: String! }
    type Horse implements Animal @key(fields: "id") { id: ID! name: String! isBroken: Boolean! isFed: Boolean! @shareable }
    type Goat implements Animal @key(fields: "id") { id: ID! name: String! milk: Int! }
  `,
  resolvers: {
    Query: { animals: () => animals },
    Animal: entities(animals),
    Horse: entities(animals),
    Goat: entities(animals),
  },
}
/** What it says of types is wrong on purpose: nobody may rely on it. */
const wrongly = (ids: string[]) => ids.map((id) => ({ __typename: 'Nobody', id }))
const feed = {
  typeDefs: `
    type Query { hungry: [Animal!]! }
    type Animal @key(fields: "id") @interfaceObject {
      id: ID!
      name: String! @external
      kilos: Int!
      label: String! @requires(fields: "name")
    }
  `,
  resolvers: {
    Query: { hungry: () => wrongly(['a1', 'a3']) },
    Animal: {
      __resolveReference: (reference: object) => ({ ...reference, __typename: 'Nobody' }),
      kilos: ({ id }: { id: string }) => Number(id.slice(1)) * 10,
      label: ({ name }: { name: string }) => `feed for ${name}`,
    },
  },
}
const log = {
  typeDefs: 'type Animal @key(fields: "id") @interfaceObject { id: ID! isFed: Boolean! @shareable }',
  resolvers: { Animal: { isFed: () => false } },
}

test('@interfaceObject: a subgraph adds fields to every object of an interface', async () => {
  const { ask, callsTo } = await openFixture({ barn, feed })
  expect(await ask('{ animals { id name kilos } }')).toEqual({
    data: {
      animals: [
        { id: 'a1', name: 'Bess', kilos: 10 },
        { id: 'a2', name: 'Duke', kilos: 20 },
        { id: 'a3', name: 'Nan', kilos: 30 },
      ],
    },
  })
  expect(callsTo()).toEqual(['barn', 'feed'])
})

test('@interfaceObject: objects that come from it get their fields from where their types are known', async () => {
  const { ask, callsTo } = await openFixture({ barn, feed })
  expect(await ask('{ hungry { id name kilos } }')).toEqual({
    data: { hungry: [{ id: 'a1', name: 'Bess', kilos: 10 }, { id: 'a3', name: 'Nan', kilos: 30 }] }, // biome-ignore format: a row each
  })
  callsTo()
  expect(await ask('{ hungry { id kilos } }')).toEqual({
    data: { hungry: [{ id: 'a1', kilos: 10 }, { id: 'a3', kilos: 30 }] }, // biome-ignore format: a row each
  })
  expect(callsTo()).toEqual(['feed'])
})

test('@interfaceObject: __typename comes from where the types are known', async () => {
  const { ask } = await openFixture({ barn, feed })
  expect(await ask('{ hungry { __typename kilos } }')).toEqual({
    data: { hungry: [{ __typename: 'Horse', kilos: 10 }, { __typename: 'Goat', kilos: 30 }] }, // biome-ignore format: a row each
  })
  expect(await ask('{ hungry { ... on Horse { __typename } } }')).toEqual({
    data: { hungry: [{ __typename: 'Horse' }, {}] },
  })
})

test('@interfaceObject: a fragment on an object type needs the type first', async () => {
  const { ask } = await openFixture({ barn, feed })
  expect(await ask('{ hungry { ... on Horse { kilos } } }')).toEqual({
    data: { hungry: [{ kilos: 10 }, {}] },
  })
  expect(
    await ask(
      '{ hungry { id ... on Horse { isBroken id name kilos } name } animals { ... on Goat { milk } } }',
    ),
  ).toEqual({
    data: {
      hungry: [{ id: 'a1', isBroken: true, name: 'Bess', kilos: 10 }, { id: 'a3', name: 'Nan' }], // biome-ignore format: a row each
      animals: [{}, {}, { milk: 3 }],
    },
  })
})

test('@interfaceObject with @requires', async () => {
  const { ask } = await openFixture({ barn, feed })
  expect(await ask('{ animals { label } hungry { label } }')).toEqual({
    data: {
      animals: [{ label: 'feed for Bess' }, { label: 'feed for Duke' }, { label: 'feed for Nan' }],
      hungry: [{ label: 'feed for Bess' }, { label: 'feed for Nan' }],
    },
  })
  expect(await ask('{ hungry { ... on Horse { isBroken name label } id } }')).toEqual({
    data: { hungry: [{ isBroken: true, name: 'Bess', label: 'feed for Bess', id: 'a1' }, { id: 'a3' }] },
  })
})

test('@interfaceObject with @requires, asked for of one type: objects of other types are not sent', async () => {
  const { ask, sentTo } = await openFixture({ barn, feed })
  expect(await ask('{ animals { name ... on Goat { label } } }')).toEqual({
    data: { animals: [{ name: 'Bess' }, { name: 'Duke' }, { name: 'Nan', label: 'feed for Nan' }] },
  })
  expect(sentTo('feed')).toEqual([{ __typename: 'Animal', id: 'a3', name: 'Nan' }])
})

test('@interfaceObject: of a field that an object type has, too, each comes from where it was asked for', async () => {
  const { ask } = await openFixture({ barn, feed, log })
  expect(await ask('{ hungry { id isFed } }')).toEqual({
    data: { hungry: [{ id: 'a1', isFed: false }, { id: 'a3', isFed: false }] }, // biome-ignore format: a row each
  })
  expect(await ask('{ hungry { id ... on Horse { isFed } } }')).toEqual({
    data: { hungry: [{ id: 'a1', isFed: true }, { id: 'a3' }] },
  })
})

test('@interfaceObject resolved indirectly: a third subgraph knows more of one of its types', async () => {
  const { ask } = await openFixture({
    barn: {
      ...barn,
      resolvers: { ...barn.resolvers, Query: { animals: () => [animals[0]] }, Animal: { ...barn.resolvers.Animal, __resolveType: () => 'Horse' } }, // biome-ignore format: one line
    },
    races: {
      typeDefs: 'type Query { jockey: String } type Horse @key(fields: "id") { id: ID! jockey: String! }',
      resolvers: { Query: { jockey: () => 'Lester' }, Horse: { jockey: () => 'Lester' } },
    },
    stalls: {
      typeDefs: `
        type Query { stall: Stall }
        type Stall @key(fields: "number") { number: Int! tenant: Animal }
        type Animal @key(fields: "id") @interfaceObject { id: ID! }
      `,
      resolvers: { Query: { stall: () => ({ number: 4, tenant: { id: 'a1' } }) } },
    },
  })
  const query = `{
    animals { id name ... on Horse { isBroken jockey } ... on Goat { milk } }
    jockey
    stall { number tenant { id ... on Horse { isBroken jockey } } }
  }`
  expect(await ask(query)).toEqual({
    data: {
      animals: [{ id: 'a1', name: 'Bess', isBroken: true, jockey: 'Lester' }],
      jockey: 'Lester',
      stall: { number: 4, tenant: { id: 'a1', isBroken: true, jockey: 'Lester' } },
    },
  })
})
