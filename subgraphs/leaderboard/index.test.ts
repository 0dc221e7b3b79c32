import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { anonymous, gateway, openTestSubgraph, person, type TestSubgraph } from './subgraph-test-support.ts'
import { at, inBatches } from './test-support.ts'

let podium: TestSubgraph
beforeAll(async () => {
  podium = await openTestSubgraph()
})
afterAll(() => podium.close())

const everything = `query ($id: ID!, $userId: ID!) {
  leaderboard(competitionId: $id) {
    competition { id } revision state updatedAt totalCount
    standings(first: 2) { edges { cursor node { user { id } rank score achievedAt percentile behindLeader } } pageInfo { hasNextPage hasPreviousPage } }
    around(userId: $userId, radius: 1) { rank }
    standing(userId: $userId) { rank }
    stranger: standing(userId: "nobody") { rank }
    viewerStanding { rank }
  }
}`

test('a board answers everything at once, the same from Redis and from PostgreSQL', async () => {
  const started = Date.now()
  const id = await podium.open()
  const people = Array.from({ length: 5 }, () => randomUUID())
  for (const [i, userId] of people.entries()) await podium.score(id, userId, 100 - 10 * i, i + 0.25)
  const [first = '', second = '', third = ''] = people
  const variables = { id, userId: third }
  const answer = await podium.ask(person(second), everything, variables)
  expect(answer.leaderboard).toMatchObject({
    competition: { id },
    revision: 5,
    state: 'LIVE',
    totalCount: 5,
    standings: {
      edges: [
        {
          node: {
            user: { id: first },
            rank: 1,
            score: 100,
            achievedAt: at(0.25).toISOString(),
            percentile: 1,
            behindLeader: 0,
          },
        },
        { node: { user: { id: second }, rank: 2, score: 90, behindLeader: 10 } },
      ],
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    },
    around: [{ rank: 2 }, { rank: 3 }, { rank: 4 }],
    standing: { rank: 3 },
    stranger: null,
    viewerStanding: { rank: 2 },
  })
  const updatedAt = Date.parse(answer.leaderboard.updatedAt)
  expect(started <= updatedAt && updatedAt <= Date.now()).toBe(true)
  expect((await podium.ask(anonymous, everything, variables)).leaderboard.viewerStanding).toBeNull()

  await podium.handlers['scores.sealed']({ competitionId: id, scoreVersions: 5 })
  expect((await podium.ask(person(second), everything, variables)).leaderboard).toEqual({
    ...answer.leaderboard,
    revision: 7,
    state: 'FINAL',
    updatedAt: expect.any(String),
  })
})

test('a list is walked in both directions by its cursors', async () => {
  const id = await podium.open()
  for (let score = 1; score <= 5; score++) await podium.score(id, randomUUID(), score)
  const page = async (args: string) => {
    const answer = await podium.ask(
      anonymous,
      `query ($id: ID!) { leaderboard(competitionId: $id) { standings(${args}) {
        edges { node { score } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`,
      { id },
    )
    if (Array.isArray(answer)) return answer
    const { edges, pageInfo } = answer.leaderboard.standings
    return { scores: edges.map((edge: { node: { score: number } }) => edge.node.score), ...pageInfo }
  }
  const first = await page('first: 2')
  expect(first).toMatchObject({ scores: [5, 4], hasNextPage: true, hasPreviousPage: false })
  const second = await page(`first: 2, after: "${first.endCursor}"`)
  expect(second).toMatchObject({ scores: [3, 2], hasNextPage: true, hasPreviousPage: true })
  expect(await page(`first: 2, after: "${second.endCursor}"`)).toMatchObject({
    scores: [1],
    hasNextPage: false,
  })
  expect(await page('last: 2')).toMatchObject({ scores: [2, 1], hasNextPage: false, hasPreviousPage: true })
  expect(await page(`last: 2, before: "${second.endCursor}"`)).toMatchObject({
    scores: [4, 3],
    hasNextPage: true,
  })
  for (const bad of ['first: 0', 'first: 101', 'last: -1', 'after: "x"', 'before: "WzEsIm1lIl0"']) {
    expect(await page(bad)).toEqual(['BAD_USER_INPUT'])
  }
})

