import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Identity } from '../../platform/identity.ts'
import { openTestSubgraph } from './subgraph-test-support.ts'
import { input, someone } from './test-support.ts'

let subgraph: Awaited<ReturnType<typeof openTestSubgraph>>
beforeAll(async () => {
  subgraph = await openTestSubgraph()
})
afterAll(() => subgraph.close())

const organizer = someone()

test('the anonymous change nothing', async () => {
  for (const mutation of [
    'openCompetition(id: "x") { userErrors { code } }',
    'joinCompetition(id: "x") { userErrors { code } }',
    'cancelCompetition(id: "x", reason: "Rain.") { userErrors { code } }',
    'createInvitation(competitionId: "x") { userErrors { code } }',
  ]) {
    expect((await subgraph.ask(null, `mutation { ${mutation} }`)).codes).toEqual(['UNAUTHENTICATED'])
  }
})

test('one by id, one as an entity and the list agree on who sees what', async () => {
  const guest = someone()
  const name = 'Whispers'
  const { id } = await subgraph.stores.open(organizer, { name, visibility: 'INVITATION' })
  await subgraph.stores.participations.join(
    guest,
    id,
    await subgraph.stores.competitions.createInvitation(organizer, id),
  )
  const left = someone()
  await subgraph.stores.participations.join(
    left,
    id,
    await subgraph.stores.competitions.createInvitation(organizer, id),
  )
  await subgraph.stores.participations.leave(left, id)
  const draft = await subgraph.stores.competitions.create(organizer, input({ name }))
  const gateway: Identity = { kind: 'gateway' }
  for (const [caller, seen] of [
    [null, []],
    [someone(), []],
    [guest, [id]],
    [left, []],
    [organizer, [id, draft.id]],
    [someone(['competitions:admin']), [id, draft.id]],
  ] as const) {
    const list = await subgraph.ask(
      caller,
      '{ competitions(filter: { search: "whisper" }) { totalCount edges { node { id } } } }',
    )
    const listed = list.data.competitions.edges.map((edge: { node: { id: string } }) => edge.node.id)
    expect(listed.sort()).toEqual([...seen].sort())
    expect(list.data.competitions.totalCount).toBe(seen.length)
    for (const wanted of [id, draft.id]) {
      const single = await subgraph.ask(caller, 'query ($id: ID!) { competition(id: $id) { name } }', {
        id: wanted,
      })
      const expected = seen.some((one) => one === wanted) ? { name } : null
      expect(single).toEqual({ data: { competition: expected }, codes: undefined })
      expect((await subgraph.entities(caller, 'Competition', [wanted], 'name'))[0]).toEqual(expected)
    }
  }
  expect((await subgraph.entities(gateway, 'Competition', [id], 'name'))[0]).toEqual({ name })
})

test('who leaves an invitation competition is told of it once more, and keeps it in their own list alone', async () => {
  const guest = someone()
  const { id } = await subgraph.stores.open(organizer, { name: 'Once', visibility: 'INVITATION' })
  const code = await subgraph.stores.competitions.createInvitation(organizer, id)
  await subgraph.stores.participations.join(guest, id, code)
  const leave = `mutation ($id: ID!) { leaveCompetition(id: $id) {
    participation { status competition { name participantCount } } userErrors { code } } }`
  expect((await subgraph.ask(guest, leave, { id })).data.leaveCompetition).toEqual({
    participation: { status: 'LEFT', competition: { name: 'Once', participantCount: 0 } },
    userErrors: [],
  })
  expect((await subgraph.ask(guest, leave, { id })).data.leaveCompetition.userErrors).toEqual([
    { code: 'NOT_FOUND' },
  ])
  const own = await subgraph.entities(guest, 'Viewer', [guest.id], 'competitions { edges { node { name } } }')
  expect(own[0].competitions.edges).toEqual([{ node: { name: 'Once' } }])
})

test('what is no id is nobody’s', async () => {
  expect(await subgraph.ask(organizer, '{ competition(id: "1; drop") { id } }')).toEqual({
    data: { competition: null },
    codes: undefined,
  })
  expect((await subgraph.entities(organizer, 'Competition', ['x'], 'id'))[0]).toBeNull()
  expect(
    (await subgraph.entities(null, 'User', ['x'], 'competitions { totalCount edges { cursor } }'))[0],
  ).toEqual({
    competitions: { totalCount: 0, edges: [] },
  })
})

test('a person’s own competitions are theirs alone', async () => {
  const owner = someone()
  await subgraph.stores.competitions.create(owner, input())
  const fields = 'competitions(status: [DRAFT]) { totalCount edges { node { status } } }'
  expect((await subgraph.entities(owner, 'Viewer', [owner.id], fields))[0].competitions.totalCount).toBe(1)
  expect((await subgraph.entities(someone(), 'Viewer', [owner.id], fields))[0]).toBeNull()
  expect((await subgraph.entities({ kind: 'gateway' }, 'Viewer', [owner.id], fields))[0]).toBeNull()
  expect((await subgraph.entities(owner, 'User', [owner.id], fields))[0].competitions.totalCount).toBe(0)
})
