import { expect, test } from '@jest/globals'
import { entities, type FeatureSubgraph, openFixture } from './open-fixture.ts'

const pilots = [
  { id: 'p1', name: 'Amelia', badge: 'b1', nick: 'Meeley' },
  { id: 'p2', name: 'Bessie', badge: 'b2', nick: 'Queen' },
]
const ids = pilots.map(({ id, badge }) => ({ id, badge }))
const crew = {
  resolvers: {
    Query: { anyPilot: () => ids[0], knownPilot: () => pilots[0] },
    Pilot: { ...entities(ids), name: ({ name }: { name?: string }) => name ?? 'nobody may ask for this' },
  },
}
const query = 'type Query { anyPilot: Pilot knownPilot: Pilot @provides(fields: "name") }'
const fields = '{ id: ID! @external name: String! @external badge: ID }'
const register = (shareable: string): FeatureSubgraph => ({
  typeDefs: `
    type Query { pilotById(id: ID): Pilot }
    type Pilot @key(fields: "id") { id: ID! name: String! ${shareable} nick: String }
  `,
  resolvers: {
    Query: { pilotById: (_: unknown, { id }: { id: string }) => pilots.find((pilot) => pilot.id === id) },
    Pilot: entities(pilots),
  },
})

test.each<[string, FeatureSubgraph, FeatureSubgraph]>([
  [
    '@extends of federation 1',
    { ...crew, version: 1, typeDefs: `${query} type Pilot @key(fields: "id") @extends ${fields}` },
    { ...register(''), version: 1 },
  ],
  [
    'an extension of federation 1',
    { ...crew, version: 1, typeDefs: `${query} extend type Pilot @key(fields: "id") ${fields}` },
    { ...register(''), version: 1 },
  ],
  [
    '@extends of federation 2',
    { ...crew, typeDefs: `${query} type Pilot @key(fields: "id") @extends ${fields}` },
    register('@shareable'),
  ],
  [
    'an extension of federation 2',
    { ...crew, typeDefs: `${query} extend type Pilot @key(fields: "id") ${fields}` },
    register('@shareable'),
  ],
])('@external in %s: a key is there, another field only where it is provided', async (_, crew, register) => {
  const { ask, callsTo } = await openFixture({ crew, register })
  expect(await ask('{ anyPilot { id badge } }')).toEqual({ data: { anyPilot: { id: 'p1', badge: 'b1' } } })
  expect(callsTo()).toEqual(['crew'])
  expect(await ask('{ anyPilot { id name } pilotById(id: "p2") { id name nick } }')).toEqual({
    data: { anyPilot: { id: 'p1', name: 'Amelia' }, pilotById: { id: 'p2', name: 'Bessie', nick: 'Queen' } },
  })
  callsTo()
  expect(await ask('{ knownPilot { id name } }')).toEqual({
    data: { knownPilot: { id: 'p1', name: 'Amelia' } },
  })
  expect(callsTo()).toEqual(['crew'])
  expect(await ask('{ pilotById(id: "p1") { badge nick } knownPilot { nick badge } }')).toEqual({
    data: { pilotById: { badge: 'b1', nick: 'Meeley' }, knownPilot: { nick: 'Meeley', badge: 'b1' } },
  })
})

test('@external on a key of a type that another subgraph owns', async () => {
  const crates = [{ id: 'c1', content: 'figs', price: 7 }, { id: 'c2', content: 'dates', price: 4 }] // biome-ignore format: a row each
  const { ask } = await openFixture({
    prices: {
      typeDefs:
        'type Query { cheapest: Crate } extend type Crate @key(fields: "id") { id: ID! @external price: Int }',
      resolvers: { Query: { cheapest: () => ({ id: 'c2', price: 4 }) }, Crate: entities(crates) },
    },
    contents: {
      typeDefs: 'type Query { crates: [Crate!]! } type Crate @key(fields: "id") { id: ID! content: String! }',
      resolvers: { Query: { crates: () => crates }, Crate: entities(crates) },
    },
  })
  expect(await ask('{ cheapest { id price content } crates { price content id } }')).toEqual({
    data: { cheapest: { id: 'c2', price: 4, content: 'dates' }, crates },
  })
})

test('@external on keys of which another one is used: the fields of the unused ones can be asked for', async () => {
  const stamps = [{ id: 's1', name: 'Mauritius', sheet: 'm', catalogue: 'k9', value: 1.5 }]
  const { ask } = await openFixture({
    album: {
      version: 1,
      typeDefs: `
        type Query { stamp: Stamp }
        type Stamp @key(fields: "id") @key(fields: "id name") { id: ID name: String sheet: String }
      `,
      resolvers: { Query: { stamp: () => stamps[0] }, Stamp: entities(stamps) },
    },
    auction: {
      version: 1,
      typeDefs: `
        type Query { lot: Stamp }
        extend type Stamp @key(fields: "id name") @key(fields: "catalogue") {
          id: ID @external
          name: String @external
          catalogue: String @external
          value: Float!
        }
      `,
      resolvers: { Query: { lot: () => stamps[0] }, Stamp: entities(stamps, 'id', 'name') },
    },
  })
  expect(await ask('{ stamp { id sheet value catalogue name } }')).toEqual({ data: { stamp: stamps[0] } })
})
