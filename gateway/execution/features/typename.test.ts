import { expect, test } from '@jest/globals'
import { openFixture } from './open-fixture.ts'

const kettle = { __typename: 'Kettle', id: 'k1', litres: 2 }
const kitchen = {
  typeDefs: `
    type Query { thing: Thing device: Device staff: [Person!]! }
    union Thing = Kettle | Mixer
    interface Device { id: ID! }
    type Kettle implements Device @key(fields: "id") { id: ID! litres: Int! }
    type Mixer implements Device @key(fields: "id") { id: ID! }
    interface Person @key(fields: "id") { id: ID! }
    type Cook implements Person @key(fields: "id") { id: ID! }
  `,
  resolvers: {
    Query: {
      thing: () => kettle,
      device: () => ({ __typename: 'Mixer', id: 'm1' }),
      staff: () => [{ __typename: 'Cook', id: 'c1' }],
    },
    Person: { __resolveReference: ({ id }: { id: string }) => ({ __typename: 'Cook', id }) },
  },
}
const office = {
  typeDefs: `
    type Query { people: [Person!]! }
    type Person @key(fields: "id") @interfaceObject { id: ID! }
  `,
  resolvers: { Query: { people: () => [{ id: 'c1' }, { id: 'c2' }] } },
}

test('__typename alone, aliased and both, of a union and of an interface', async () => {
  const { ask } = await openFixture({ kitchen })
  expect(await ask('{ thing { __typename } device { kind: __typename } }')).toEqual({
    data: { thing: { __typename: 'Kettle' }, device: { kind: 'Mixer' } },
  })
  expect(
    await ask(
      '{ thing { __typename kind: __typename } device { id a: __typename __typename b: __typename } }',
    ),
  ).toEqual({
    data: {
      thing: { __typename: 'Kettle', kind: 'Kettle' },
      device: { id: 'm1', a: 'Mixer', __typename: 'Mixer', b: 'Mixer' },
    },
  })
})

test('__typename in fragments on the members', async () => {
  const { ask } = await openFixture({ kitchen })
  const fragments = '... on Kettle { kind: __typename litres } ... on Mixer { kind: __typename }'
  expect(await ask(`{ thing { __typename ${fragments} } device { ${fragments} } }`)).toEqual({
    data: { thing: { __typename: 'Kettle', kind: 'Kettle', litres: 2 }, device: { kind: 'Mixer' } },
  })
})

test('a field that is aliased to __typename’s place, and __typename at the root', async () => {
  const { ask, callsTo } = await openFixture({ kitchen })
  expect(await ask('{ __typename type: __typename }')).toEqual({
    data: { __typename: 'Query', type: 'Query' },
  })
  expect(callsTo()).toEqual([])
  expect(await ask('{ me: __typename thing { ... on Kettle { id: __typename typename: id } } }')).toEqual({
    data: { me: 'Query', thing: { id: 'Kettle', typename: 'k1' } },
  })
})

test('__typename of objects that come from an @interfaceObject, alone', async () => {
  const { ask } = await openFixture({ kitchen, office })
  expect(await ask('{ people { id } staff { __typename } }')).toEqual({
    data: { people: [{ id: 'c1' }, { id: 'c2' }], staff: [{ __typename: 'Cook' }] },
  })
  expect(await ask('{ people { __typename } }')).toEqual({
    data: { people: [{ __typename: 'Cook' }, { __typename: 'Cook' }] },
  })
  expect(await ask('{ people { ... on Person { kind: __typename } } }')).toEqual({
    data: { people: [{ kind: 'Cook' }, { kind: 'Cook' }] },
  })
})
