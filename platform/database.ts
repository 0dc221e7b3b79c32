import { fileURLToPath } from 'node:url'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import type { Logger } from './logger.ts'
import { type SubgraphName, subgraphNames } from './names.ts'

/** A connection pool, or a transaction on it: stores take either. */
export type Database = Pick<NodePgDatabase, 'select' | 'selectDistinct' | 'selectDistinctOn' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction' | 'with' | '$with' | '$count'> // biome-ignore format: one list

/** What has to be done in a transaction. */
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

export type OpenDatabase = {
  db: Database
  pool: pg.Pool
  /** Rejects when PostgreSQL does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** The role that owns a schema; `events` is the queue's. */
type SchemaName = SubgraphName | 'events'

/** PostgreSQL int8 comes as a number: every one of ours is below 2^53. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/** A pool that works as the one role that may touch this schema, so that no query can cross into another. */
export function openDatabase(options: {
  url: string
  schema: SchemaName
  logger: Logger
  connections?: number
  /** How long work waits for one of them, in ms. */
  patience?: number
}): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: options.url,
    options: `-c role=${roleOf(options.schema)} -c search_path=${options.schema}`,
    application_name: `podium ${options.schema}`,
    max: options.connections ?? 10,
    connectionTimeoutMillis: options.patience ?? 2_000, // ms
    statement_timeout: 5_000, // ms
    idleTimeoutMillis: 30_000, // ms
  })
  // The pool listens to idle connections alone; without a listener one that dies in a transaction would end the process.
  pool.on('connect', (client) => {
    client.on('error', (error) => {
      if (!pool.ending) options.logger.warn({ error: error.message }, 'database connection lost')
    })
  })
  pool.on('error', () => {}) // its connection has told
  return {
    db: Object.assign(drizzle(pool), { transaction: transactionOn(pool) }),
    pool,
    ping: async () => void (await pool.query('select 1')),
    close: () => pool.end(),
  }
}

/** Drizzle's own, on a pool, never gives a connection back on which `begin` failed. */
function transactionOn(pool: pg.Pool): Database['transaction'] {
  return async (work, config) => {
    const client = await pool.connect()
    try {
      return await drizzle(client).transaction(work, config)
    } finally {
      client.release()
    }
  }
}

/**
 * Creates a subgraph's role and schema where they are missing and brings its tables up to date. Many processes may
 * start at once: they take turns. The user of `url` must be allowed to create roles and schemas, unless they exist.
 */
export async function migrateSubgraph(url: string, name: SubgraphName): Promise<void> {
  await withSchema(url, name, async (client) => {
    await migrate(drizzle(client), {
      migrationsFolder: fileURLToPath(new URL(`../subgraphs/${name}/migrations`, import.meta.url)),
      migrationsSchema: name,
    })
  })
}

/** Runs `work` as the owner of a schema that exists by then, one process at a time. */
export async function withSchema(
  url: string,
  schema: SchemaName,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(7461001)')
    await createRoles(client)
    const role = roleOf(schema)
    const { rows } = await client.query("select pg_has_role(current_user, $1, 'SET') as member", [role])
    if (!rows[0].member) await client.query(`grant ${role} to current_user`)
    await client.query(`create schema if not exists ${schema} authorization ${role}`)
    // The migrators say "create schema if not exists" themselves, which asks for this right even where it does.
    const { rows: databases } = await client.query(
      "select quote_ident(current_database()) as name, has_database_privilege($1, current_database(), 'CREATE') as may",
      [role],
    )
    if (!databases[0].may) await client.query(`grant create on database ${databases[0].name} to ${role}`)
    await client.query(`set role ${role}`)
    await client.query(`set search_path = ${schema}`)
    await work(client)
  } finally {
    await client.end()
  }
}

/** Of all subgraphs at once: the queue grants to each of them, in whatever order processes start. */
async function createRoles(client: pg.Client): Promise<void> {
  const { rows } = await client.query('select rolname from pg_roles')
  const existing = new Set(rows.map((row) => row.rolname))
  for (const role of [...subgraphNames, 'events' as const].map(roleOf)) {
    if (existing.has(role)) continue
    // Roles belong to the whole server, so a process of another of its databases may be creating them, too.
    await client.query(`do $$ begin create role ${role} nologin; exception when duplicate_object or unique_violation then end $$`) // biome-ignore format: SQL
  }
}

export function roleOf(schema: SchemaName): string {
  return `podium_${schema}`
}
