import { expect, test } from '@jest/globals'
import { openFixture } from './open-fixture.ts'

const loaf = { __typename: 'Rye', id: 'r1' }
const kiosk = {
  typeDefs: `
    type Query { thing: Thing bread: Bread }
    interface Thing @key(fields: "id", resolvable: false) { id: ID! }
    interface Bread @key(fields: "id") { id: ID! }
    type Rye implements Bread @key(fields: "id") { id: ID! }
  `,
  resolvers: { Query: { thing: () => ({ __typename: 'Stone', id: 't1' }), bread: () => loaf } },
}
const oven = {
  typeDefs: `
    type Query { other: Thing }
    type Thing @key(fields: "id") @interfaceObject { id: ID! weight: Int! }
    type Bread @key(fields: "id") @interfaceObject { id: ID! crust: String }
  `,
  resolvers: {
    Query: { other: () => ({ id: 't1', weight: 9 }) },
    Bread: { crust: () => { throw new Error('burnt') } }, // biome-ignore format: one line
  },
}

test('@interfaceObject of an interface that no object has: what needs no type is answered', async () => {
  const { ask, callsTo } = await openFixture({ kiosk, oven })
  expect(await ask('{ other { id weight } }')).toEqual({ data: { other: { id: 't1', weight: 9 } } })
  expect(callsTo()).toEqual(['oven'])
})

test('@interfaceObject of an interface that no object has: the subgraph of the interface can answer nothing', async () => {
  const { ask } = await openFixture({ kiosk, oven })
  expect(await ask('{ thing { id } }')).toMatchObject({
    data: { thing: null },
    errors: [{ path: ['thing'] }],
  })
  const { data, errors } = await ask('{ thing { weight } }')
  expect(data ?? { thing: null }).toEqual({ thing: null })
  expect(errors).toHaveLength(1)
})

test('@interfaceObject: its failures cost its fields', async () => {
  const { ask } = await openFixture({ kiosk, oven })
  expect(await ask('{ bread { id ... on Rye { id } } }')).toEqual({ data: { bread: { id: 'r1' } } })
  expect(await ask('{ bread { id crust } }')).toMatchObject({
    data: { bread: { id: 'r1', crust: null } },
    errors: [{ path: ['bread', 'crust'] }],
  })
})
