import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { logInTo } from '../local/accounts.ts'
import { openRedis } from '../platform/redis.ts'
import { type Life, live } from './support/a-life.ts'
import { join as joinCompetition, sync } from './support/operations.ts'
import { repeatEvents } from './support/repeated-events.ts'
import { silent } from './support/stores.ts'
import {
  createPerson,
  eventually,
  openTestSupergraph,
  settled,
  type TestSupergraph,
} from './support/supergraph.ts'

/** Tables in which a person's id stays, and why. In every other one there is nothing of theirs afterwards. */
const kept: Record<string, string> = {
  'users.people': 'results have somebody they are of, under no name',
  'users.audit_entries':
    'what was done, when and by whose id is what the log is for; the words are taken out',
  'users.sessions': "an outside issuer's tokens of before must not open an account anew",
  'users.competitors': 'a copy of participations that stay',
  'competitions.competitions':
    'those that others are in go on, or are over; the organizer is an id without a name',
  'competitions.participations': 'who was in a competition that has started stays in it, under no name',
  'competitions.erased_people': 'keeps what is on its way from making anything anew',
  'competitions.profiles': 'a copy of a profile as new accounts have it',
  'leaderboard.boards': 'a copy of who organizes, as an id',
  'leaderboard.members': 'a copy of participations that stay',
  'leaderboard.standings': 'results stay, under no name',
  'leaderboard.final_standings': 'results stay, under no name, and their digest with them',
  'fitness.people': 'keeps what is on its way from bringing anything back',
  'fitness.enrolments': 'scores stay, under no name',
  'notifications.people': 'keeps what is on its way from bringing the name back',
  'notifications.feeds': 'keeps anyone from telling them anything',
  'notifications.competitions': 'a copy of who organizes, as an id',
  'notifications.participants': 'a copy of participations that stay',
  'notifications.overtakings': 'ids alone, which are forgotten after seven days',
  'notifications.feed_items': 'what others were told, without the name',
}

/** Tables that are not about people at all. */
const impersonal = ['users.signing_keys', 'fitness.competitions', 'notifications.announcements']

let podium: TestSupergraph
let life: Life
let database: pg.Client
let before: string[]
let traced: number[]
let pictures: number
beforeAll(async () => {
  podium = await openTestSupergraph()
  database = new pg.Client({ connectionString: podium.databaseUrl })
  database.on('error', () => {}) // dropped with the database
  await database.connect()
  const events = await repeatEvents(podium)
  life = await live(podium)
  await life.ada.mutate(`mutation { exportMyData { ${USER_ERRORS} } }`)
  await eventually(archives, (files) => files.length === 1)
  await settled(podium.queue)
  before = await tablesWith(life.ada.id, ...(await sessionsOf(life.ada.id)))
  pictures = (await files()).filter((file) => file.includes(life.ada.id)).length
  traced = []
  for (const trace of life.traces) traced.push((await tablesWith(trace)).length)
  await deleteMyAccount()
  await settled(podium.queue)
  // Everything that ever happened comes again, in whatever order.
  await events.shuffleAgain()
  await settled(podium.queue)
  await events.close()
}, 240_000)
afterAll(async () => {
  await database.end()
  await podium.close()
})

const USER_ERRORS = 'userErrors { code message field }'

test('every table holds something of a person who used everything, or is known not to be about people', async () => {
  const tables = await allTables()
  expect(tables.filter((table) => !before.includes(table) && !late.includes(table)).sort()).toEqual(
    impersonal.toSorted(),
  )
})

test("the person's id stays where it was decided, and nowhere else", async () => {
  expect((await tablesWith(life.ada.id)).sort()).toEqual(Object.keys(kept).sort())
})

test('before it each of their traces was in some table', () => {
  expect(traced.filter((tables) => tables === 0)).toEqual([])
})

test.each([
  'Quist',
  'Adelheid',
  'Porvoo',
  'beekeeper',
  'hive scales',
  'apiary',
  'Secret garden',
  'tractor',
  'adelheid.',
])('nothing in any table, event, key or file says %j', async (word) => {
  expect(life.traces.some((trace) => trace.includes(word))).toBe(true)
  expect(await tablesWith(word)).toEqual([])
  expect(await jobsWith(word)).toEqual([])
  expect((await redisTexts()).filter((text) => text.includes(word))).toEqual([])
  for (const file of await files()) expect(file.includes(word)).toBe(false)
})

test('no file of theirs is left', async () => {
  expect(pictures).toBeGreaterThan(0)
  expect((await files()).filter((file) => file.includes(life.ada.id))).toEqual([])
  expect(await archives()).toEqual([])
})

test('results stay, under no name', async () => {
  const { bob, competitions } = life
  const names = async (id: string) => {
    const { leaderboard } = await bob.send<Board>(
      'query ($id: ID!) { leaderboard(competitionId: $id) { standings(first: 10) { edges { node { score user { id displayName bio } } } } } }',
      { id },
    )
    return leaderboard.standings.edges.map(({ node }) => [node.score, node.user.displayName, node.user.bio])
  }
  expect(await names(competitions.over)).toEqual([
    [1_200, 'Bertil Sund', 'Repairs clocks in Turku.'],
    [900, 'Deleted account', null],
  ])
  expect(await names(competitions.running)).toContainEqual([850, 'Deleted account', null])
})

test('as a person they are not there any more', async () => {
  const { user } = await life.bob.send<{ user: null }>('query ($id: ID!) { user(id: $id) { id } }', {
    id: life.ada.id,
  })
  expect(user).toBeNull()
  const { users } = await life.admin.send<{ users: { totalCount: number } }>(
    '{ users(search: "Deleted") { totalCount } }',
  )
  expect(users.totalCount).toBe(0)
})

