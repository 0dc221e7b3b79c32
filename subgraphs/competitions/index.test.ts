import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestSubgraph } from './subgraph-test-support.ts'
import { at, input, someone } from './test-support.ts'

let subgraph: Awaited<ReturnType<typeof openTestSubgraph>>
beforeAll(async () => {
  subgraph = await openTestSubgraph()
})
afterAll(() => subgraph.close())

const organizer = someone()

test('a competition lives from draft to a place in it', async () => {
  const guest = someone()
  const made = await subgraph.ask(
    organizer,
    `mutation ($input: CreateCompetitionInput!) {
      createCompetition(input: $input) { competition { id status syncUntil timeZone organizer { id } } userErrors { code } }
    }`,
    { input: { ...input(), startsAt: at(0).toISOString(), endsAt: at(8).toISOString() } },
  )
  const { id, ...draft } = made.data.createCompetition.competition
  expect(draft).toEqual({
    status: 'DRAFT',
    syncUntil: at(32).toISOString(),
    timeZone: 'UTC',
    organizer: { id: organizer.id },
  })
  await subgraph.ask(organizer, 'mutation ($id: ID!) { openCompetition(id: $id) { userErrors { code } } }', {
    id,
  })
  const both = await subgraph.ask(
    guest,
    `mutation ($id: ID!) {
      join: joinCompetition(id: $id) { participation { status user { id } competition { participantCount } } }
      leave: leaveCompetition(id: $id) {
        participation { status competition { participantCount viewerParticipation { status } } }
      }
      again: leaveCompetition(id: $id) { participation { status } userErrors { code field } }
    }`,
    { id },
  )
  expect(both).toEqual({
    codes: undefined,
    data: {
      join: {
        participation: { status: 'JOINED', user: { id: guest.id }, competition: { participantCount: 1 } },
      },
      leave: {
        participation: { status: 'LEFT', competition: { participantCount: 0, viewerParticipation: null } },
      },
      again: { participation: null, userErrors: [{ code: 'CONFLICT', field: null }] },
    },
  })
})

test('faults come back as data, each with its field', async () => {
  const { data } = await subgraph.ask(
    organizer,
    `mutation ($input: CreateCompetitionInput!) { createCompetition(input: $input) { competition { id } userErrors { code field } } }`,
    {
      input: {
        ...input({ name: '', capacity: 1 }),
        startsAt: at(0).toISOString(),
        endsAt: at(8).toISOString(),
      },
    },
  )
  expect(data.createCompetition).toEqual({
    competition: null,
    userErrors: [
      { code: 'INVALID_INPUT', field: ['name'] },
      { code: 'INVALID_INPUT', field: ['capacity'] },
    ],
  })
})

test.each([
  '{ competitions(first: 0) { totalCount } }',
  '{ competitions(first: 101) { totalCount } }',
  '{ competitions(after: "x") { totalCount } }',
  `{ competitions(after: "${Buffer.from('[1e300,"x"]').toString('base64url')}") { totalCount } }`,
  `{ competitions(after: "${Buffer.from('[1,"x"]').toString('base64url')}") { totalCount } }`,
  `{ competitions(filter: { status: [${'OPEN '.repeat(11)}] }) { totalCount } }`,
  `{ competitions(filter: { metric: [${'STEPS '.repeat(11)}] }) { totalCount } }`,
  `{ competitions(filter: { search: "${'w'.repeat(101)}" }) { totalCount } }`,
  `{ competitions(filter: { search: "a b c d e f g h i j k" }) { totalCount } }`,
])('%s passes a limit', async (query) => {
  expect((await subgraph.ask(null, query)).codes).toEqual(['BAD_USER_INPUT'])
})

test('pages follow their cursors, of competitions and of participants', async () => {
  const names = ['Tide one', 'Tide two', 'Tide three']
  for (const [i, name] of names.entries()) {
    const { id } = await subgraph.stores.open(organizer, { name, startsAt: at(i), endsAt: at(9) })
    for (let n = 0; n < 3; n++) await subgraph.stores.participations.join(someone(), id, null)
  }
  const query = `query ($after: String) { competitions(filter: { search: "tide" }, first: 2, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { name participants(first: 2) {
      totalCount pageInfo { hasNextPage endCursor } edges { node { user { id } } } } } } } }`
  const first = (await subgraph.ask(null, query)).data.competitions
  const second = (await subgraph.ask(null, query, { after: first.pageInfo.endCursor })).data.competitions
  const edges = [...first.edges, ...second.edges]
  expect(edges.map((edge) => edge.node.name)).toEqual(names)
  expect([first, second].map((page) => [page.totalCount, page.pageInfo.hasNextPage])).toEqual([
    [3, true],
    [3, false],
  ])
  expect(
    edges.map((edge) => [edge.node.participants.totalCount, edge.node.participants.edges.length]),
  ).toEqual([
    [3, 2],
    [3, 2],
    [3, 2],
  ])
})
