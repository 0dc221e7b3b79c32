import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

const notes = [{ id: 'n1', written: 'Monday' }, { id: 'n2', written: 'Friday' }] // biome-ignore format: a row each
const never = () => {
  throw new Error('another subgraph has taken this over')
}

const legacy = {
  typeDefs: `
    type Query { notes: [Note!]! @shareable oldNotes: [Note!]! }
    type Note @key(fields: "id") { id: ID! written: String! @shareable }
  `,
  resolvers: { Query: { notes: () => notes, oldNotes: () => [notes[1]] }, Note: { written: never } },
}
const modern = (from: string) => ({
  typeDefs: `
    type Query { notes: [Note!]! @shareable newNotes: [Note!]! }
    type Note @key(fields: "id") { id: ID! written: String! @override(from: "${from}") @shareable }
  `,
  resolvers: { Query: { notes: () => notes, newNotes: () => [notes[0]] }, Note: entities(notes) },
})

test('@override: the field comes from whoever took it over, from wherever its object comes', async () => {
  const { ask, callsTo } = await openFixture({ legacy, modern: modern('legacy') })
  expect(await ask('{ notes { written } }')).toEqual({
    data: { notes: [{ written: 'Monday' }, { written: 'Friday' }] },
  })
  expect(callsTo()).toEqual(['modern'])
  expect(await ask('{ oldNotes { written } newNotes { written } }')).toEqual({
    data: { oldNotes: [{ written: 'Friday' }], newNotes: [{ written: 'Monday' }] },
  })
})

test('@override from a subgraph that does not exist changes nothing', async () => {
  const { ask } = await openFixture({
    legacy: { ...legacy, resolvers: { Query: legacy.resolvers.Query } },
    modern: modern('gone'),
  })
  expect(await ask('{ notes { written } oldNotes { written } newNotes { written } }')).toEqual({
    data: {
      notes: [{ written: 'Monday' }, { written: 'Friday' }],
      oldNotes: [{ written: 'Friday' }],
      newNotes: [{ written: 'Monday' }],
    },
  })
})

test('@override of a field of an interface’s object: the interface does not lead to the old one', async () => {
  const { ask } = await openFixture({
    legacy: {
      typeDefs: `
        type Query { feed: [Entry!]! }
        interface Entry { id: ID! written: String! }
        type Photo implements Entry @key(fields: "id") { id: ID! written: String! }
      `,
      resolvers: {
        Query: { feed: () => notes.map((note) => ({ __typename: 'Photo', ...note })) },
        Photo: { written: never },
      },
    },
    modern: {
      typeDefs: `
        type Query { album: [Item!]! }
        interface Entry { id: ID! written: String! }
        interface Item { id: ID! written: String! }
        type Text implements Entry @key(fields: "id") { id: ID! written: String! body: String! }
        type Photo implements Item @key(fields: "id") { id: ID! written: String! @override(from: "legacy") }
      `,
      resolvers: {
        Query: { album: () => notes.map((note) => ({ __typename: 'Photo', ...note })) },
        Photo: entities(notes),
      },
    },
  })
  expect(await ask('{ feed { id written } }')).toEqual({ data: { feed: notes } })
  expect(await ask('{ feed { ... on Text { id body } } }')).toEqual({ data: { feed: [{}, {}] } })
  expect(await ask('{ album { id written ... on Photo { written id } } }')).toEqual({
    data: { album: notes },
  })
})

test('@override of a field that others @require, the one that lost it among them', async () => {
  const people = [{ id: 'u1' }, { id: 'u2' }, { id: 'u3' }]
  const greet =
    (who: string) =>
    ({ name }: { name: string }) =>
      `${who} greets ${name}`
  const { ask, callsTo } = await openFixture({
    a: {
      typeDefs: `
        type Query { inA: Person }
        type Person @key(fields: "id") { id: ID! name: String! @external greetingOfA: String! @requires(fields: "name") }
      `,
      resolvers: { Query: { inA: () => people[0] }, Person: { greetingOfA: greet('a') } },
    },
    b: {
      typeDefs: `
        type Query { inB: Person }
        type Person @key(fields: "id") { id: ID! name: String! @override(from: "c") }
      `,
      resolvers: {
        Query: { inB: () => people[1] },
        Person: { name: ({ id }: { id: string }) => `Person ${id.slice(1)}` },
      },
    },
    c: {
      typeDefs: `
        type Query { inC: Person }
        type Person @key(fields: "id") { id: ID! name: String! }
      `,
      resolvers: { Query: { inC: () => people[2] }, Person: { name: never } },
    },
  })
  expect(
    await ask(
      '{ inA { ...All } inB { ...All } inC { ...All } } fragment All on Person { id name greetingOfA }',
    ),
  ).toEqual({
    data: {
      inA: { id: 'u1', name: 'Person 1', greetingOfA: 'a greets Person 1' },
      inB: { id: 'u2', name: 'Person 2', greetingOfA: 'a greets Person 2' },
      inC: { id: 'u3', name: 'Person 3', greetingOfA: 'a greets Person 3' },
    },
  })
  callsTo()
  expect(await ask('{ inC { greetingOfA } }')).toEqual({
    data: { inC: { greetingOfA: 'a greets Person 3' } },
  })
  expect(callsTo()).toEqual(['c', 'b', 'a'])
})

test('@override of a field that the one who lost it still @requires', async () => {
  const people = [{ id: 'u1' }]
  const { ask, callsTo } = await openFixture({
    b: {
      typeDefs: 'type Person @key(fields: "id") { id: ID! name: String! @override(from: "c") }',
      resolvers: { Person: { name: () => 'Person 1' } },
    },
    c: {
      typeDefs: `
        type Query { inC: Person }
        type Person @key(fields: "id") { id: ID! name: String! @external greetingOfC: String! @requires(fields: "name") }
      `,
      resolvers: {
        Query: { inC: () => people[0] },
        Person: { greetingOfC: ({ name }: { name: string }) => `c greets ${name}` },
      },
    },
  })
  expect(await ask('{ inC { greetingOfC } }')).toEqual({
    data: { inC: { greetingOfC: 'c greets Person 1' } },
  })
  expect(callsTo()).toEqual(['c', 'b', 'c'])
})
