import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

const records = [{ disc: 'd1' }, { disc: 'd2' }, { disc: 'd3' }]
const labels = [
  { id: '1', disc: 'd1' },
  { id: '2', disc: 'd2' },
]
const shelf = {
  typeDefs:
    'type Query { shelf: [Slot!]! } type Slot { record: Record } type Record @key(fields: "disc") { disc: ID! }',
  resolvers: { Query: { shelf: () => records.map((record) => ({ record })) } },
}
const index = {
  typeDefs: 'type Record @key(fields: "disc") @key(fields: "id") { disc: ID! id: ID! }',
  resolvers: { Record: entities(labels, 'disc') },
}
const credits = {
  typeDefs: 'type Record @key(fields: "id") { id: ID! singer: Singer } type Singer { name: String! }',
  resolvers: {
    Record: {
      __resolveReference: ({ id }: { id: string | null }) => {
        if (id === null) throw new Error('nobody may ask for this')
        return { id, singer: { name: id === '1' ? 'Ella' : 'Nina' } }
      },
    },
  },
}

test('null keys: an entity that a subgraph does not know has no key for the next one, which is not asked for it', async () => {
  const { ask, sentTo } = await openFixture({ shelf, index, credits })
  expect(await ask('{ shelf { record { disc singer { name } } } }')).toEqual({
    data: {
      shelf: [
        { record: { disc: 'd1', singer: { name: 'Ella' } } },
        { record: { disc: 'd2', singer: { name: 'Nina' } } },
        { record: { disc: 'd3', singer: null } },
      ],
    },
  })
  expect(sentTo('credits')).toEqual([
    { __typename: 'Record', id: '1' },
    { __typename: 'Record', id: '2' },
  ])
})

test('null keys: a key that a subgraph answers as null is not asked with', async () => {
  const { ask, callsTo } = await openFixture({
    desk: {
      typeDefs: 'type Query { ticket: Ticket } type Ticket @key(fields: "code") { code: ID subject: String }',
      resolvers: { Query: { ticket: () => ({ code: null, subject: 'Lost bag' }) } },
    },
    archive: {
      typeDefs: 'type Ticket @key(fields: "code") { code: ID pages: Int }',
      resolvers: { Ticket: { __resolveReference: () => ({ pages: 3 }) } },
    },
  })
  expect(await ask('{ ticket { subject pages } }')).toEqual({
    data: { ticket: { subject: 'Lost bag', pages: null } },
  })
  expect(callsTo()).toEqual(['desk'])
})

test('null keys: nothing is asked for where there is no object at all', async () => {
  const { ask, callsTo } = await openFixture({
    shelf: { ...shelf, resolvers: { Query: { shelf: () => [{ record: null }, {}] } } },
    index,
    credits,
  })
  expect(await ask('{ shelf { record { disc singer { name } } } }')).toEqual({
    data: { shelf: [{ record: null }, { record: null }] },
  })
  expect(callsTo()).toEqual(['shelf'])
})

test('an entity that its subgraph answers null for: its fields are null, its key stays', async () => {
  const { ask } = await openFixture({
    shelf,
    index: { ...index, resolvers: { Record: { __resolveReference: () => null } } },
  })
  expect(await ask('{ shelf { record { disc } } }')).toEqual({
    data: { shelf: records.map((record) => ({ record })) },
  })
  expect(await ask('{ shelf { record { disc id } } }')).toMatchObject({
    data: { shelf: [{ record: null }, { record: null }, { record: null }] },
    errors: [0, 1, 2].map((slot) => ({ path: ['shelf', slot, 'record', 'id'] })),
  })
})

test('an entity that fails costs its own fields, and says which', async () => {
  const { ask } = await openFixture({
    shelf,
    index: {
      typeDefs: 'type Record @key(fields: "disc") { disc: ID! minutes: Int }',
      resolvers: {
        Record: {
          __resolveReference: async ({ disc }: { disc: string }) => {
            if (disc === 'd2') throw new Error('scratched')
            return { disc, minutes: 40 }
          },
        },
      },
    },
  })
  expect(await ask('{ shelf { record { disc minutes } } }')).toMatchObject({
    data: {
      shelf: [
        { record: { disc: 'd1', minutes: 40 } },
        { record: { disc: 'd2', minutes: null } },
        { record: { disc: 'd3', minutes: 40 } },
      ],
    },
    errors: [{ path: ['shelf', 1, 'record', 'minutes'] }],
  })
})
