import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { openRedis } from '../platform/redis.ts'
import { openWakeUps } from '../platform/wake-ups.ts'
import { boardKeys } from '../subgraphs/leaderboard/board-keys.ts'
import { board, hour, join, openCompetition, quarter, sync } from './support/operations.ts'
import { askGateway, identityOf, signedRequest } from './support/raw.ts'
import { type ClusterNode, openTestCluster, type TestCluster } from './support/redis-cluster.ts'
import { silent, testPrefix } from './support/stores.ts'
import {
  eventually,
  openTestSupergraph,
  type Person,
  type TestSupergraph,
  testEnvironment,
} from './support/supergraph.ts'
import { openViewer } from './support/viewer.ts'

type Frame = { leaderboardChanged: { standings: { score: number }[] } }

const WATCH = 'subscription ($id: ID!) { leaderboardChanged(competitionId: $id) { standings { score } } }'

const BUDGET = 100_000 // requests a minute

let cluster: TestCluster
/** Two of three nodes: the third is found. */
let urls: string[]
let podium: TestSupergraph
let ann: Person
let ben: Person
/** Of each node, a competition whose board is there. */
const boards = new Map<ClusterNode, string>()
const closers: (() => unknown)[] = []

beforeAll(async () => {
  cluster = await openTestCluster()
  urls = cluster.nodes.slice(0, 2).map(({ url }) => url)
  const environment = await testEnvironment()
  Object.assign(environment.env, {
    REDIS_URL: urls.join(),
    REDIS_PREFIX: await prefixOf(cluster.nodes[2]),
    // Enough for however long boards are read until they are right.
    REQUESTS_PER_MINUTE_PER_PERSON: `${BUDGET}`,
    COST_PER_MINUTE_PER_PERSON: 'off',
  })
  podium = await openTestSupergraph({}, Promise.resolve(environment))
  ;[ann, ben] = await Promise.all([podium.person('Ann'), podium.person('Ben')])
  const times = { startsAt: quarter(podium.now(), -24), endsAt: quarter(podium.now(), 24) }
  while (boards.size < cluster.nodes.length) {
    const id = await openCompetition(ann, times)
    boards.set(await cluster.nodeOf(keysOf(id).board), id)
  }
  for (const id of boards.values()) await Promise.all([join(ann, id), join(ben, id)])
}, 60_000)
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})
afterAll(async () => {
  await podium.close()
  await cluster.close()
})

test('boards on every node are right', async () => {
  let score = 0
  for (const [node, id] of boards) {
    score += 100
    await sync(ann, [hour(`${score}`, 100, quarter(podium.now(), -score / 100))])
    await sync(ben, [hour(`${score}`, 90, quarter(podium.now(), -score / 100))])
    expect(await cluster.nodeOf(keysOf(id).ranks)).toBe(node)
  }
  await boardsShow([score, (score * 9) / 10])
})

test('a board that a node has lost is built anew', async () => {
  for (const [node, id] of boards) {
    const { board: key, ranks, versions, log } = keysOf(id)
    await node.ask('DEL', key, ranks, versions, log)
  }
  await boardsShow([300, 270])
})

test('budgets are counted in the cluster', async () => {
  const headers = { authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ query: '{ viewer { id } }' })
  const answer = await fetch(podium.url, { method: 'POST', headers, body })
  expect(answer.headers.get('ratelimit')).toMatch(/^"requests";r=\d+/)
  const key = `${podium.env.REDIS_PREFIX}bucket:budget:person:${ann.id}`
  const node = await cluster.nodeOf(key)
  await eventually(
    () => node.ask('HGET', key, 'requests'),
    (left) => left !== null && Number(left) < BUDGET,
  )
})

