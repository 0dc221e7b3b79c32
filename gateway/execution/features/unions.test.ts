import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

const map = { __typename: 'Map', id: 'x1', title: 'Old town', scale: '1:500', price: 12 }
const song = { __typename: 'Song', id: 'x2', title: 'Blue', scale: 'C minor' }
const globe = { __typename: 'Globe', id: 'x3', title: 'Earth', price: 90 }

const museum = {
  typeDefs: `
    union Item = Map | Song
    type Query { item: Item @shareable exhibit: Item map: Map @shareable room: Room @shareable }
    type Room { item: Item @shareable exhibit: Item map: Map @shareable song: Item }
    type Map @key(fields: "id") { id: ID! title: String! @shareable scale: String! }
    type Song @key(fields: "id") { id: ID! title: String! @shareable scale: String! }
  `,
  resolvers: {
    Query: {
      item: () => map,
      exhibit: () => map,
      map: () => map,
      room: () => ({ item: map, exhibit: map, map, song }),
    },
    Map: entities([map]),
    Song: entities([song]),
  },
}
const shop = {
  typeDefs: `
    union Item = Map | Globe
    type Query { item: Item @shareable offer: Item map: Item @shareable room: Room @shareable }
    type Room { item: Item @shareable offer: Item map: Item @shareable }
    type Map @key(fields: "id") { id: ID! title: String! @shareable price: Int! }
    type Globe @key(fields: "id") { id: ID! title: String! @shareable price: Int! }
  `,
  resolvers: {
    Query: {
      item: () => map,
      offer: () => globe,
      map: () => map,
      room: () => ({ item: map, offer: globe, map }),
    },
    Map: entities([map]),
    Globe: entities([globe]),
  },
}

test('a union that differs between subgraphs: a fragment on a member that the one asked does not know', async () => {
  const { ask } = await openFixture({ museum, shop })
  expect(await ask('{ item { ... on Globe { title } } exhibit { ... on Globe { title price } } }')).toEqual({
    data: { item: {}, exhibit: {} },
  })
  expect(await ask('{ item { ... on Map { title } ... on Globe { title } ... on Song { title } } }')).toEqual(
    {
      data: { item: { title: 'Old town' } },
    },
  )
  expect(
    await ask('{ room { exhibit { ... on Globe { title price } } offer { ... on Globe { title price } } } }'),
  ).toEqual({
    data: { room: { exhibit: {}, offer: { title: 'Earth', price: 90 } } },
  })
})

test('a union that differs between subgraphs: the fields of a member come from both', async () => {
  const { ask } = await openFixture({ museum, shop })
  expect(await ask('{ exhibit { ... on Map { title scale price } } }')).toEqual({
    data: { exhibit: { title: 'Old town', scale: '1:500', price: 12 } },
  })
})

test('a field that is an object in one subgraph and a union in the other', async () => {
  const { ask } = await openFixture({ museum, shop })
  const query = `{
    room { item { ...All } map { ...All } song { ...All } }
    map { ...All }
  }
  fragment All on Item {
    __typename
    ... on Song { title scale }
    ... on Globe { title price }
    ... on Map { title scale price }
  }`
  const all = { __typename: 'Map', title: 'Old town', scale: '1:500', price: 12 }
  expect(await ask(query)).toEqual({
    data: {
      room: { item: all, map: all, song: { __typename: 'Song', title: 'Blue', scale: 'C minor' } },
      map: all,
    },
  })
})

test('a union of which one subgraph knows only some members, none of them an entity', async () => {
  const steps = [
    { __typename: 'Walk', id: 'w1', metres: 30 },
    { __typename: 'Ride', line: '7', stops: 4 },
    { __typename: 'Wait', minutes: 5 },
  ]
  const { ask, callsTo } = await openFixture({
    full: {
      typeDefs: `
        type Query { route: Route }
        type Route @shareable { steps: [Step!]! advice: String }
        union Step = Walk | Ride | Wait
        type Walk @shareable { id: ID! metres: Int }
        type Ride { line: String stops: Int }
        type Wait { minutes: Int }
      `,
      resolvers: { Query: { route: () => ({ advice: 'Hurry.', steps }) } },
    },
    partial: {
      typeDefs: `
        type Route @shareable { steps: [Step!]! advice: String }
        union Step = Walk
        type Walk @shareable { id: ID! metres: Int }
      `,
    },
  })
  expect(
    await ask(
      '{ route { advice steps { __typename ... on Walk { id metres } ... on Ride { line stops } ... on Wait { minutes } } } }',
    ),
  ).toEqual({ data: { route: { advice: 'Hurry.', steps } } })
  expect(
    await ask('{ route { steps { ... on Ride { line } ... on Wait { __typename minutes } } } }'),
  ).toEqual({
    data: { route: { steps: [{}, { line: '7' }, { __typename: 'Wait', minutes: 5 }] } },
  })
  expect(callsTo()).toEqual(['full', 'full'])
})

const plain = { __typename: 'Plain', text: 'both' }
const ofA = { __typename: 'OnlyInA', a: 'a' }
const ofB = { __typename: 'OnlyInB', b: 'b' }
const sharedBox = (own: object, name: string) => ({
  typeDefs: `
    type Query { from${name}: Crate common: Crate @shareable }
    type Crate @key(fields: "id") { id: ID! lid: Lid @shareable ${name === 'B' ? 'bottom: Lid' : ''} }
    type Lid @shareable { marks: [Mark!]! @shareable }
    union Mark = Plain | OnlyIn${name}
    type Plain @shareable { text: String }
    type OnlyIn${name} { ${name.toLowerCase()}: String }
  `,
  resolvers: {
    Query: { [`from${name}`]: () => ({ id: 'k' }), common: () => ({ id: 'k', lid: { marks: [plain] } }) },
    Crate: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      lid: ({ lid }: { lid?: object }) => lid ?? { marks: [plain, own] },
      ...(name === 'B' && { bottom: () => ({ marks: [plain, own] }) }),
    },
  },
})

test('a union behind a shared field of an entity: each way in gives what its own subgraph has', async () => {
  const { ask, callsTo } = await openFixture({ a: sharedBox(ofA, 'A'), b: sharedBox(ofB, 'B') })
  const marks = 'marks { __typename ... on Plain { text } ... on OnlyInA { a } ... on OnlyInB { b } }'
  expect(await ask(`{ fromA { lid { ${marks} } } }`)).toEqual({
    data: { fromA: { lid: { marks: [plain, ofA] } } },
  })
  expect(callsTo()).toEqual(['a'])
  expect(await ask(`{ fromB { lid { ${marks} } } }`)).toEqual({
    data: { fromB: { lid: { marks: [plain, ofB] } } },
  })
  expect(callsTo()).toEqual(['b'])
  expect(await ask('{ fromA { lid { marks { __typename ... on OnlyInB { b } } } } }')).toEqual({
    data: { fromA: { lid: { marks: [{ __typename: 'Plain' }, { __typename: 'OnlyInA' }] } } },
  })
  callsTo()
  expect(await ask(`{ common { lid { ${marks} } } }`)).toEqual({
    data: { common: { lid: { marks: [plain] } } },
  })
  callsTo()
  expect(await ask(`{ fromA { bottom { ${marks} } } }`)).toEqual({
    data: { fromA: { bottom: { marks: [plain, ofB] } } },
  })
  expect(callsTo()).toEqual(['a', 'b'])
})
