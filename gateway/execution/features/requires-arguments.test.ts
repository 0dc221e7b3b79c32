import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

type Fare = { currency: string }
const trips = [{ id: 't1', miles: 10 }, { id: 't2', miles: 25 }] // biome-ignore format: a row each
const fareIn = (miles: number, currency: string) => (currency === 'EUR' ? miles * 2 : miles)

const fares = {
  typeDefs: `
    type Query { trips: [Trip!]! }
    type Trip @key(fields: "id") { id: ID! fare(currency: String! = "USD"): Int! region: Region! }
    type Region { meanFare(currency: String!): Int! }
  `,
  resolvers: {
    Query: { trips: () => trips },
    Trip: {
      ...entities(trips),
      fare: ({ miles }: { miles: number }, { currency }: Fare) => fareIn(miles, currency),
      region: () => ({}),
    },
    Region: { meanFare: (_: unknown, { currency }: Fare) => fareIn(15, currency) },
  },
}
const tips = {
  typeDefs: `
    type Trip @key(fields: "id") {
      id: ID!
      fare(currency: String! = "USD"): Int! @external
      region: Region! @external
      tip: Int! @requires(fields: "fare(currency: \\"USD\\")")
      tipInEuro: Int! @requires(fields: "fare(currency: \\"EUR\\")")
      isDear: Boolean! @requires(fields: "fare(currency: \\"EUR\\") region { meanFare(currency: \\"EUR\\") }")
      isDearInDollars: Boolean! @requires(fields: "fare region { meanFare(currency: \\"USD\\") }")
      note: String!
    }
    type Region @external { meanFare(currency: String!): Int! }
  `,
  resolvers: {
    Trip: {
      tip: ({ fare }: { fare: number }) => fare / 5,
      tipInEuro: ({ fare }: { fare: number }) => fare / 5,
      isDear: ({ fare, region }: { fare: number; region: { meanFare: number } }) => fare > region.meanFare,
      isDearInDollars: ({ fare, region }: { fare: number; region: { meanFare: number } }) =>
        fare > region.meanFare,
      note: ({ id }: { id: string }) => `trip ${id}`,
    },
  },
}

test('@requires with arguments', async () => {
  const { ask, sentTo } = await openFixture({ fares, tips })
  expect(await ask('{ trips { id tipInEuro } }')).toEqual({
    data: { trips: [{ id: 't1', tipInEuro: 4 }, { id: 't2', tipInEuro: 10 }] }, // biome-ignore format: a row each
  })
  expect(sentTo('tips')).toEqual([
    { __typename: 'Trip', id: 't1', fare: 20 },
    { __typename: 'Trip', id: 't2', fare: 50 },
  ])
})

test('@requires of the same field under different arguments: each field gets its own', async () => {
  const { ask, sentTo } = await openFixture({ fares, tips })
  expect(await ask('{ trips { tip tipInEuro note } }')).toEqual({
    data: { trips: [{ tip: 2, tipInEuro: 4, note: 'trip t1' }, { tip: 5, tipInEuro: 10, note: 'trip t2' }] }, // biome-ignore format: a row each
  })
  expect(sentTo('tips')).toHaveLength(4)
})

test('@requires with arguments below an object, under several arguments at once', async () => {
  const { ask } = await openFixture({ fares, tips })
  expect(await ask('{ trips { isDear isDearInDollars tip region { meanFare(currency: "EUR") } } }')).toEqual({
    data: {
      trips: [
        { isDear: false, isDearInDollars: false, tip: 2, region: { meanFare: 30 } },
        { isDear: true, isDearInDollars: true, tip: 5, region: { meanFare: 30 } },
      ],
    },
  })
})