test('their tokens and passwords open nothing', async () => {
  await expect(life.ada.send('{ viewer { id } }')).rejects.toThrow()
  await expect(logInTo(podium.client, life.ada)).rejects.toThrow(/wrong/)
})

test('of their competitions the draft is gone, the one without others called off, the other goes on', async () => {
  const statusOf = async (id: string) => {
    const { competition } = await life.admin.send<{
      competition: { status: string; organizer: { displayName: string } } | null
    }>('query ($id: ID!) { competition(id: $id) { status organizer { displayName } } }', { id })
    return competition && [competition.status, competition.organizer.displayName]
  }
  const { draft, alone, led } = life.competitions
  expect(await statusOf(draft)).toBeNull()
  expect(await statusOf(alone)).toEqual(['CANCELLED', 'Deleted account'])
  expect(await statusOf(led)).toEqual(['ACTIVE', 'Deleted account'])
})

test('they have left what had not started, and their invitation works no more', async () => {
  const { competition } = await life.bob.send<{ competition: { participantCount: number } }>(
    'query ($id: ID!) { competition(id: $id) { participantCount } }',
    { id: life.competitions.ahead },
  )
  expect(competition.participantCount).toBe(1)
  const cyd = await createPerson(podium.client, 'Cyd')
  await expect(joinCompetition(cyd, life.competitions.led, life.code)).rejects.toThrow(/invitation code/)
})

test('others were told of somebody, without the name', async () => {
  const { viewer } = await life.bob.send<{
    viewer: { notifications: { edges: { node: { title: string } }[] } }
  }>('{ viewer { notifications(first: 50) { edges { node { title } } } } }')
  expect(viewer.notifications.edges.map(({ node }) => node.title)).toContain('Someone overtook you')
})

test('who signs up with the same address is somebody else', async () => {
  const again = await createPerson(podium.client, 'New here', life.ada.email)
  expect(again.id).not.toBe(life.ada.id)
  expect((await sync(again, [])).accepted).toBe(0)
})

type Board = {
  leaderboard: {
    standings: { edges: { node: { score: number; user: { displayName: string; bio: string | null } } }[] }
  }
}

/** Tables that only erasure fills. */
const late = ['competitions.erased_people']

async function deleteMyAccount() {
  const { ada } = life
  const mutation = `mutation ($password: String!) { deleteMyAccount(password: $password) { ${USER_ERRORS} } }`
  await expect(ada.mutate(mutation, { password: 'not this one at all' })).rejects.toThrow(/wrong/)
  await ada.mutate(mutation, { password: ada.password })
}

async function allTables(): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select table_schema || '.' || table_name as name from information_schema.tables
     where table_schema in ('users', 'competitions', 'leaderboard', 'fitness', 'notifications')
       and table_name <> '__drizzle_migrations'`,
  )
  return rows.map(({ name }) => name)
}

/** The tables with a row that has one of these texts in any of its columns. */
async function tablesWith(...texts: string[]): Promise<string[]> {
  const condition = texts.map((_, index) => `position($${index + 1} in row::text) > 0`).join(' or ')
  const found: string[] = []
  for (const table of await allTables()) {
    const { rows } = await database.query(`select from ${table} as row where ${condition} limit 1`, texts)
    if (rows.length > 0) found.push(table)
  }
  return found
}

async function sessionsOf(userId: string): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>('select id from users.sessions where user_id = $1', [
    userId,
  ])
  return rows.map(({ id }) => id)
}

async function jobsWith(text: string): Promise<object[]> {
  const { rows } = await podium.queue.query(
    'select payload from events._private_jobs where position($1 in payload::text) > 0',
    [text],
  )
  return rows
}

/** Every key of the prefix, and all that is in it. */
async function redisTexts(): Promise<string[]> {
  const { REDIS_URL: url = '', REDIS_PREFIX: prefix = '' } = podium.env
  const redis = openRedis({ urls: [url], prefix, logger: silent })
  try {
    await new Promise((resolve) => redis.commands.once('ready', resolve))
    const keys = await redis.commands.keys(`${prefix}*`)
    return [
      ...keys,
      ...(await Promise.all(keys.map(async (key) => JSON.stringify(await contentOf(redis.commands, key))))),
    ]
  } finally {
    redis.close()
  }
}

async function contentOf(commands: ReturnType<typeof openRedis>['commands'], key: string): Promise<unknown> {
  const type = await commands.type(key)
  switch (type) {
    case 'string':
      return commands.get(key)
    case 'hash':
      return commands.hgetall(key)
    case 'zset':
      return commands.zrange(key, 0, -1)
    case 'set':
      return commands.smembers(key)
    case 'list':
      return commands.lrange(key, 0, -1)
    case 'stream':
      return commands.xrange(key, '-', '+')
    default:
      throw new Error(`nobody looks into a ${type}`)
  }
}

/** The names and the contents of all files. */
async function files(): Promise<Buffer[]> {
  const folder = podium.env.OBJECT_STORE ?? ''
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return [
    ...found.map((name) => Buffer.from(name)),
    ...(await Promise.all(found.map((name) => readFile(name)))),
  ]
}

async function archives(): Promise<string[]> {
  const names = await readdir(join(podium.env.OBJECT_STORE ?? '', 'exports')).catch(() => [])
  return names.filter((name) => name.endsWith('.zip'))
}
