import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { type Account, enter } from '../../local/accounts.ts'
import { type Client, createClient } from '../../local/client.ts'
import { startSupergraph } from '../../local/supergraph.ts'
import { openDatabase } from '../../platform/database.ts'
import { openQueuePool } from '../../platform/event-queue.ts'
import { subgraphNames } from '../../platform/names.ts'
import { createAdministration } from '../../subgraphs/users/administration.ts'
import { temporaryFiles } from './object-store.ts'
import { createTestDatabase, silent, testPrefix, testRedisUrl } from './stores.ts'

export type TestSupergraph = Awaited<ReturnType<typeof openTestSupergraph>>

/**
 * The environment of a supergraph of a test's own: a fresh database, its own prefix in Redis and folder for files, and
 * secrets that nobody else has.
 */
export async function testEnvironment() {
  const { url, drop } = await createTestDatabase()
  const files = await temporaryFiles()
  const secrets = subgraphNames.map((name) => [
    `${name.toUpperCase()}_SECRET`,
    randomBytes(32).toString('base64url'),
  ])
  return {
    database: { url, drop: async () => void (await Promise.all([drop(), files.remove()])) },
    env: {
      NODE_ENV: 'development',
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
      PORT: '0',
      SYNC_GRACE_MINUTES: '60',
      DATABASE_URL: url,
      REDIS_URL: testRedisUrl(),
      REDIS_PREFIX: testPrefix(),
      SUBGRAPH_TIMEOUT_MS: '30000', // of a machine that does other work, too
      OBJECT_STORE: files.folder,
      ...Object.fromEntries(secrets),
    } as Record<string, string>,
  }
}

/** No budgets, for tests that ask again and again until something is so: on a fast machine they would spend any. */
export const unlimited: Record<string, string> = Object.fromEntries(
  ['PERSON', 'KEY', 'ADDRESS'].flatMap((who) =>
    ['REQUESTS', 'COST'].map((what) => [`${what}_PER_MINUTE_PER_${who}`, 'off']),
  ),
)

/** The whole supergraph behind a real gateway on real sockets, with a clock that a test can move. */
export async function openTestSupergraph(
  change: Record<string, string> = {},
  environment = testEnvironment(),
) {
  const { database, env } = await environment
  let offset = 0
  const now = () => new Date(Date.now() + offset)
  const supergraph = await startSupergraph({ ...env, ...change }, now)
  const queue = openQueuePool(database.url, { max: 2 }, () => {})
  const client = createClient(supergraph.url)
  return {
    url: supergraph.url,
    subgraphs: supergraph.subgraphs,
    client,
    now,
    queue,
    databaseUrl: database.url,
    env,
    /** An account of its own, signed in. */
    person: (name: string) => createPerson(client, name),
    /** A person who has been made an administrator, with a token that says so. */
    async admin(name: string): Promise<Person> {
      const person = await createPerson(client, name)
      const users = openDatabase({ url: database.url, schema: 'users', logger: silent })
      await createAdministration(users.db).setRoleByOperator(person.email, 'ADMIN', now())
      await users.close()
      return person.again()
    },
    /** Moves the clock on, once all that is due has happened, and has what became due by it happen. */
    async passTo(time: Date): Promise<void> {
      await settled(queue) // what is due later is queued by what happens now
      offset = time.getTime() - Date.now()
      await bringForward(queue, time)
    },
    async close(): Promise<void> {
      await supergraph.close()
      await queue.end()
      await database.drop()
    },
  }
}

/** Somebody who uses the API. */
export type Person = Account & {
  name: string
  email: string
  password: string
  /** The same person with a new token. */
  again(): Promise<Person>
  send<Data>(query: string, variables?: object): Promise<Data>
  /** Runs a mutation; userErrors throw. */
  mutate<Payload>(query: string, variables?: object): Promise<Payload>
}

/** An account of a test's own, signed in to whatever gateway the client talks to. */
export async function createPerson(client: Client, name: string, address?: string): Promise<Person> {
  const email = address ?? `${name}.${randomBytes(4).toString('hex')}@example.com`.toLowerCase()
  const password = `the password of ${email}`
  const account = await enter(client, { email, password, displayName: name })
  return {
    ...account,
    name,
    email,
    password,
    again: () => createPerson(client, name, email),
    send: (query, variables = {}) => client.send(query, variables, account.token),
    mutate: (query, variables = {}) => client.mutate(query, variables, account.token),
  }
}

/** Calls until the value satisfies, at most 50 s. For what happens after an answer, by events. */
export async function eventually<T>(read: () => Promise<T>, satisfies: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 50_000; ; ) {
    const value = await read()
    if (satisfies(value)) return value
    if (Date.now() > deadline) throw new Error(`it stayed ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Waits until no event waits to be handled that is due. */
export async function settled(queue: pg.Pool): Promise<void> {
  await eventually(
    async () => {
      const { rows } = await queue.query(
        "select count(*)::int as waiting from events._private_jobs where run_at <= now() + interval '1 minute' and attempts < max_attempts",
      )
      return rows[0].waiting as number
    },
    (waiting) => waiting === 0,
  )
}

/** Jobs are scheduled by PostgreSQL's clock, which a test cannot move: those due by `time` are made due now. */
async function bringForward(queue: pg.Pool, time: Date): Promise<void> {
  await queue.query(
    `update events._private_jobs set run_at = now()
     where run_at > now() and run_at <= $1 and locked_at is null`,
    [time],
  )
}
