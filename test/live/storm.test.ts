import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from '@jest/globals'
import { createClient } from '../../local/client.ts'
import { openRedis } from '../../local/redis.ts'
import { openQueuePool } from '../../platform/event-queue.ts'
import { join, openCompetition, quarter } from '../support/operations.ts'
import { freePort } from '../support/ports.ts'
import { startProcess } from '../support/processes.ts'
import { type ComputedScore, publishScores } from '../support/scores.ts'
import { createPerson, eventually, type Person, testEnvironment, unlimited } from '../support/supergraph.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'
import { openViewer } from '../support/viewer.ts'

// On two cores that others use as well it takes 70 to 100 s, most of it for the queue of events: about 300 changes a second.
const CHANGES = 20_000
const VIEWERS = 200
const PEOPLE = 20
/** How often a viewer is cut off. */
const CUT = 50 // ms

type Standing = { rank: number; score: number; user: { displayName: string } | null }
type Board = { leaderboardChanged: { revision: number; standings: Standing[] } }

const WATCH = `subscription ($id: ID!) {
  leaderboardChanged(competitionId: $id, first: ${PEOPLE}) { revision standings { rank score user { displayName } } }
}`
const ASK = `query ($id: ID!) {
  leaderboard(competitionId: $id) {
    revision standings(first: ${PEOPLE}) { edges { node { rank score user { displayName } } } }
  }
}`

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

