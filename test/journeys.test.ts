import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { board, hour, join, leave, openCompetition, quarter, type Row, sync } from './support/operations.ts'
import { eventually, openTestSupergraph, type Person, type TestSupergraph } from './support/supergraph.ts'

let podium: TestSupergraph
let organizer: Person
beforeAll(async () => {
  podium = await openTestSupergraph()
  organizer = await podium.person('Olga')
})
afterAll(() => podium.close())

const HOUR = 3_600_000 // ms

/** A competition that runs since yesterday, and until tomorrow. */
const running = (change: object = {}) =>
  openCompetition(organizer, {
    startsAt: quarter(podium.now(), -24),
    endsAt: quarter(podium.now(), 24),
    ...change,
  })

/** The person's score as the board shows it, once it does. */
const boardIs = (id: string, expected: unknown) =>
  eventually(
    () => board(organizer, id),
    (rows) => JSON.stringify(rows) === JSON.stringify(expected),
  )

type Frame = {
  leaderboardChanged: { revision: number; standings: Row[]; competition: { name: string } }
}

test('who is overtaken sees it live, with names from users and competitions, and is told', async () => {
  const [ada, bo] = [await podium.person('Ada'), await podium.person('Bo')]
  const id = await running({ name: 'Spring steps' })
  await Promise.all([join(ada, id), join(bo, id)])
  await sync(ada, [hour('a', 1_000, quarter(podium.now(), -3))])
  await boardIs(id, [[1, 'Ada', 1_000]])

  const frames: Frame['leaderboardChanged'][] = []
  const failures: Error[] = []
  const watching = podium.client.subscribe<Frame>(
    {
      query: `subscription ($id: ID!) {
        leaderboardChanged(competitionId: $id) { revision standings { rank score user { displayName } } competition { name } }
      }`,
      variables: { id },
    },
    (frame) => frames.push(frame.leaderboardChanged),
    (error) => failures.push(error),
  )
  await eventually(
    async () => frames.length,
    (count) => count > 0,
  )
  await sync(bo, [hour('b', 2_000, quarter(podium.now(), -2))])
  const last = await eventually(
    async () => frames.at(-1),
    (frame) => frame?.standings.length === 2,
  )
  await watching.close()

  expect(failures).toEqual([])
  expect(frames[0]?.standings).toEqual([{ rank: 1, score: 1_000, user: { displayName: 'Ada' } }])
  expect(last).toMatchObject({
    competition: { name: 'Spring steps' },
    standings: [
      { rank: 1, score: 2_000, user: { displayName: 'Bo' } },
      { rank: 2, score: 1_000, user: { displayName: 'Ada' } },
    ],
  })
  const told = await eventually(
    () => notificationsOf(ada),
    (items) => items.some(({ category }) => category === 'RANK'),
  )
  expect(told.find(({ category }) => category === 'RANK')).toMatchObject({
    user: { displayName: 'Bo' },
    competition: { name: 'Spring steps' },
    readAt: null,
  })
})

test('equal scores share a rank, and who got there first is listed first', async () => {
  const people = await Promise.all(['Cy', 'Di', 'Ed'].map((name) => podium.person(name)))
  const [cy, di, ed] = people as [Person, Person, Person]
  const id = await running()
  await Promise.all(people.map((person) => join(person, id)))
  await sync(cy, [hour('c', 500, quarter(podium.now(), -2))])
  await sync(di, [hour('d', 500, quarter(podium.now(), -5))])
  await sync(ed, [hour('e', 400, quarter(podium.now(), -9))])
  await boardIs(id, [
    [1, 'Di', 500],
    [1, 'Cy', 500],
    [3, 'Ed', 400],
  ])
})

test('who joins late is scored on what they did since the start, and who leaves is off the board', async () => {
  const fay = await podium.person('Fay')
  await sync(fay, [
    hour('before', 900, quarter(podium.now(), -30)),
    hour('within', 700, quarter(podium.now(), -4)),
  ])
  const id = await running()
  await join(fay, id)
  await boardIs(id, [[1, 'Fay', 700]])
  await leave(fay, id)
  await boardIs(id, [])
  await join(fay, id)
  await boardIs(id, [[1, 'Fay', 700]])
})

test('of two sources that overlap the worn one counts, and the other where it has nothing', async () => {
  const gus = await podium.person('Gus')
  const id = await running()
  await join(gus, id)
  const start = quarter(podium.now(), -6)
  await sync(gus, [hour('p1', 1_000, start), hour('p2', 300, new Date(start.getTime() + HOUR))])
  await sync(gus, [hour('w1', 800, start)], { deviceId: 'watch of Gus', deviceKind: 'WORN' })
  await boardIs(id, [[1, 'Gus', 1_100]])
})

test('a correction replaces, a deletion takes away, and sending again changes nothing', async () => {
  const hal = await podium.person('Hal')
  const id = await running()
  await join(hal, id)
  const start = quarter(podium.now(), -6)
  await sync(hal, [hour('x', 1_000, start), hour('y', 200, new Date(start.getTime() + 2 * HOUR))])
  await boardIs(id, [[1, 'Hal', 1_200]])
  expect(await sync(hal, [hour('x', 1_000, start)])).toMatchObject({ accepted: 0, duplicates: 1 })
  await sync(hal, [hour('x', 600, start, { version: 2 })])
  await boardIs(id, [[1, 'Hal', 800]])
  await sync(hal, [], { deleted: ['x'] })
  await boardIs(id, [[1, 'Hal', 200]])
})

