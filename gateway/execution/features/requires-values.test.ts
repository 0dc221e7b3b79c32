import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

test('a requirement that is null is sent as null; one that failed is not sent', async () => {
  const rooms = [
    { id: 'r1', degrees: null },
    { id: 'r2', get degrees() { throw new Error('the sensor is gone') } }, // biome-ignore format: one line
  ]
  const { ask, sentTo } = await openFixture({
    sensors: {
      typeDefs: 'type Query { rooms: [Room!]! } type Room @key(fields: "id") { id: ID! degrees: Int }',
      resolvers: { Query: { rooms: () => rooms } },
    },
    comfort: {
      typeDefs: `type Room @key(fields: "id") { id: ID! degrees: Int @external advice: String @requires(fields: "degrees") }`,
      resolvers: {
        Room: {
          advice: ({ degrees }: { degrees: number | null }) => (degrees === null ? 'measure' : 'heat'),
        },
      },
    },
  })
  expect(await ask('{ rooms { id advice } }')).toMatchObject({
    data: { rooms: [{ id: 'r1', advice: 'measure' }, { id: 'r2', advice: null }] }, // biome-ignore format: a row each
    errors: [{ path: ['rooms', 1, 'advice'] }],
  })
  expect(sentTo('comfort')).toEqual([{ __typename: 'Room', id: 'r1', degrees: null }])
})

test('what is only required for another requirement is computed from a representation, too', async () => {
  const films = [{ id: 'f1', views: 900 }]
  const { ask, asked } = await openFixture({
    catalogue: {
      typeDefs: `
        type Film @key(fields: "id") { id: ID! views: Int! score: Int! @external rank: String! @requires(fields: "score") }
      `,
      resolvers: {
        Film: { ...entities(films), rank: ({ score }: { score: number }) => (score > 5 ? 'A' : 'B') },
      },
    },
    charts: {
      typeDefs: `
        type Query { best: Film other: Best }
        union Best = Film | Song
        type Song { name: String }
        type Film @key(fields: "id") { id: ID! views: Int! @external score: Int! @requires(fields: "views") }
      `,
      resolvers: {
        Query: { best: () => ({ id: 'f1' }), other: () => ({ __typename: 'Film', id: 'f1' }) },
        Film: { score: ({ views }: { views: number }) => views / 100 },
      },
    },
  })
  expect(await ask('{ best { rank } other { ... on Film { rank } } }')).toEqual({
    data: { best: { rank: 'A' }, other: { rank: 'A' } },
  })
  expect(asked.map(({ subgraph }) => subgraph)).toEqual(expect.arrayContaining(['charts', 'catalogue']))
})
