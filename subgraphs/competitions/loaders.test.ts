import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestSubgraph } from './subgraph-test-support.ts'
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
  const cost = (first: number) =>
    subgraph.statementsOf(async () => {
      const page = `filter: { search: "herd" }, first: ${first}`
      const { data } = await subgraph.ask(
        guest,
        `{ competitions(${page}) { totalCount edges { node { ${fields} } } } }`,
      )
      const places = data.competitions.edges.map(
        (edge: { node: { viewerParticipation: { status: string } } }) => edge.node.viewerParticipation.status,
      )
      expect(places).toEqual(Array.from({ length: first }, () => 'JOINED'))
    })
  expect([await cost(1), await cost(20)]).toEqual([5, 5])
})

test('entities cost as many statements however many are asked for', async () => {
  const ids = await Promise.all(
    Array.from({ length: 20 }, async () => (await subgraph.stores.open(organizer)).id),
  )
  const cost = (typename: string, fields: string, of: string[]) =>
    subgraph.statementsOf(async () => {
      expect(await subgraph.entities(organizer, typename, of, fields)).toHaveLength(20)
    })
  const people = ids.map(() => someone().id)
  expect(await cost('Competition', 'name organizer { id } viewerParticipation { status }', ids)).toBe(2)
  expect(await cost('User', 'competitions { totalCount edges { node { name } } }', people)).toBe(3)
})
