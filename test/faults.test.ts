import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { expect, test } from '@jest/globals'
import { createClient } from '../local/client.ts'
import { openRedis } from '../local/redis.ts'
import { subgraphNames } from '../platform/names.ts'
import { board, hour, join, openCompetition, quarter, sync } from './support/operations.ts'
import { freePort } from './support/ports.ts'
import { type Process, startProcess } from './support/processes.ts'
import { askGateway } from './support/raw.ts'
import {
  createPerson,
  eventually,
  openTestSupergraph,
  type Person,
  testEnvironment,
  unlimited,
} from './support/supergraph.ts'

const HOUR = 3_600_000 // ms

/** Syncs `rounds` hours of every person, one after another; calls `meanwhile` halfway. The sums are the oracle. */
async function syncRounds(people: Person[], startsAt: Date, rounds: number, meanwhile: () => Promise<void>) {
  const sums = new Map(people.map(({ name }) => [name, 0]))
  for (let round = 0; round < rounds; round += 1) {
    if (round === Math.floor(rounds / 2)) await meanwhile()
    await Promise.all(
      people.map(async (person, index) => {
        const value = 100 + ((round * 37 + index * 101) % 400)
        await sync(person, [hour(`r${round}`, value, new Date(startsAt.getTime() + round * HOUR))])
        sums.set(person.name, (sums.get(person.name) ?? 0) + value)
      }),
    )
  }
  return [...sums].map(([name, score]) => [name, score] as const)
}

const standsAt = (reader: Person, id: string, expected: (readonly [string, number])[]) =>
  eventually(
    // While it is away the API says so; what counts is where it ends.
    async () => new Map((await board(reader, id).catch(() => [])).map(([, name, score]) => [name, score])),
    (scores) =>
      scores.size === expected.length && expected.every(([name, score]) => scores.get(name) === score),
  )

const names = ['Ann', 'Ben', 'Cat', 'Dan', 'Eve']

test('Redis is lost in the middle and comes back empty: reads go on, and the board is right afterwards', async () => {
  const directory = await mkdtemp(joinPath(tmpdir(), 'podium-redis-'))
  const options = { directory, durable: false, say: () => {} }
  const port = await freePort()
  let redis = await openRedis({ ...options, port })
  const podium = await openTestSupergraph({ ...unlimited, REDIS_URL: redis.url })
  try {
    const people = await Promise.all(names.map((name) => podium.person(name)))
    const [organizer] = people as [Person]
    const startsAt = quarter(podium.now(), -24)
    const id = await openCompetition(organizer, { startsAt, endsAt: quarter(podium.now(), 24) })
    await Promise.all(people.map((person) => join(person, id)))
    const sums = await syncRounds(people, startsAt, 10, async () => {
      await redis.close()
      await eventually(
        () => board(organizer, id),
        (rows) => rows.length > 0,
      )
    })
    await standsAt(organizer, id, sums)
    redis = await openRedis({ ...options, port })
    await standsAt(organizer, id, sums)
    // Back on Redis: what is written from now on shows, too.
    await sync(organizer, [hour('after', 77, new Date(startsAt.getTime() + 20 * HOUR))])
    await standsAt(
      organizer,
      id,
      sums.map(([name, score]) => [name, name === organizer.name ? score + 77 : score] as const),
    )
  } finally {
    await podium.close()
    await redis.close()
    await rm(directory, { recursive: true })
  }
}, 240_000)

test('the leaderboard process is killed in the middle: the board is right afterwards', async () => {
  const environment = await testEnvironment()
  const own = { ...environment.env, LEADERBOARD_PORT: String(await freePort()) }
  const start = () => startProcess('subgraphs/main.ts', ['leaderboard'], own)
  let leaderboard = start()
  const podium = await openTestSupergraph(
    { ...unlimited, LEADERBOARD_URL: (await leaderboard).url },
    Promise.resolve(environment),
  )
  try {
    const people = await Promise.all(names.map((name) => podium.person(name)))
    const [organizer] = people as [Person]
    const startsAt = quarter(podium.now(), -24)
    const id = await openCompetition(organizer, { startsAt, endsAt: quarter(podium.now(), 24) })
    await Promise.all(people.map((person) => join(person, id)))
    const sums = await syncRounds(people, startsAt, 10, async () => {
      await (await leaderboard).end('SIGKILL')
      leaderboard = start()
    })
    await leaderboard
    await standsAt(organizer, id, sums)
  } finally {
    await (await leaderboard).end('SIGKILL')
    await podium.close()
  }
}, 240_000)

