import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestSubgraph } from './test-subgraph.ts'
import { someone } from './test-support.ts'

let subgraph: Awaited<ReturnType<typeof openTestSubgraph>>
beforeAll(async () => {
  subgraph = await openTestSubgraph()
})
afterAll(() => subgraph.close())

const organizer = someone()

test('a list costs as many statements however long it is', async () => {
  const guest = someone()
  for (let i = 0; i < 20; i++) {
    const { id } = await subgraph.stores.open(organizer, { name: 'Herd' })
    await subgraph.stores.participations.join(guest, id, null)
  }
  const fields = `id name participantCount organizer { id } viewerParticipation { status competition { name } }
    participants(first: 5) { totalCount edges { node { user { id } competition { name } } } }`
  const cost = async (first: number) => {
    statements = 0
    const query = `{ competitions(filter: { search: "herd" }, first: ${first}) { totalCount edges { node { ${fields} } } } }`
    const { data, codes } = await subgraph.ask(guest, query)
    expect(codes).toBeUndefined()
    expect(data.competitions.edges).toHaveLength(first)
    expect(data.competitions.edges[0].node.viewerParticipation.status).toBe('JOINED')
    return statements
  }
  expect([await cost(1), await cost(20)]).toEqual([5, 5])
})

test('entities cost as many statements however many are asked for', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, async () => (await subgraph.stores.open(organizer)).id))
  const cost = async (typename: string, fields: string, of: string[]) => {
    statements = 0
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${typename} { ${fields} } } }`
    await subgraph.ask(organizer, query, { of: of.map((id) => ({ __typename: typename, id })) })
    return statements
  }
  const people = ids.map(() => someone().id)
  expect(await cost('Competition', 'name organizer { id } viewerParticipation { status }', ids)).toBe(2)
  expect(await cost('User', 'competitions { totalCount edges { node { name } } }', people)).toBe(2)
})
