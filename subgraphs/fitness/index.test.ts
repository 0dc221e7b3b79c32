import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { anonymous, openTestSubgraph, signedIn, sync, TODAY, walk } from './subgraph-support.ts'

let fitness: Awaited<ReturnType<typeof openTestSubgraph>>
beforeAll(async () => {
  fitness = await openTestSubgraph()
})
afterAll(() => fitness.close())

test('what was synced is in days, in records and in the summary', async () => {
  const ada = signedIn()
  const { data } = await fitness.ask(ada, sync, walk(ada, '08:00', 500))
  expect(data?.syncFitness).toEqual({
    accepted: 1,
    held: 0,
    duplicates: 0,
    rejected: [],
    days: [{ date: TODAY, steps: 500 }],
    userErrors: [],
  })
  const fields = `fitness {
    days(from: "2026-05-19", to: "${TODAY}") { date steps elevation }
    records(day: "${TODAY}") { edges { node { provider metric value startedAt outcome reason } } }
    summary { from to total { steps } streakDays bestDay { date } }
    workouts { edges { node { kind } } }
  }`
  const { viewer: answer } = await fitness.viewer(ada, fields)
  expect(answer).toEqual({
    fitness: {
      days: [
        { date: '2026-05-19', steps: 0, elevation: 0 },
        { date: TODAY, steps: 500, elevation: 0 },
      ],
      records: {
        edges: [
          {
            node: {
              provider: 'APPLE_HEALTH',
              metric: 'STEPS',
              value: 500,
              startedAt: `${TODAY}T08:00:00.000Z`,
              outcome: 'COUNTED',
              reason: null,
            },
          },
        ],
      },
      summary: {
        from: '2026-05-14',
        to: TODAY,
        total: { steps: 500 },
        streakDays: 1,
        bestDay: { date: TODAY },
      },
      workouts: { edges: [] },
    },
  })
})

test('days are those of the time zone that a person told, as soon as that is known', async () => {
  const ada = signedIn()
  await fitness.ask(ada, sync, walk(ada, '00:00', 500))
  const days = 'fitness { days(from: "2026-05-19", to: "2026-05-20") { steps } }'
  expect((await fitness.viewer(ada, days)).viewer).toEqual({
    fitness: { days: [{ steps: 0 }, { steps: 500 }] },
  })
  const others = { displayName: 'Ada', visibility: 'PUBLIC', mayInvite: false } as const
  const profile = { ...others, userId: ada.id, timeZone: 'America/New_York', version: 2 }
  await fitness.handlers['user.profile_changed']?.(profile)
  await fitness.handlers['user.joined']?.({ ...profile, timeZone: 'Asia/Tokyo', version: 1 })
  expect((await fitness.viewer(ada, days)).viewer).toEqual({
    fitness: { days: [{ steps: 500 }, { steps: 0 }] },
  })
})

test('workouts come newest first, by pages', async () => {
  const ada = signedIn()
  const workouts = [8, 9, 10].map((hour) => ({
    externalId: `${hour}`,
    kind: 'RIDE',
    startedAt: `${TODAY}T0${hour - 5}:00:00.000Z`,
    endedAt: `${TODAY}T0${hour - 5}:30:00.000Z`,
    distance: 9_000,
  }))
  await fitness.ask(ada, sync, { input: { provider: 'APPLE_HEALTH', deviceId: ada.id, workouts } })
  type Page = { fitness: { workouts: { edges: { cursor: string; node: object }[]; pageInfo: object } } }
  const page = async (args: string) => {
    const fields = `workouts(${args}) { edges { cursor node { startedAt duration distance } } pageInfo { hasNextPage } }`
    return ((await fitness.viewer(ada, `fitness { ${fields} }`)).viewer as Page).fitness.workouts
  }
  const first = await page('first: 2')
  expect(first).toMatchObject({
    edges: [{ node: { startedAt: `${TODAY}T05:00:00.000Z`, duration: 1_800, distance: 9_000 } }, {}],
    pageInfo: { hasNextPage: true },
  })
  const second = await page(`first: 2, after: "${first.edges[1]?.cursor}"`)
  expect(second).toMatchObject({
    edges: [{ node: { startedAt: `${TODAY}T03:00:00.000Z` } }],
    pageInfo: { hasNextPage: false },
  })
})

test.each([
  'days(from: "2025-01-01", to: "2026-01-02") { date }',
  'days(from: "2026-01-02", to: "2026-01-01") { date }',
  'days(from: "0000-01-01", to: "0000-01-01") { date }',
  'records(day: "9999-12-31") { edges { cursor } }',
  'records(day: "2026-05-20", first: 101) { edges { cursor } }',
  `records(day: "2026-05-20", after: "${Buffer.from('[1e300,"x"]').toString('base64url')}") { edges { cursor } }`,
  `workouts(after: "${Buffer.from('[1,"x"]').toString('base64url')}") { edges { cursor } }`,
])('%s cannot be asked', async (field) => {
  expect((await fitness.viewer(signedIn(), `fitness { ${field} }`)).codes).toEqual(['BAD_USER_INPUT'])
})

test('a year has 366 days at most', async () => {
  const days = 'fitness { days(from: "2024-01-01", to: "2024-12-31") { date } }'
  const { viewer: answer } = await fitness.viewer(signedIn(), days)
  expect((answer as { fitness: { days: unknown[] } }).fitness.days).toHaveLength(366)
})

test("nobody sees another person's activity", async () => {
  const [ada, bob] = [signedIn(), signedIn()]
  expect((await fitness.viewer(bob, 'fitness { summary { to } }', ada.id)).viewer).toBeNull()
})

test('a sync needs a person', async () => {
  expect((await fitness.ask(anonymous, sync, walk(signedIn(), '08:00', 1))).codes).toEqual([
    'UNAUTHENTICATED',
  ])
})

test('a sync that is too large is refused as data', async () => {
  const ada = signedIn()
  const deleted = Array.from({ length: 1_001 }, (_, i) => `${i}`)
  const { data } = await fitness.ask(ada, sync, { input: { provider: 'MANUAL', deviceId: 'x', deleted } })
  expect(data?.syncFitness).toMatchObject({ accepted: 0, userErrors: [{ code: 'TOO_MANY_RECORDS' }] })
})

const review = (id: string) =>
  `mutation { reviewRecords(ids: ["${id}"], accept: true, reason: "x") { records { id } userErrors { code } } }`

test('only who has the scope reviews records', async () => {
  const id = randomUUID()
  expect((await fitness.ask(anonymous, review(id))).codes).toEqual(['UNAUTHENTICATED'])
  expect((await fitness.ask(signedIn(), review(id))).codes).toEqual(['FORBIDDEN'])
  const { data } = await fitness.ask(signedIn(randomUUID(), 'fitness:admin'), review(id))
  expect(data?.reviewRecords).toEqual({ records: [], userErrors: [{ code: 'NOT_FOUND' }] })
})
