import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

const parcels = [
  { id: 'p1', kilos: 2, zone: 3 },
  { id: 'p2', kilos: 5, zone: 1 },
]

const depot = {
  typeDefs: `
    type Query { parcels: [Parcel!]! }
    type Parcel @key(fields: "id") { id: ID! kilos: Int! zone: Int! @inaccessible }
  `,
  resolvers: { Query: { parcels: () => parcels }, Parcel: entities(parcels) },
}
const rates = {
  typeDefs: `
    type Parcel @key(fields: "id") {
      id: ID!
      kilos: Int! @external
      zone: Int! @external
      postage: Int! @requires(fields: "kilos zone")
      label: String! @requires(fields: "kilos")
    }
  `,
  resolvers: {
    Parcel: {
      __resolveReference: (reference: object) => reference,
      postage: ({ kilos, zone }: { kilos: number; zone: number }) => kilos * zone,
      label: ({ id, kilos }: { id: string; kilos: number }) => `${id}: ${kilos} kg`,
    },
  },
}
const discounts = {
  typeDefs: `
    type Parcel @key(fields: "id") {
      id: ID!
      postage: Int! @external
      reducedPostage: Int! @requires(fields: "postage")
    }
  `,
  resolvers: {
    Parcel: {
      __resolveReference: (reference: object) => reference,
      reducedPostage: ({ postage }: { postage: number }) => postage - 1,
    },
  },
}

test('@requires: what a field is computed from comes from another subgraph, even what clients cannot see', async () => {
  const { ask, sentTo } = await openFixture({ depot, rates })
  expect(await ask('{ parcels { label postage } }')).toEqual({
    data: { parcels: [{ label: 'p1: 2 kg', postage: 6 }, { label: 'p2: 5 kg', postage: 5 }] }, // biome-ignore format: a row each
  })
  expect(sentTo('rates')).toEqual([
    { __typename: 'Parcel', id: 'p1', kilos: 2, zone: 3 },
    { __typename: 'Parcel', id: 'p2', kilos: 5, zone: 1 },
  ])
})

test('@requires of a field that has @requires itself', async () => {
  const { ask, callsTo } = await openFixture({ depot, rates, discounts })
  expect(await ask('{ parcels { reducedPostage } }')).toEqual({
    data: { parcels: [{ reducedPostage: 5 }, { reducedPostage: 4 }] },
  })
  expect(callsTo()).toEqual(['depot', 'rates', 'discounts'])
  expect(await ask('{ parcels { postage reducedPostage label } }')).toEqual({
    data: {
      parcels: [
        { postage: 6, reducedPostage: 5, label: 'p1: 2 kg' },
        { postage: 5, reducedPostage: 4, label: 'p2: 5 kg' },
      ],
    },
  })
})

test('@requires under @include and @skip: what is left out is not computed, nor what it is computed from fetched', async () => {
  const { ask, callsTo } = await openFixture({ depot, rates, discounts })
  const query = `query ($yes: Boolean = true, $no: Boolean = false) {
    parcels { id label @include(if: $yes) postage @include(if: $no) reducedPostage @skip(if: $yes) }
  }`
  expect(await ask(query)).toEqual({
    data: { parcels: [{ id: 'p1', label: 'p1: 2 kg' }, { id: 'p2', label: 'p2: 5 kg' }] }, // biome-ignore format: a row each
  })
  expect(callsTo()).toEqual(['depot', 'rates'])
})

test('circular @requires: each of two subgraphs computes from what the other computed', async () => {
  const lines = [{ id: 'l1', driver: 'd1' }, { id: 'l2', driver: 'd2' }] // biome-ignore format: a row each
  const drivers = [{ id: 'd1', years: 4 }, { id: 'd2', years: 30 }] // biome-ignore format: a row each
  const { ask, callsTo } = await openFixture({
    timetable: {
      typeDefs: `
        type Query { lines: [Line!]! }
        type Line @key(fields: "id") {
          id: ID!
          isNoviceLine: Boolean! @external
          isExpertLine: Boolean! @requires(fields: "isNoviceLine")
        }
        type Driver @key(fields: "id") { id: ID! years: Int! }
      `,
      resolvers: {
        Query: { lines: () => lines },
        Line: {
          __resolveReference: (reference: object) => reference,
          isExpertLine: ({ isNoviceLine }: { isNoviceLine: boolean }) => !isNoviceLine,
        },
        Driver: entities(drivers),
      },
    },
    roster: {
      typeDefs: `
        type Line @key(fields: "id") {
          id: ID!
          driver: Driver!
          isNoviceLine: Boolean! @requires(fields: "driver { years }")
        }
        type Driver @key(fields: "id") { id: ID! years: Int! @external }
      `,
      resolvers: {
        Line: {
          ...entities(lines),
          driver: ({ driver }: { driver: string }) => ({ id: driver }),
          isNoviceLine: ({ driver }: { driver: { years: number } }) => driver.years < 10,
        },
      },
    },
  })
  expect(await ask('{ lines { isNoviceLine } }')).toEqual({
    data: { lines: [{ isNoviceLine: true }, { isNoviceLine: false }] },
  })
  callsTo()
  expect(await ask('{ lines { isExpertLine } }')).toEqual({
    data: { lines: [{ isExpertLine: false }, { isExpertLine: true }] },
  })
  expect(callsTo()).toEqual(['timetable', 'roster', 'timetable', 'roster', 'timetable'])
})

test('@requires of a list of entities that has @requires itself', async () => {
  const visitors = [{ id: 'v1', surname: 'Okafor' }]
  const { ask, sentTo } = await openFixture({
    desk: {
      typeDefs:
        'type Query { visitor: Visitor } type Visitor @key(fields: "id") { id: ID! surname: String! }',
      resolvers: { Query: { visitor: () => visitors[0] }, Visitor: entities(visitors) },
    },
    passes: {
      typeDefs: `
        type Pass @key(fields: "code") { code: ID! }
        type Visitor @key(fields: "id") {
          id: ID!
          surname: String! @external
          passes: [Pass!] @requires(fields: "surname")
        }
      `,
      resolvers: {
        Visitor: { passes: ({ surname }: { surname: string }) => [{ code: `${surname}-1` }, { code: `${surname}-2` }] }, // biome-ignore format: one line
      },
    },
    counter: {
      typeDefs: `
        type Pass @key(fields: "code", resolvable: false) { code: ID! }
        type Visitor @key(fields: "id") {
          id: ID!
          passes: [Pass!] @external
          passCount: Int! @requires(fields: "passes { code }")
          lastPass: String @requires(fields: "passes { code }")
        }
      `,
      resolvers: {
        Visitor: {
          passCount: ({ passes }: { passes: object[] }) => passes.length,
          lastPass: ({ passes }: { passes: { code: string }[] }) => passes.at(-1)?.code,
        },
      },
    },
  })
  expect(await ask('{ visitor { lastPass passCount } }')).toEqual({
    data: { visitor: { lastPass: 'Okafor-2', passCount: 2 } },
  })
  expect(sentTo('counter')).toEqual([
    { __typename: 'Visitor', id: 'v1', passes: [{ code: 'Okafor-1' }, { code: 'Okafor-2' }] },
  ])
})
