import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { hour, join, openCompetition, quarter, sync } from './support/operations.ts'
import { askGateway } from './support/raw.ts'
import { eventually, openTestSupergraph, type Person, type TestSupergraph } from './support/supergraph.ts'
import { openViewer, type Viewer } from './support/viewer.ts'

const ERRORS = 'userErrors { code message field }'

let podium: TestSupergraph
let ada: Person
let rival: Person
let stranger: Person
let admin: Person
let competitionId: string
beforeAll(async () => {
  podium = await openTestSupergraph()
  ada = await podium.person('Ada')
  rival = await podium.person('Rae')
  stranger = await podium.person('Sid')
  admin = await podium.admin('Root')
  const times = { startsAt: quarter(podium.now(), -24), endsAt: quarter(podium.now(), 24) }
  competitionId = await openCompetition(ada, times)
  for (const person of [ada, rival]) await join(person, competitionId)
  await sync(ada, [hour('one', 100, quarter(podium.now(), -3))])
  await update('bio: "Walks to work."')
})
const viewers: Viewer<Board>[] = []
afterEach(async () => {
  for (const viewer of viewers.splice(0)) await viewer.leave()
})
afterAll(() => podium.close())

const update = (change: string) =>
  ada.mutate(`mutation { updateProfile(input: { ${change} }) { viewer { profileVisibility } ${ERRORS} } }`)

type User = { displayName: string; bio: string | null; competitions: { totalCount: number } | null }

const FIELDS = 'displayName bio competitions { totalCount }'

/** Ada's profile as this caller gets it, by her id and where she takes part. */
async function profile(token: string | undefined): Promise<{ user: User | null; shown: User[] }> {
  const query = `query ($id: ID!, $competition: ID!) {
    user(id: $id) { ${FIELDS} }
    competition(id: $competition) { organizer { ${FIELDS} } participants(first: 1) { edges { node { user { ${FIELDS} } } } } }
    leaderboard(competitionId: $competition) { standings { edges { node { user { ${FIELDS} } } } } }
  }`
  const { data, errors } = await askGateway(podium.url, query, { id: ada.id, competition: competitionId }, token) // biome-ignore format: one question
  expect(errors).toBeUndefined()
  type Edges = { edges: { node: { user: User } }[] }
  const { user, competition, leaderboard } = data as {
    user: User | null
    competition: { organizer: User; participants: Edges }
    leaderboard: { standings: Edges }
  }
  const edges = [...competition.participants.edges, ...leaderboard.standings.edges]
  return { user, shown: [competition.organizer, ...edges.map(({ node }) => node.user)] }
}

const whole = { displayName: 'Ada', bio: 'Walks to work.', competitions: { totalCount: 1 } }
const hidden = { displayName: 'Ada', bio: null, competitions: null }

/** Waits until every part of the service knows; then who sees her profile does so everywhere, and for others her name remains. */
async function expectSeenBy(seeing: Person[], others: (Person | undefined)[]): Promise<void> {
  const everyone = [...seeing, ...others].map((caller) => ({
    caller,
    sees: seeing.includes(caller as Person),
  }))
  for (const { caller, sees } of everyone) {
    const expected = sees
      ? { user: whole, shown: [whole, whole, whole] }
      : { user: null, shown: [hidden, hidden, hidden] }
    await eventually(
      () => profile(caller?.token),
      (found) => JSON.stringify(found) === JSON.stringify(expected),
    )
  }
}

test('a profile is seen by whom its person says, and a name by all who see the board', async () => {
  await expectSeenBy([ada, admin, rival, stranger], [])
  await update('profileVisibility: COMPETITORS')
  await expectSeenBy([ada, admin, rival], [stranger, undefined])
  await update('profileVisibility: PRIVATE')
  await expectSeenBy([ada, admin], [rival, stranger, undefined])
})

test('who hides their profile reads it when they log in', async () => {
  await update('profileVisibility: PRIVATE')
  const logIn = `mutation ($email: EmailAddress!, $password: String!) {
    logIn(input: { email: $email, password: $password }) { session { viewer { user { bio } } } } }`
  const { data } = await askGateway(podium.url, logIn, { email: ada.email, password: ada.password })
  expect(data).toEqual({ logIn: { session: { viewer: { user: { bio: 'Walks to work.' } } } } })
})

test('a program without account:read is a stranger, to its owner’s competitors and to its owner', async () => {
  await update('profileVisibility: COMPETITORS')
  const create = `mutation ($scopes: [String!]!) { createApiKey(input: { name: "Bot", scopes: $scopes }) { secret ${ERRORS} } }`
  for (const owner of [ada, rival]) {
    for (const [scope, sees] of [
      ['account:read', true],
      ['account:write', false],
    ] as const) {
      const { secret } = await owner.mutate<{ secret: string }>(create, { scopes: [scope] })
      const { user } = await profile(secret)
      expect(user?.displayName).toBe(sees ? 'Ada' : undefined)
    }
  }
})

type Board = { leaderboardChanged: { standings: { score: number; user: Partial<User> }[] } }

function watch(user: string, { token }: Person): Viewer<Board> {
  const query = `subscription ($id: ID!) { leaderboardChanged(competitionId: $id) { standings { score user { ${user} } } } }`
  const viewer = openViewer<Board>(
    podium.url,
    { query, variables: { id: competitionId } },
    { token: () => token },
  )
  viewers.push(viewer)
  return viewer
}

async function openGroups(): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', podium.url))).text()
  return Number(/^podium_live_groups (\d+)$/m.exec(metrics)?.[1])
}

test('who watches a board with profiles sees what they may, and a board of names is shared', async () => {
  await update('profileVisibility: COMPETITORS')
  const [near, far] = [watch('displayName bio', rival), watch('displayName bio', stranger)]
  const shows =
    (bio: string | null, score: number) =>
    ({ leaderboardChanged: { standings } }: Board) =>
      standings[0]?.score === score && standings[0].user.bio === bio
  await near.until(shows('Walks to work.', 100))
  await far.until(shows(null, 100))
  await eventually(openGroups, (count) => count === 2)

  const names = [rival, stranger, ada].map((person) => watch('displayName', person))
  for (const viewer of names) await viewer.until(({ leaderboardChanged }) => leaderboardChanged.standings.length === 1) // biome-ignore format: one wait
  await eventually(openGroups, (count) => count === 3)

  await sync(ada, [hour('two', 11, quarter(podium.now(), -2))])
  await near.until(shows('Walks to work.', 111))
  await far.until(shows(null, 111))
  await update('profileVisibility: PRIVATE')
  await sync(ada, [hour('three', 22, quarter(podium.now(), -5))])
  await near.until(shows(null, 133))
})
