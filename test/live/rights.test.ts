import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { startGateway } from '../../gateway/start.ts'
import { subgraphsInFile } from '../../gateway/supergraph/file.ts'
import { createClient } from '../../local/client.ts'
import { readGatewayConfig } from '../../platform/config.ts'
import { hour, join, leave, openCompetition, quarter, sync } from '../support/operations.ts'
import { firstOfSubscription } from '../support/raw.ts'
import {
  createPerson,
  eventually,
  openTestSupergraph,
  type Person,
  type TestSupergraph,
} from '../support/supergraph.ts'
import { openViewer, type Viewer } from '../support/viewer.ts'

/** How often a gateway asks whether those who watch still may: in production less often than a test can wait. */
const often = { sessionCheck: 100, admissionCheck: 100 } // ms

const SKEW = 30_000 // ms that clocks may differ, for which an expired token still holds

type Board = { leaderboardChanged: { standings: { score: number }[] } }

const WATCH = 'subscription ($id: ID!) { leaderboardChanged(competitionId: $id) { standings { score } } }'

let podium: TestSupergraph
let gateway: { url: string; close(): Promise<void> }
let organizer: Person
beforeAll(async () => {
  podium = await openTestSupergraph()
  const urls = Object.entries(podium.subgraphs).map(([name, url]) => [`${name.toUpperCase()}_URL`, url])
  const config = readGatewayConfig({ ...podium.env, ...Object.fromEntries(urls) }, subgraphsInFile)
  gateway = await startGateway(config, { ...often, now: podium.now })
  organizer = await person('Olga')
})
const viewers: Viewer<Board>[] = []
afterEach(async () => {
  for (const viewer of viewers.splice(0)) await viewer.leave()
})
afterAll(async () => {
  await gateway.close()
  await podium.close()
})

const person = (name: string) => createPerson(createClient(gateway.url), name)

function watch(id: string, token: () => string | Promise<string>): Viewer<Board> {
  const viewer = openViewer<Board>(gateway.url, { query: WATCH, variables: { id } }, { token })
  viewers.push(viewer)
  return viewer
}

/** A competition that those who are invited see, with the organizer among those who take part. */
async function invite(...people: Person[]): Promise<string> {
  const startsAt = quarter(podium.now(), -24)
  const id = await openCompetition(organizer, { startsAt, endsAt: quarter(podium.now(), 24), visibility: 'INVITATION' }) // biome-ignore format: one competition
  const { code } = await organizer.mutate<{ code: string }>(
    'mutation ($id: ID!) { createInvitation(competitionId: $id) { code userErrors { code message field } } }',
    { id },
  )
  for (const person of [organizer, ...people]) await join(person, id, code)
  return id
}

let steps = 0
/** What the organizer has walked in all, which counts for each of their competitions, since all of them began before. */
let walked = 0
/** Has the organizer walk; gives what tells a frame that shows it. */
async function walk(id: string): Promise<(board: Board) => boolean> {
  const taken = 1_000 + steps
  const before = await eventually(() => scoreOf(id), (score) => score === walked) // biome-ignore format: one wait
  await sync(organizer, [hour(`walk ${steps}`, taken, new Date(quarter(podium.now(), -20).getTime() + steps * 3_600_000))]) // biome-ignore format: one record
  steps += 1
  walked += taken
  return ({ leaderboardChanged }) =>
    leaderboardChanged.standings.some(({ score }) => score === before + taken)
}

async function scoreOf(id: string): Promise<number> {
  const { leaderboard } = await organizer.send<{ leaderboard: { standing: { score: number } | null } }>(
    'query ($id: ID!, $userId: ID!) { leaderboard(competitionId: $id) { standing(userId: $userId) { score } } }',
    { id, userId: organizer.id },
  )
  return leaderboard.standing?.score ?? 0
}

test('a private board is watched by its organizer and by who takes part; for others it is not there', async () => {
  const [member, stranger] = [await person('Mia'), await person('Sid')]
  const id = await invite(member)
  const watching = [watch(id, () => organizer.token), watch(id, () => member.token)]
  await Promise.all(watching.map((viewer) => viewer.until(() => true)))
  const first = (token?: string) => firstOfSubscription(gateway.url, WATCH, { id }, token)
  // Also while those who may are watching the same.
  for (const token of [stranger.token, undefined])
    expect(await first(token)).toEqual({ refused: ['NOT_FOUND'] })
  const shows = await walk(id)
  await Promise.all(watching.map((viewer) => viewer.until(shows)))
})

test('who leaves a private competition while watching it sees no more of it', async () => {
  const member = await person('Max')
  const id = await invite(member)
  const left = watch(id, () => member.token)
  const stays = watch(id, () => organizer.token)
  await Promise.all([left, stays].map((viewer) => viewer.until(() => true)))
  await leave(member, id)
  expect(await left.ended).toEqual({ codes: ['NOT_FOUND'] })
  const shows = await walk(id)
  await stays.until(shows)
  expect(left.latest() && shows(left.latest() as Board)).toBe(false)
})

test('a session that is ended ends its streams, and they go on with a new one; those of others go on untouched', async () => {
  let member = await person('Ned')
  const id = await invite(member)
  const ended = watch(id, () => member.token)
  const others = watch(id, () => organizer.token)
  await Promise.all([ended, others].map((viewer) => viewer.until(() => true)))

  const old = member
  member = await member.again()
  await old.mutate('mutation { logOut { userErrors { code message field } } }')
  await ended.closed()
  const shows = await walk(id)
  await Promise.all([ended, others].map((viewer) => viewer.until(shows)))
  expect(ended.closes).toEqual([4403])
  expect(others.closes).toEqual([])
})

test('a token that expires ends its streams, and they go on with a new one; those of others go on untouched', async () => {
  const member = await person('Pia')
  const id = await invite(member)
  // Timers go by the time that really passes: what is left of the token is made short.
  await podium.passTo(new Date(member.expiresAt.getTime() + SKEW - 3_000))
  organizer = await organizer.again()
  const tokens = (async function* () {
    yield member.token
    for (;;) yield (await member.again()).token
  })()
  const ended = watch(id, async () => (await tokens.next()).value ?? '')
  const others = watch(id, () => organizer.token)
  await Promise.all([ended, others].map((viewer) => viewer.until(() => true)))
  await ended.closed()
  const shows = await walk(id)
  await Promise.all([ended, others].map((viewer) => viewer.until(shows)))
  expect(ended.closes).toEqual([4403])
  expect(others.closes).toEqual([])
})
