import { expect, test } from '@jest/globals'
import { openFixture } from './open-fixture.ts'

test('an object without a key is completed through the entity that it hangs on', async () => {
  const flats = [{ id: 'f1', door: '1', house: 'h1' }, { id: 'f2', door: '2', house: 'h2' }, { id: 'f3', door: '3', house: 'h1' }] // biome-ignore format: one line
  const byId = (id: string) => flats.find((flat) => flat.id === id)
  const house = {
    __resolveReference: (reference: { id: string }) => byId(reference.id),
    house: ({ house }: { house: string }) => ({
      id: house,
      name: house.toUpperCase(),
      energy: { class: house === 'h1' ? 2 : 1 },
    }),
  }
  const { ask, sentTo } = await openFixture({
    list: {
      typeDefs: `
        type Query { flats: [Flat!]! }
        type Flat @key(fields: "id") @key(fields: "id door") { id: ID! door: ID! house: House @shareable }
        type House @key(fields: "id") { id: ID! name: String! @shareable }
      `,
      resolvers: { Query: { flats: () => flats }, Flat: house },
    },
    mirror: {
      typeDefs: `
        type Flat @key(fields: "id door") { id: ID! door: ID! house: House @shareable }
        type House @key(fields: "id") { id: ID! name: String! @shareable }
      `,
      resolvers: { Flat: house },
    },
    energy: {
      typeDefs: `
        type Flat @key(fields: "id door") { id: ID! door: ID! house: House @shareable }
        type House { energy: Energy }
        type Energy { class: Int }
      `,
      resolvers: { Flat: house },
    },
  })
  expect(await ask('{ flats { id house { id energy { class } } } }')).toEqual({
    data: {
      flats: [
        { id: 'f1', house: { id: 'h1', energy: { class: 2 } } },
        { id: 'f2', house: { id: 'h2', energy: { class: 1 } } },
        { id: 'f3', house: { id: 'h1', energy: { class: 2 } } },
      ],
    },
  })
  expect(sentTo('energy')).toEqual(flats.map(({ id, door }) => ({ __typename: 'Flat', id, door })))
})

test('an object in four subgraphs, in some with a key of its own and in some without', async () => {
  const { ask } = await openFixture({
    details: {
      typeDefs:
        'type Car @key(fields: "id") { id: ID @external maker: Maker @shareable } type Maker { motto: String }',
      resolvers: {
        Car: { __resolveReference: ({ id }: { id: string }) => ({ id, maker: { motto: `Go ${id}` } }) },
      },
    },
    links: {
      typeDefs: `
        type Car @key(fields: "id") { id: ID @external maker: Maker @shareable }
        type Maker @key(fields: "id") { id: ID }
      `,
      resolvers: { Car: { maker: () => ({ id: 'm3' }) } },
    },
    makers: {
      typeDefs: 'type Maker @key(fields: "id") { id: ID name: String }',
      resolvers: { Maker: { name: ({ id }: { id: string }) => `Maker ${id}` } },
    },
    cars: {
      typeDefs: 'type Query { car(id: ID!): Car } type Car @key(fields: "id") { id: ID name: String }',
      resolvers: { Query: { car: (_: unknown, { id }: { id: string }) => ({ id, name: `Car ${id}` }) } },
    },
  })
  expect(await ask('{ car(id: "1") { id name maker { id name motto } } }')).toEqual({
    data: { car: { id: '1', name: 'Car 1', maker: { id: 'm3', name: 'Maker m3', motto: 'Go 1' } } },
  })
})