test('a signed mutation is carried out once, whichever node knows of it', async () => {
  for (let n = 0; n < 10; n += 1) {
    const bio = `mutation { updateProfile(input: { bio: "${n}" }) { userErrors { code } } }`
    const send = signedRequest(podium, 'users', identityOf(ann), bio)
    expect(await send()).toEqual({ data: { updateProfile: { userErrors: [] } } })
    expect(await send()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  }
})

test('wrong passwords are counted', async () => {
  const wrong = { email: ben.email, password: 'not the right one' }
  const logIn = 'mutation ($input: LogInInput!) { logIn(input: $input) { userErrors { code } } }'
  const attempt = () => askGateway(podium.url, logIn, { input: wrong })
  for (let n = 0; n < 10; n += 1) await attempt()
  expect((await attempt()).data).toEqual({ logIn: { userErrors: [{ code: 'TOO_MANY_ATTEMPTS' }] } })
})

test('who listens is woken when its subscription was lost, and hears what is published from then on', async () => {
  const redis = openRedis({ urls, prefix: '', logger: silent })
  const clients = [redis.commands, redis.subscriber]
  await Promise.all(clients.map((client) => new Promise((resolve) => client.once('ready', resolve))))
  const wakeUps = openWakeUps(redis, (topic) => topic, silent)
  closers.push(wakeUps.close, redis.close)
  const channel = testPrefix()
  let count = 0
  const woken = (times: number) =>
    eventually(
      async () => count,
      (now) => now >= times,
    )
  wakeUps.listen(channel, () => {
    count += 1
  })
  await woken(1)
  const [node] = await cluster.nodesWith(channel)
  await node?.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await woken(2)
  await wakeUps.wake([channel])
  await woken(3)
})

test('no ended session and no change is missed while the node with the subscriptions is away and when it is back', async () => {
  const [[, id] = []] = boards
  const viewer = openViewer<Frame>(podium.url, { query: WATCH, variables: { id } })
  closers.push(viewer.leave)
  const shows = (score: number) =>
    viewer.until(({ leaderboardChanged }) => leaderboardChanged.standings[0]?.score === score)
  await shows(300)
  for (const [round, score] of [300, 400].entries()) {
    const [lost] = await eventually(
      () => cluster.nodesWith(`${podium.env.REDIS_PREFIX}sessions:ended`),
      (nodes) => nodes.length === 1,
    )
    const [early, late] = await Promise.all([ann.again(), ann.again()])
    await lost?.crash()
    await logOut(early)
    await sync(ann, [hour(`lost ${round}`, 50, quarter(podium.now(), -12 - round))])
    await Promise.all([untilRefused(early), shows(score + 50)])

    await lost?.restart()
    await logOut(late)
    await sync(ann, [hour(`back ${round}`, 50, quarter(podium.now(), -16 - round))])
    await Promise.all([untilRefused(late), shows(score + 100)])
    await cluster.whole()
  }
  await boardsShow([500, 270])
})

/** A prefix with which sessions that ended are told of on a node: this one is never lost. */
async function prefixOf(node: ClusterNode | undefined): Promise<string> {
  const prefix = testPrefix()
  return (await cluster.nodeOf(`${prefix}sessions:ended`)) === node ? prefix : prefixOf(node)
}

function keysOf(competitionId: string) {
  return boardKeys(podium.env.REDIS_PREFIX ?? '', competitionId)
}

/** Until all boards have these scores, best first, as the API tells them, and are on the nodes: who reads one that is not, has it built. */
async function boardsShow(scores: number[]): Promise<void> {
  for (const [node, id] of boards) {
    await eventually(
      async () => {
        const rows = await board(ann, id)
        return [...rows.map(([, , score]) => score), await node.ask('ZCARD', keysOf(id).ranks)]
      },
      (shown) => shown.join() === [...scores, scores.length].join(),
    )
  }
}

const logOut = (person: Person) => person.mutate('mutation { logOut { userErrors { code message field } } }')

/** Until the gateway knows that a token is not good any more; it needs no subgraph for that. */
const untilRefused = ({ token }: Person) =>
  eventually(
    async () => (await askGateway(podium.url, '{ __typename }', {}, token)).errors?.[0]?.extensions.code,
    (code) => code === 'UNAUTHENTICATED',
  )