test('a page of a hundred takes as many SQL statements as one of one: those that say who may see it', async () => {
  const id = await podium.open()
  for (let score = 1; score <= 20; score++) await podium.score(id, randomUUID(), score)
  const count = (first: number) =>
    podium.statementsOf(() =>
      podium.ask(
        anonymous,
        `query ($id: ID!) { leaderboard(competitionId: $id) { revision totalCount standings(first: ${first}) {
          edges { node { user { id } achievedAt percentile } } } } }`,
        { id },
      ),
    )
  expect(await count(1)).toBe(2)
  expect(await count(100)).toBe(2)
})

const adjust = `mutation ($input: AdjustScoreInput!) {
  adjustScore(input: $input) { standing { rank score } userErrors { code field } }
}`

test('a correction gives the standing that follows, to administrators of leaderboards alone', async () => {
  const competitionId = await podium.open()
  const userId = randomUUID()
  await podium.score(competitionId, randomUUID(), 15)
  await podium.score(competitionId, userId, 10)
  const input = { competitionId, userId, delta: 6, reason: 'A watch that was off' }
  const admin = person(randomUUID(), 'leaderboard:admin')
  expect(await podium.ask(admin, adjust, { input })).toEqual({
    adjustScore: { standing: { rank: 1, score: 16 }, userErrors: [] },
  })
  expect(await podium.ask(admin, adjust, { input: { ...input, delta: -17 } })).toEqual({
    adjustScore: { standing: null, userErrors: [{ code: 'INVALID_INPUT', field: ['delta'] }] },
  })
  expect(await podium.ask(person(userId), adjust, { input })).toEqual(['FORBIDDEN'])
  expect(await podium.ask(anonymous, adjust, { input })).toEqual(['UNAUTHENTICATED'])
})

test('frames come whole, with who moved', async () => {
  const id = await podium.open()
  const userId = randomUUID()
  const frames = podium.listen(
    gateway,
    `subscription ($id: ID!) { leaderboardChanged(competitionId: $id, first: 3) {
      competition { id } revision previousRevision state changedAt
      standings { user { id } rank score } moves { user { id } from to } } }`,
    { id },
  )
  await frames.next()
  await podium.score(id, userId, 5)
  expect((await frames.next()).value.leaderboardChanged).toEqual({
    competition: { id },
    revision: 1,
    previousRevision: 0,
    state: 'LIVE',
    changedAt: expect.any(String),
    standings: [{ user: { id: userId }, rank: 1, score: 5 }],
    moves: [{ user: { id: userId }, from: null, to: 1 }],
  })
  await frames.return(undefined)
})

test('a burst of changes is at most twenty frames a second', async () => {
  const id = await podium.open()
  const userId = randomUUID()
  const query = 'subscription ($id: ID!) { leaderboardChanged(competitionId: $id) { revision } }'
  const frames = podium.listen(gateway, query, { id })
  await frames.next()
  const start = performance.now()
  const burst = Array.from({ length: 400 }, (_, index) => index + 1)
  const changes = inBatches(burst, 4, (score) => podium.place(id, userId, score, score))
  let shown = 0
  for (let revision = 0; revision < burst.length; shown++) {
    revision = (await frames.next()).value.leaderboardChanged.revision
  }
  await changes
  // The first comes at once.
  expect(shown).toBeLessThanOrEqual(2 + (performance.now() - start) / 49) // ms, since timers go by whole ones
  await frames.return(undefined)
})

test.each(['first: 0', 'first: 101'])('a frame of %s is refused', async (first) => {
  const id = await podium.open()
  const query = `subscription ($id: ID!) { leaderboardChanged(competitionId: $id, ${first}) { revision } }`
  const { value } = await podium.listen(anonymous, query, { id }).next()
  expect(value).toEqual(['BAD_USER_INPUT'])
})
