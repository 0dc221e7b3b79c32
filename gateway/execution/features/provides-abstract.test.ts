import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

test('@provides on a union: for one of its members, the others come from their owner', async () => {
  const works = [
    { __typename: 'Opera', id: 'w1', title: 'Tosca' },
    { __typename: 'Ballet', id: 'w2', title: 'Giselle' },
  ]
  const { ask, sentTo } = await openFixture({
    lobby: {
      typeDefs: `
        type Query { programme: [Work!]! @shareable }
        union Work = Opera | Ballet
        type Opera @key(fields: "id") { id: ID! }
        type Ballet @key(fields: "id") { id: ID! }
      `,
      resolvers: { Query: { programme: () => works } },
    },
    posters: {
      typeDefs: `
        type Query { programme: [Work!]! @shareable @provides(fields: "... on Opera { title }") }
        union Work = Opera | Ballet
        type Opera @key(fields: "id") { id: ID! title: String! @external }
        type Ballet @key(fields: "id") { id: ID! }
      `,
      resolvers: { Query: { programme: () => works } },
    },
    library: {
      typeDefs: `
        type Opera @key(fields: "id") { id: ID! title: String! @shareable }
        type Ballet @key(fields: "id") { id: ID! title: String! @shareable }
      `,
      resolvers: { Opera: entities(works), Ballet: entities(works) },
    },
  })
  expect(await ask('{ programme { ... on Opera { id title } ... on Ballet { id } } }')).toEqual({
    data: { programme: [{ id: 'w1', title: 'Tosca' }, { id: 'w2' }] },
  })
  expect(sentTo('library')).toEqual([])
  expect(await ask('{ programme { ... on Opera { id title } ... on Ballet { id title } } }')).toEqual({
    data: { programme: [{ id: 'w1', title: 'Tosca' }, { id: 'w2', title: 'Giselle' }] }, // biome-ignore format: a row each
  })
  expect(sentTo('library')).toEqual([{ __typename: 'Ballet', id: 'w2' }])
})

test('@provides on an interface: what is provided of objects without a key, and what is not', async () => {
  const pets = [
    { __typename: 'Parrot', id: 'p1', name: 'Polly', words: 50 },
    { __typename: 'Tortoise', id: 'p2', name: 'Flash', age: 90 },
  ]
  const household = { __typename: 'Flat', id: 'h1', pets }
  const interfaces = `
    interface Household { id: ID! pets: [Pet!]! }
    interface Pet { id: ID! name: String! }
  `
  const { ask, callsTo } = await openFixture({
    street: {
      typeDefs: `
        ${interfaces}
        type Query { household: Household @shareable @provides(fields: "pets { id name }") }
        type Flat implements Household { id: ID! @shareable pets: [Pet!]! @external }
        type Parrot implements Pet { id: ID! @external name: String! @external }
        type Tortoise implements Pet { id: ID! @external name: String! @external }
      `,
      resolvers: { Query: { household: () => household } },
    },
    door: {
      typeDefs: `
        type Query { household: Household @shareable }
        interface Household { id: ID! }
        type Flat implements Household @key(fields: "id") { id: ID! }
      `,
      resolvers: { Query: { household: () => household } },
    },
    vet: {
      typeDefs: `
        ${interfaces}
        type Flat implements Household @key(fields: "id") { id: ID! pets: [Pet!]! @shareable }
        type Parrot implements Pet @key(fields: "id") { id: ID! name: String! @shareable words: Int! }
        type Tortoise implements Pet @key(fields: "id") { id: ID! name: String! @shareable age: Int! }
      `,
      resolvers: { Flat: entities([household]), Parrot: entities(pets), Tortoise: entities(pets) },
    },
  })
  expect(await ask('{ household { id pets { id name } } }')).toEqual({
    data: { household: { id: 'h1', pets: [{ id: 'p1', name: 'Polly' }, { id: 'p2', name: 'Flash' }] } }, // biome-ignore format: a row each
  })
  expect(callsTo()).toEqual(['street'])
  expect(await ask('{ household { id pets { id name ... on Tortoise { age } } } }')).toEqual({
    data: { household: { id: 'h1', pets: [{ id: 'p1', name: 'Polly' }, { id: 'p2', name: 'Flash', age: 90 }] } }, // biome-ignore format: a row each
  })
})