test('a batch with bad records keeps the good ones and names the bad', async () => {
  const ida = await podium.person('Ida')
  const start = quarter(podium.now(), -6)
  const answer = await sync(ida, [
    hour('good', 1_000, start),
    hour('negative', -1, start),
    hour('future', 10, quarter(podium.now(), 2)),
  ])
  expect(answer.accepted).toBe(1)
  expect(answer.rejected.map(({ externalId }) => externalId).sort()).toEqual(['future', 'negative'])
})

test('a day of the clock change has its 23 or 25 hours', async () => {
  const jo = await podium.person('Jo')
  await jo.mutate(
    'mutation { updateProfile(input: { timeZone: "Europe/Helsinki" }) { userErrors { code message field } } }',
  )
  const year = podium.now().getUTCMonth() > 10 || (podium.now().getUTCMonth() === 10 && podium.now().getUTCDate() > 2) ? podium.now().getUTCFullYear() : podium.now().getUTCFullYear() - 1 // biome-ignore format: one thought
  const october = new Date(Date.UTC(year, 9, 31))
  const sunday = new Date(october.getTime() - october.getUTCDay() * 24 * HOUR)
  // Summer time ends that Sunday: its midnights are at 21:00 UTC before and at 22:00 UTC after.
  const midnight = new Date(sunday.getTime() - 3 * HOUR)
  const date = sunday.toISOString().slice(0, 10)
  await sync(
    jo,
    Array.from({ length: 26 }, (_, index) =>
      hour(`h${index}`, 100, new Date(midnight.getTime() + index * HOUR)),
    ),
  )
  const days = await eventually(
    () =>
      jo.send<{ viewer: { fitness: { days: { date: string; steps: number }[] } } }>(
        'query ($from: LocalDate!) { viewer { fitness { days(from: $from, to: $from) { date steps } } } }',
        { from: date },
      ),
    ({ viewer }) => viewer.fitness.days[0]?.steps === 2_500,
  )
  expect(days.viewer.fitness.days).toEqual([{ date, steps: 2_500 }])
})

test('a cancelled competition tells its people, and can no longer be joined', async () => {
  const [kim, lea] = [await podium.person('Kim'), await podium.person('Lea')]
  const id = await running({ name: 'Rainy walk' })
  await join(kim, id)
  await organizer.mutate(
    'mutation ($id: ID!) { cancelCompetition(id: $id, reason: "Flooded paths.") { userErrors { code message field } } }',
    { id },
  )
  const told = await eventually(
    () => notificationsOf(kim),
    (items) => items.some(({ body }) => body.includes('Flooded paths.')),
  )
  expect(told[0]).toMatchObject({ category: 'COMPETITION', competition: { name: 'Rainy walk' } })
  await expect(join(lea, id)).rejects.toMatchObject({ codes: ['COMPETITION_CLOSED'] })
})

test('a competition starts, closes, freezes and completes by itself, and late syncs count until it freezes', async () => {
  const start = podium.now()
  const [may, ned] = [await podium.person('May'), await podium.person('Ned')]
  const id = await openCompetition(organizer, {
    name: 'Short one',
    startsAt: quarter(start, 1),
    endsAt: quarter(start, 3),
    minimumParticipants: 2,
  })
  await Promise.all([join(may, id), join(ned, id)])
  const status = async () =>
    (
      await organizer.send<{ competition: { status: string } }>(
        'query ($id: ID!) { competition(id: $id) { status } }',
        { id },
      )
    ).competition.status
  expect(await status()).toBe('OPEN')

  await podium.passTo(quarter(start, 2))
  organizer = await organizer.again()
  await eventually(status, (now) => now === 'ACTIVE')
  await podium.passTo(quarter(start, 3.5))
  organizer = await organizer.again()
  await eventually(status, (now) => now === 'CLOSING')
  await sync(await may.again(), [hour('late', 300, quarter(start, 1))])
  await boardIs(id, [[1, 'May', 300]])

  await podium.passTo(quarter(start, 5))
  organizer = await organizer.again()
  await eventually(status, (now) => now === 'COMPLETED')
  await sync(await ned.again(), [hour('too late', 900, quarter(start, 1))])
  const { leaderboard } = await organizer.send<{ leaderboard: { state: string } }>(
    'query ($id: ID!) { leaderboard(competitionId: $id) { state } }',
    { id },
  )
  expect(leaderboard.state).toBe('FINAL')
  await boardIs(id, [[1, 'May', 300]])
  const told = await eventually(
    async () => notificationsOf(await may.again()),
    (items) => items.length >= 3,
  )
  expect(told.filter(({ category }) => category === 'COMPETITION').length).toBeGreaterThanOrEqual(2)
})

type Item = {
  id: string
  category: string
  title: string
  body: string
  readAt: string | null
  user: { displayName: string } | null
  competition: { name: string } | null
}

async function notificationsOf(person: Person): Promise<Item[]> {
  const { viewer } = await person.send<{ viewer: { notifications: { edges: { node: Item }[] } } }>(
    '{ viewer { notifications { edges { node { id category title body readAt user { displayName } competition { name } } } } } }',
  )
  return viewer.notifications.edges.map(({ node }) => node)
}
