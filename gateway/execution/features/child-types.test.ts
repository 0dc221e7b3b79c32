import { expect, test } from '@jest/globals'
import { openFixture } from './open-fixture.ts'

const guest = { __typename: 'Guest', id: 'g1' }
const host = { __typename: 'Host', id: 'h1', name: 'Hanna' }
const everyone = [guest, host]
const { ask, asked } = await openFixture({
  doors: {
    typeDefs: 'type Query { guests: [Guest!]! } type Guest @key(fields: "id") { id: ID name: String! }',
    resolvers: {
      Query: { guests: () => [{ id: 'g1', name: 'Gus' }] },
      Guest: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Gus' }) },
    },
  },
  party: {
    typeDefs: `
      type Query { people: [Person!]! }
      union Person = Guest | Host
      type Guest @key(fields: "id") { id: ID! peers: [Person!]! }
      type Host { id: ID name: String! peers: [Person!]! }
    `,
    resolvers: {
      Query: { people: () => everyone },
      Guest: { peers: () => everyone },
      Host: { peers: () => everyone },
    },
  },
})
const named = (inner = '') => `... on Guest { id name ${inner} } ... on Host { id name ${inner} }`
const names = [
  { id: 'g1', name: 'Gus' },
  { id: 'h1', name: 'Hanna' },
]

test('fields of one name whose types differ between the members of a union', async () => {
  expect(await ask(`{ guests { id name } people { ${named()} } }`)).toEqual({
    data: { guests: [{ id: 'g1', name: 'Gus' }], people: names },
  })
  expect(asked.map(({ subgraph }) => subgraph).toSorted()).toEqual(['doors', 'doors', 'party'])
})

test('fields of one name whose types differ, level below level', async () => {
  const level = names.map((person) => ({ ...person, peers: names }))
  expect(await ask(`{ people { ${named(`peers { ${named()} }`)} } }`)).toEqual({ data: { people: level } })
  expect(await ask(`{ people { ${named(`peers { ${named(`peers { ${named()} }`)} }`)} } }`)).toEqual({
    data: { people: names.map((person) => ({ ...person, peers: level })) },
  })
})
