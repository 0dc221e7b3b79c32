import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

const vehicles = [
  { __typename: 'Tram', id: 'v1', name: 'Line 4', doors: 6 },
  { __typename: 'Ferry', id: 'v2', name: 'Anna', decks: 2 },
]
const fleet = {
  typeDefs: `
    type Query { vehicles: [Vehicle!]! }
    interface Vehicle @key(fields: "id") { id: ID! name: String! }
    interface Railed { doors: Int! }
    interface Named { name: String! }
    type Tram implements Vehicle & Railed & Named @key(fields: "id") { id: ID! name: String! @shareable doors: Int! }
    type Ferry implements Vehicle & Named @key(fields: "id") { id: ID! name: String! @shareable decks: Int! }
  `,
  resolvers: {
    Query: { vehicles: () => vehicles },
    Vehicle: entities(vehicles),
    Tram: entities(vehicles),
    Ferry: entities(vehicles),
  },
}
const tickets = {
  typeDefs: `
    type Query { sold: [Ticket!]! }
    type Ticket { vehicle: Vehicle! labelled: Vehicle! @provides(fields: "name") }
    type Vehicle @key(fields: "id") @interfaceObject { id: ID! name: String! @external passengers: Int! }
  `,
  resolvers: {
    Query: { sold: () => [{ vehicle: { id: 'v1' } }, { vehicle: { id: 'v2' } }] },
    Ticket: {
      labelled: ({ vehicle }: { vehicle: { id: string } }) => vehicles.find(({ id }) => id === vehicle.id),
    },
    Vehicle: { passengers: () => 40 },
  },
}

test('@interfaceObject: a fragment on another interface needs the type first', async () => {
  const { ask } = await openFixture({ fleet, tickets })
  expect(await ask('{ sold { vehicle { ... on Railed { doors } } } }')).toEqual({
    data: { sold: [{ vehicle: { doors: 6 } }, { vehicle: {} }] },
  })
  const query =
    '{ sold { vehicle { ... on Named { name ... on Railed { __typename } } ... on Vehicle { passengers } } } }'
  expect(await ask(query)).toEqual({
    data: {
      sold: [
        { vehicle: { name: 'Line 4', __typename: 'Tram', passengers: 40 } },
        { vehicle: { name: 'Anna', passengers: 40 } },
      ],
    },
  })
})

test('@interfaceObject on a path with @provides: a fragment on an object type', async () => {
  const { ask } = await openFixture({ fleet, tickets })
  expect(await ask('{ sold { labelled { name passengers ... on Ferry { name decks } } } }')).toEqual({
    data: {
      sold: [
        { labelled: { name: 'Line 4', passengers: 40 } },
        { labelled: { name: 'Anna', passengers: 40, decks: 2 } },
      ],
    },
  })
})