test('whatever breaks while a board changes, everyone who watches ends on the final board', async () => {
  const directory = await mkdtemp(joinPath(tmpdir(), 'podium-redis-'))
  const storage = { directory, durable: false, say: () => {} }
  const port = await freePort()
  let redis = await openRedis({ ...storage, port })
  closers.push(async () => {
    await redis.close()
    await rm(directory, { recursive: true })
  })
  const { env, database } = await testEnvironment()
  closers.push(database.drop)
  const others = ['users', 'competitions', 'fitness', 'notifications']
  const ports = new Map<string, number>()
  for (const name of [...others, 'leaderboard', 'gateway']) ports.set(name, await freePort())
  const own: Record<string, string> = {
    ...env,
    REDIS_URL: redis.url,
    PORT: String(ports.get('gateway')),
    MAX_SOCKETS_PER_ADDRESS: String(VIEWERS * 2), // those that were cut are found out later
    ...unlimited,
  }
  for (const name of [...others, 'leaderboard']) {
    own[`${name.toUpperCase()}_PORT`] = String(ports.get(name))
    own[`${name.toUpperCase()}_URL`] = `http://127.0.0.1:${ports.get(name)}/graphql`
  }
  const startLeaderboard = () => startProcess('subgraphs/main.ts', ['leaderboard'], own)
  const startGateway = () => startProcess('gateway/main.ts', [], own)
  const rest = await startProcess('subgraphs/main.ts', others, own)
  let leaderboard = await startLeaderboard()
  let gateway = await startGateway()
  closers.push(() => Promise.all([rest, leaderboard, gateway].map((process) => process.end('SIGKILL'))))
  const network = await openTcpProxy(Number(own.PORT))
  closers.push(network.close)
  const queue = openQueuePool(database.url, { max: 2 }, () => {})
  closers.push(() => queue.end())
  /** How many changes have not been dealt with yet. */
  const left = async () => {
    const { rows } = await queue.query(`
      select count(*)::int as count
      from events._private_jobs job join events._private_tasks task on task.id = job.task_id
      where task.identifier = 'leaderboard/score.computed'`)
    return rows[0].count as number
  }

  const client = createClient(gateway.url)
  const names = Array.from({ length: PEOPLE }, (_, index) => `Person${index}`)
  const people: Person[] = []
  for (const name of names) people.push(await createPerson(client, name))
  const [organizer] = people
  if (!organizer) throw new Error('there is nobody')
  const startsAt = quarter(new Date(), -24)
  const id = await openCompetition(organizer, { startsAt, endsAt: quarter(new Date(), 24) })
  for (const person of people) await join(person, id)
  await eventually(left, (count) => count === 0)

  const random = seeded(7)
  const changes = Array.from({ length: CHANGES }, (_, index): ComputedScore & { name: string } => {
    const person = people[index % PEOPLE] ?? organizer
    const achievedAt = new Date(startsAt.getTime() + index * 1_000)
    const round = Math.floor(index / PEOPLE)
    // Everyone gains in every round, and overtakes now and then: whom one overtakes is told, which is not what is tried here.
    const place = (index + Math.floor(round / 50)) % PEOPLE
    const score = place * 100_000 + round
    return { userId: person.id, name: person.name, score, achievedAt, version: index }
  })

  const faults: string[] = []
  const viewers = Array.from({ length: VIEWERS }, (_, index) => {
    // Half are cut by the network, half break off themselves.
    const url = index % 2 ? `http://127.0.0.1:${network.port}/graphql` : gateway.url
    let seen = { connection: 0, revision: -1 }
    const viewer = openViewer<Board>(
      url,
      { query: WATCH, variables: { id } },
      {
        onFrame({ data }, connection) {
          const revision = data?.leaderboardChanged.revision ?? seen.revision
          if (connection === seen.connection && revision < seen.revision)
            faults.push(`viewer ${index} went back from ${seen.revision} to ${revision}`)
          seen = { connection, revision }
        },
      },
    )
    let leaving = false
    void viewer.ended.then((ending) => leaving || faults.push(`viewer ${index}: ${JSON.stringify(ending)}`))
    return {
      ...viewer,
      leave() {
        leaving = true
        return viewer.leave()
      },
    }
  })
  closers.push(() => Promise.all(viewers.map((viewer) => viewer.leave())))
  await Promise.all(viewers.map((viewer) => viewer.until(() => true)))

  const cut = () => {
    const index = Math.floor(random() * VIEWERS)
    const connections = network.connections()
    if (index % 2) connections[index % connections.length]?.cut()
    else viewers[index]?.cut()
  }
  const cutting = setInterval(cut, CUT)
  closers.push(async () => clearInterval(cutting))

  await publishScores(queue, id, changes)
  const untilLeft = async (share: number) => {
    while ((await left()) > CHANGES * share) await sleep(100)
  }
  await untilLeft(0.75)
  await leaderboard.end('SIGKILL')
  leaderboard = await startLeaderboard()
  await untilLeft(0.5)
  await redis.close()
  await untilLeft(0.4)
  redis = await openRedis({ ...storage, port })
  await untilLeft(0.25)
  await gateway.end('SIGTERM')
  gateway = await startGateway()
  await untilLeft(0)
  clearInterval(cutting)

  const final = new Map(changes.map(({ name, score }) => [name, score]))
  const best = [...final.values()].toSorted((a, b) => b - a)
  const expected = [...final].map(([name, score]) => `${1 + best.indexOf(score)} ${name} ${score}`).toSorted()
  const lines = (standings: Standing[]) =>
    standings.map(({ rank, user, score }) => `${rank} ${user?.displayName} ${score}`).toSorted()
  const isFinal = ({ leaderboardChanged }: Board) =>
    JSON.stringify(lines(leaderboardChanged.standings)) === JSON.stringify(expected)

  type Asked = { leaderboard: { revision: number; standings: { edges: { node: Standing }[] } } }
  const asked = await organizer.send<Asked>(ASK, { id })
  expect(lines(asked.leaderboard.standings.edges.map(({ node }) => node))).toEqual(expected)
  await Promise.all(viewers.map((viewer) => viewer.until(isFinal)))
  expect(faults).toEqual([])
  expect(viewers.filter(({ closes }) => closes.length === 0)).toEqual([])
}, 600_000)

/** A random number from 0 to 1, the same ones in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
