import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

const hikers = [{ id: 'h1', name: 'Reinhold' }]
const logs = [
  { id: 'e1', text: 'Steep.', hiker: 'h1', peak: 'p1' },
  { id: 'e2', text: 'Foggy.', hiker: 'h1', peak: 'p2' },
]
const peaks = [
  { id: 'p1', name: 'Ortler', metres: 3905, hours: 9 },
  { id: 'p2', name: 'Similaun', metres: 3599, hours: 6 },
]
const club = {
  typeDefs: 'type Query { me: Hiker } type Hiker @key(fields: "id") { id: ID! name: String @shareable }',
  resolvers: { Query: { me: () => hikers[0] }, Hiker: entities(hikers) },
}
const diary = {
  typeDefs: `
    type Entry @key(fields: "id") { id: ID! text: String hiker: Hiker @provides(fields: "name") peak: Peak }
    type Hiker @key(fields: "id") { id: ID! name: String @external entries: [Entry!]! }
    type Peak @key(fields: "id") { id: ID! entries: [Entry!]! }
  `,
  resolvers: {
    Hiker: { entries: ({ id }: { id: string }) => logs.filter(({ hiker }) => hiker === id) },
    Peak: { entries: ({ id }: { id: string }) => logs.filter(({ peak }) => peak === id) },
    Entry: {
      hiker: ({ hiker }: { hiker: string }) => hikers.find(({ id }) => id === hiker),
      peak: ({ peak }: { peak: string }) => ({ id: peak }),
    },
  },
}
const atlas = {
  typeDefs:
    'type Query { peaks: [Peak!]! } type Peak @key(fields: "id") { id: ID! name: String metres: Int hours: Int }',
  resolvers: { Query: { peaks: () => peaks }, Peak: entities(peaks) },
}
const rescue = {
  typeDefs: `
    type Peak @key(fields: "id") {
      id: ID!
      metres: Int @external
      hours: Int @external
      isOpen: Boolean!
      risk: Int @requires(fields: "metres hours")
      sign: String @requires(fields: "metres hours")
    }
  `,
  resolvers: {
    Peak: {
      isOpen: ({ id }: { id: string }) => id === 'p1',
      risk: ({ metres, hours }: { metres: number; hours: number }) => metres + hours,
      sign: ({ id, hours }: { id: string; hours: number }) => `${id}: ${hours} h`,
    },
  },
}
const open = () => openFixture({ club, diary, atlas, rescue })

test('entities that lead to each other, from one subgraph to the next', async () => {
  const { ask, callsTo } = await open()
  expect(await ask('{ me { id entries { id hiker { id name } peak { isOpen } } } }')).toEqual({
    data: {
      me: {
        id: 'h1',
        entries: [
          { id: 'e1', hiker: { id: 'h1', name: 'Reinhold' }, peak: { isOpen: true } },
          { id: 'e2', hiker: { id: 'h1', name: 'Reinhold' }, peak: { isOpen: false } },
        ],
      },
    },
  })
  expect(callsTo()).toEqual(['club', 'diary', 'rescue'])
  expect(await ask('{ me { entries { peak { entries { id } } } } }')).toEqual({
    data: { me: { entries: [{ peak: { entries: [{ id: 'e1' }] } }, { peak: { entries: [{ id: 'e2' }] } }] } },
  })
})

test('requirements of an entity that another one leads to come from a third subgraph', async () => {
  const { ask, callsTo } = await open()
  expect(await ask('{ me { entries { peak { risk sign } } } }')).toEqual({
    data: {
      me: { entries: [{ peak: { risk: 3914, sign: 'p1: 9 h' } }, { peak: { risk: 3605, sign: 'p2: 6 h' } }] },
    },
  })
  expect(callsTo()).toEqual(['club', 'diary', 'atlas', 'rescue'])
})

test('requirements of an entity that leads back to its own type', async () => {
  const { ask } = await open()
  expect(await ask('{ peaks { metres risk entries { id hiker { name } peak { name risk } } } }')).toEqual({
    data: {
      peaks: [
        {
          metres: 3905,
          risk: 3914,
          entries: [{ id: 'e1', hiker: { name: 'Reinhold' }, peak: { name: 'Ortler', risk: 3914 } }],
        },
        {
          metres: 3599,
          risk: 3605,
          entries: [{ id: 'e2', hiker: { name: 'Reinhold' }, peak: { name: 'Similaun', risk: 3605 } }],
        },
      ],
    },
  })
})
