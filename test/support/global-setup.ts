import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openPostgres } from '../../local/postgres.ts'
import { openRedis } from '../../local/redis.ts'
import { migrateSubgraph } from '../../platform/database.ts'
import { migrateEvents } from '../../platform/event-queue.ts'
import { subgraphNames } from '../../platform/names.ts'

/**
 * One PostgreSQL and one Redis for the whole run. Test files find them by the environment; each clones a database of
 * its own from the migrated template (stores.ts).
 */
export default async function setUp() {
  const directory = await mkdtemp(join(tmpdir(), 'podium-test-'))
  await chmod(directory, 0o711) // PostgreSQL runs as another user when root starts it
  const say = (line: string) => console.error(line)
  const options = { say, durable: false }
  const postgres = await openPostgres({ ...options, directory: join(directory, 'postgres') })
  const redis = await openRedis({ ...options, directory: join(directory, 'redis') })
  const admin = new pg.Client({ connectionString: postgres.url })
  await admin.connect()
  await admin.query('create database podium_template')
  await admin.end()
  const template = databaseUrl(postgres.url, 'podium_template')
  await migrateEvents(template)
  for (const name of subgraphNames) await migrateSubgraph(template, name)
  process.env.TEST_POSTGRES_URL = postgres.url
  process.env.TEST_REDIS_URL = redis.url
  Object.assign(globalThis, { testServers: { directory, postgres, redis } })
}

function databaseUrl(server: string, name: string): string {
  return Object.assign(new URL(server), { pathname: `/${name}` }).href
}