test("@requires with arguments beside the client's own arguments, as variables and in fragments, too", async () => {
  const { ask } = await openFixture({ fares, tips })
  const data = { trips: [{ tip: 2, tipInEuro: 4, fare: 20 }, { tip: 5, tipInEuro: 10, fare: 50 }] } // biome-ignore format: a row each
  expect(await ask('{ trips { tip tipInEuro fare(currency: "EUR") } }')).toEqual({ data })
  const query = `
    query ($currency: String! = "EUR") { trips { ...Tips ...Fares ... on Trip { fare(currency: $currency) } } }
    fragment Tips on Trip { tip tipInEuro }
    fragment Fares on Trip { fare(currency: $currency) }
  `
  expect(await ask(query)).toEqual({ data })
  expect(await ask('{ trips { tip: fare(currency: "EUR") fare: tip } }')).toEqual({
    data: { trips: [{ tip: 20, fare: 2 }, { tip: 50, fare: 5 }] }, // biome-ignore format: a row each
  })
})

const threads = [{ id: 'h1' }, { id: 'h2' }]
const replies = [
  { id: 'y1', thread: 'h1', text: 'Yes.', author: 'Ida' },
  { id: 'y2', thread: 'h1', text: 'Buy now!', author: 'Bot' },
  { id: 'y3', thread: 'h2', text: 'No.', author: 'Ole' },
  { id: 'y4', thread: 'h2', text: 'Maybe.', author: 'Una' },
  { id: 'y5', thread: 'h2', text: 'Buy now!', author: 'Bot' },
]
type Reply = (typeof replies)[number]
const repliesOf = ({ id }: { id: string }, { first }: { first: number }) =>
  replies.filter(({ thread }) => thread === id).slice(0, first).map(({ id }) => ({ id })) // biome-ignore format: one thought

const forum = {
  typeDefs: `
    type Query { threads: [Thread!]! }
    type Thread @key(fields: "id") { id: ID! replies(first: Int!): [Reply!]! @external }
    type Reply @key(fields: "id") {
      id: ID!
      author: String
      text: String!
      twins: [Thread!]! @external
      isSpam: Boolean! @requires(fields: "twins { replies(first: 50) { id } }")
    }
  `,
  resolvers: {
    Query: { threads: () => threads },
    Thread: entities(threads),
    Reply: {
      ...entities(replies),
      isSpam: ({ twins }: { twins: { replies: { id: string }[] }[] }) =>
        twins.length > 0 && twins.every(({ replies }) => replies.every(({ id }) => id)),
    },
  },
}
const index = {
  typeDefs: `
    type Thread @key(fields: "id") {
      id: ID!
      replies(first: Int!): [Reply!]!
      lastAuthor: String @requires(fields: "replies(first: 2) { author }")
    }
    type Reply @key(fields: "id") { id: ID! author: String @external twins: [Thread!]! }
  `,
  resolvers: {
    Thread: {
      ...entities(threads),
      replies: repliesOf,
      lastAuthor: ({ replies }: { replies: { author: string }[] }) => replies[1]?.author,
    },
    Reply: {
      ...entities(replies, 'id'),
      twins: ({ id }: Reply) => {
        const own = replies.find((reply) => reply.id === id)
        return replies
          .filter(({ text, thread }) => text === own?.text && thread !== own.thread)
          .map(({ thread }) => ({ id: thread }))
      },
    },
  },
}

test('@requires with arguments of a list of entities whose fields come from elsewhere', async () => {
  const { ask } = await openFixture({ forum, index })
  expect(await ask('{ threads { lastAuthor } }')).toEqual({
    data: { threads: [{ lastAuthor: 'Bot' }, { lastAuthor: 'Una' }] },
  })
  expect(
    await ask('query ($first: Int = 1) { threads { lastAuthor replies(first: $first) { id } } }'),
  ).toEqual({
    data: {
      threads: [
        { lastAuthor: 'Bot', replies: [{ id: 'y1' }] },
        { lastAuthor: 'Una', replies: [{ id: 'y3' }] },
      ],
    },
  })
})

test('@requires with arguments through a list of entities that leads to another one', async () => {
  const { ask } = await openFixture({ forum, index })
  expect(await ask('{ threads { replies(first: 2) { id isSpam } } }')).toEqual({
    data: {
      threads: [
        { replies: [{ id: 'y1', isSpam: false }, { id: 'y2', isSpam: true }] }, // biome-ignore format: a row each
        { replies: [{ id: 'y3', isSpam: false }, { id: 'y4', isSpam: false }] }, // biome-ignore format: a row each
      ],
    },
  })
})
