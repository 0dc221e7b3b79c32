import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

const chefs = [{ id: 'c1', name: 'Massimo', phone: '555' }, { id: 'c2', name: 'Clare', phone: '556' }] // biome-ignore format: a row each
const staff = {
  typeDefs: `
    type Query { chefs: [Chef!]! }
    type Chef @key(fields: "id") { id: ID! name: String! @shareable phone: String! @shareable dishes: Int! }
  `,
  resolvers: { Query: { chefs: () => chefs }, Chef: { ...entities(chefs), dishes: () => 2 } },
}
const menu = {
  typeDefs: `
    type Query { headChef: Chef @provides(fields: "name phone") brigade: [Chef!]! @provides(fields: "name phone") guest: Chef }
    type Chef @key(fields: "id") { id: ID! name: String! @external phone: String! @external }
  `,
  resolvers: {
    Query: { headChef: () => chefs[0], brigade: () => chefs, guest: () => ({ id: 'c2' }) },
    Chef: {
      phone: () => {
        throw new Error('nobody asked for this')
      },
    },
  },
}

test('@provides: what a path provides is not asked for elsewhere', async () => {
  const { ask, callsTo } = await openFixture({ staff, menu })
  expect(await ask('{ headChef { id called: name } brigade { ... on Chef { name } } }')).toEqual({
    data: { headChef: { id: 'c1', called: 'Massimo' }, brigade: [{ name: 'Massimo' }, { name: 'Clare' }] },
  })
  expect(callsTo()).toEqual(['menu'])
})

test('@provides: on another path the same field comes from its owner', async () => {
  const { ask, callsTo } = await openFixture({ staff, menu })
  expect(await ask('{ guest { name } }')).toEqual({ data: { guest: { name: 'Clare' } } })
  expect(callsTo()).toEqual(['menu', 'staff'])
})

test('@provides: of what is provided only what the client selects is fetched', async () => {
  const { ask, asked, callsTo } = await openFixture({ staff, menu })
  const query = `query ($no: Boolean = false) {
    headChef { ... { name } ... { dishes } ... on Chef @include(if: $no) { phone } }
    brigade { id ... on Chef @skip(if: true) { phone } ...Known }
  }
  fragment Known on Chef { name dishes }`
  expect(await ask(query)).toEqual({
    data: {
      headChef: { name: 'Massimo', dishes: 2 },
      brigade: [{ id: 'c1', name: 'Massimo', dishes: 2 }, { id: 'c2', name: 'Clare', dishes: 2 }], // biome-ignore format: a row each
    },
  })
  for (const { query } of asked.filter(({ subgraph }) => subgraph === 'staff'))
    expect(query).not.toContain('name')
  expect(callsTo()).toEqual(['menu', 'staff', 'staff'])
})

test('nested @provides: several levels deep, and through lists', async () => {
  const folders = [
    { id: 'f1', title: 'Taxes', children: ['f2'] },
    { id: 'f2', title: 'Receipts', children: ['f3'] },
    { id: 'f3', title: 'Letters', children: ['f1'] },
  ]
  const folder = (id: string) => folders.find((folder) => folder.id === id)
  const forbidden = { __resolveReference: () => { throw new Error('what is provided need not be fetched') } } // biome-ignore format: one line
  const { ask, callsTo } = await openFixture({
    archive: { typeDefs: 'type Cabinet @key(fields: "id") { id: ID! }', resolvers: { Cabinet: forbidden } },
    office: {
      typeDefs: `
        type Query { cabinets: [Cabinet!]! @shareable @provides(fields: "folders { id title children { id title } }") }
        type Cabinet @key(fields: "id") { id: ID! folders: [Folder!]! @external }
        type Folder @key(fields: "id") { id: ID! title: String! children: [Folder!]! @external }
      `,
      resolvers: {
        Query: {
          cabinets: () => [
            {
              id: 'k1',
              folders: ['f1', 'f2'].map((id) => ({
                ...folder(id),
                children: folder(id)?.children.map(folder),
              })),
            },
          ],
        },
        Cabinet: forbidden,
        Folder: forbidden,
      },
    },
    tree: {
      typeDefs: `
        type Cabinet @key(fields: "id") { id: ID! folders: [Folder!]! @shareable }
        type Folder @key(fields: "id") { id: ID! children: [Folder!]! @shareable }
      `,
      resolvers: { Cabinet: forbidden, Folder: forbidden },
    },
  })
  expect(await ask('{ cabinets { id folders { id title children { id title } } } }')).toEqual({
    data: {
      cabinets: [
        {
          id: 'k1',
          folders: [
            { id: 'f1', title: 'Taxes', children: [{ id: 'f2', title: 'Receipts' }] },
            { id: 'f2', title: 'Receipts', children: [{ id: 'f3', title: 'Letters' }] },
          ],
        },
      ],
    },
  })
  expect(callsTo()).toEqual(['office'])
})
