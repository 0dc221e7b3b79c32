import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { type OpenDatabase, openDatabase } from '../../platform/database.ts'
import { createLogger } from '../../platform/logger.ts'
import type { SubgraphName } from '../../platform/names.ts'
import { type OpenRedis, openRedis } from '../../platform/redis.ts'

/** Logs nothing; a test that is about the log makes its own. */
export const silent = createLogger('silent')

/** How long what a test does at once waits for a connection, however slow the machine. */
export const PATIENCE = 20_000 // ms

/** A fresh database, cloned from the migrated template; `drop` also ends the connections that are left. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = process.env.TEST_POSTGRES_URL ?? ''
  const name = `test_${randomBytes(8).toString('hex')}`
  await admin(server, async (client) => {
    // Cloning needs the template to itself: test files take turns.
    await client.query('select pg_advisory_lock(7461002)')
    await client.query(`create database ${name} template podium_template`)
  })
  return {
    url: Object.assign(new URL(server), { pathname: `/${name}` }).href,
    drop: () =>
      admin(server, async (client) => void (await client.query(`drop database ${name} with (force)`))),
  }
}

/** An open database and the URL of the same as its owner. */
export type TestStore = OpenDatabase & { url: string }

/** One subgraph's view of a fresh database. */
export async function openTestStore(schema: SubgraphName): Promise<TestStore> {
  const database = await createTestDatabase()
  const open = openDatabase({ url: database.url, schema, logger: silent, patience: PATIENCE })
  return {
    ...open,
    url: database.url,
    async close() {
      await open.close()
      await database.drop()
    },
  }
}

/** The run's Redis under a prefix of one's own. */
export async function openTestRedis(): Promise<OpenRedis> {
  const redis = openRedis({ urls: [testRedisUrl()], prefix: testPrefix(), logger: silent })
  await new Promise((resolve) => redis.commands.once('ready', resolve))
  return redis
}

export const testRedisUrl = () => process.env.TEST_REDIS_URL ?? ''

export const testPrefix = () => `test:${randomBytes(6).toString('hex')}:`

async function admin(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