test('kill -9 of any process after an answer loses nothing', async () => {
  const { env, database } = await testEnvironment()
  const ports = await Promise.all([...subgraphNames, 'gateway'].map(freePort))
  const own: Record<string, string> = { ...env, ...unlimited, PORT: String(ports.at(-1)) }
  subgraphNames.forEach((name, index) => {
    own[`${name.toUpperCase()}_PORT`] = String(ports[index])
    own[`${name.toUpperCase()}_URL`] = `http://127.0.0.1:${ports[index]}/graphql`
  })
  const start = (name: string) =>
    name === 'gateway'
      ? startProcess('gateway/main.ts', [], own)
      : startProcess('subgraphs/main.ts', [name], own)
  const running = new Map<string, Process>()
  try {
    for (const name of [...subgraphNames, 'gateway']) running.set(name, await start(name))
    const client = createClient(`http://127.0.0.1:${own.PORT}/graphql`)
    const ann = await createPerson(client, 'Ann')
    const startsAt = quarter(new Date(), -24)
    const id = await openCompetition(ann, { startsAt, endsAt: quarter(new Date(), 24) })
    await join(ann, id)
    let sum = 0
    for (const [index, name] of [...subgraphNames, 'gateway'].entries()) {
      await sync(ann, [hour(`before ${name}`, 100 + index, new Date(startsAt.getTime() + index * HOUR))])
      sum += 100 + index
      await running.get(name)?.end('SIGKILL')
      running.set(name, await start(name))
      await standsAt(ann, id, [['Ann', sum]])
    }
  } finally {
    await Promise.all([...running.values()].map((process) => process.end('SIGKILL')))
    await database.drop()
  }
}, 240_000)

test('a dead subgraph costs its own fields alone', async () => {
  const environment = await testEnvironment()
  const users = await startProcess('subgraphs/main.ts', ['users'], { ...environment.env, USERS_PORT: '0' })
  const fitness = await startProcess('subgraphs/main.ts', ['fitness'], {
    ...environment.env,
    FITNESS_PORT: '0',
  })
  const podium = await openTestSupergraph(
    { USERS_URL: users.url, FITNESS_URL: fitness.url },
    Promise.resolve(environment),
  )
  try {
    const ann = await podium.person('Ann')
    const id = await openCompetition(ann, {
      startsAt: quarter(podium.now(), -24),
      endsAt: quarter(podium.now(), 24),
    })
    await join(ann, id)
    await sync(ann, [hour('h', 500, quarter(podium.now(), -3))])
    await standsAt(ann, id, [['Ann', 500]])

    await fitness.end('SIGKILL')
    const mine = '{ viewer { email fitness { summary { streakDays } } unreadNotificationCount } }'
    const partly = await askGateway(podium.url, mine, {}, ann.token)
    expect(partly.data).toMatchObject({ viewer: { email: ann.email, fitness: null } })
    expect(partly.errors).toMatchObject([
      { path: ['viewer', 'fitness'], extensions: { code: 'UNAVAILABLE' } },
    ])

    await users.end('SIGKILL')
    const ranking = `query ($id: ID!) { leaderboard(competitionId: $id) {
      competition { name } standings { edges { node { rank score user { displayName } } } }
    } }`
    const { data, errors } = await askGateway(podium.url, ranking, { id }, ann.token)
    const edges = [{ node: { rank: 1, score: 500, user: null } }]
    expect(data).toEqual({ leaderboard: { competition: { name: 'A competition' }, standings: { edges } } })
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAVAILABLE'])
  } finally {
    await podium.close()
    await Promise.all([users.end('SIGKILL'), fitness.end('SIGKILL')])
  }
}, 120_000)

test('SIGTERM ends every process with code 0', async () => {
  const { env, database } = await testEnvironment()
  const subgraph = await startProcess('subgraphs/main.ts', ['users'], { ...env, USERS_PORT: '0' })
  const gateway = await startProcess('gateway/main.ts', [], { ...env, USERS_URL: subgraph.url })
  expect(await gateway.end('SIGTERM')).toBe(0)
  expect(await subgraph.end('SIGTERM')).toBe(0)
  await database.drop()
}, 120_000)
