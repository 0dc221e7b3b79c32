import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { findPostgresHome, type PostgresHome, postgresFolders } from './postgres-home.ts'
import { type Running, type Server, startServer, stopServer } from './server.ts'

export type PostgresOptions = {
  /** Where the data lives, for one open PostgreSQL at a time: one found running there is stopped. */
  directory: string
  say(line: string): void
  /** False for tests: nothing waits for the disk. */
  durable: boolean
  /** A free one unless given. */
  port?: number
}

/** Starts PostgreSQL on 127.0.0.1, on the data that the directory keeps; the url is its superuser's. */
export async function openPostgres({ directory, say, durable, port }: PostgresOptions): Promise<Server> {
  const home = await findPostgresHome(directory, say)
  const running = runningIn(home.folder)
  if (await stopServer(running)) say('Stopped the PostgreSQL that an earlier start left behind')
  // Nothing runs here now, but the pid it names may be a stranger's by now, and PostgreSQL would believe it.
  rmSync(join(running.folder, 'postmaster.pid'), { force: true })
  if (!existsSync(join(home.folder, 'cluster'))) await createCluster(home, durable)

  const password = readFileSync(passwordFile(join(home.folder, 'cluster')), 'utf8').trim()
  return startServer(
    {
      ...running,
      command: join(home.binaries, 'postgres'),
      args: (port) => ['-D', running.folder, '-p', `${port}`, ...asOptions(settings(durable))],
      user: home.user,
      log: join(home.folder, 'postgres.log'),
      url: (port) => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      answers,
    },
    port,
  )
}

/** Removes the data of a directory, wherever it lies, and the server that still runs on it; says what it removed. */
export async function removePostgres(directory: string, say: (line: string) => void): Promise<void> {
  for (const folder of postgresFolders(directory)) {
    await stopServer(runningIn(folder))
    if (!existsSync(folder)) continue
    rmSync(folder, { recursive: true })
    say(`Removed ${folder}`)
  }
}

function settings(durable: boolean): Record<string, string> {
  const always = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '', // their paths may not be longer than 107 bytes, a clone's may
    max_connections: '200',
    dynamic_shared_memory_type: 'mmap', // a container's /dev/shm is small, and a crash leaves files in it
    timezone: 'UTC',
    log_timezone: 'UTC',
  }
  if (durable) return always
  return { ...always, fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
}

/** Made beside its place and renamed, so that an interrupted start leaves no half of a cluster. */
async function createCluster({ folder, binaries, user }: PostgresHome, durable: boolean): Promise<void> {
  const cluster = join(folder, 'cluster.new')
  const initdb = { name: 'initdb', program: /^(initdb|postgres)$/, signals: [] }
  for (const left of [cluster, dataFolder(cluster)]) await stopServer({ ...initdb, folder: left })
  rmSync(cluster, { recursive: true, force: true })

  mkdirSync(cluster)
  writeFileSync(passwordFile(cluster), `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 })
  if (user) for (const path of [cluster, passwordFile(cluster)]) chownSync(path, user.uid, user.gid)
  await promisify(execFile)(
    join(binaries, 'initdb'),
    [
      `--pgdata=${dataFolder(cluster)}`,
      '--username=postgres',
      `--pwfile=${passwordFile(cluster)}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // PostgreSQL's own C.UTF-8 sorts alike on every machine; the system's locales do not.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(durable ? [] : ['--no-sync']),
    ],
    { cwd: cluster, env: { PATH: process.env.PATH, LC_ALL: 'C' }, timeout: 60_000 /* ms */, ...user },
  )
  renameSync(cluster, join(folder, 'cluster'))
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {}) // a connection cut while it opens; connect rejects as well
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

/** SIGINT is its fast shutdown: clients are disconnected, data is written. SIGQUIT leaves that to recovery. */
const runningIn = (folder: string): Running => ({
  name: 'PostgreSQL',
  folder: dataFolder(join(folder, 'cluster')),
  program: /^postgres$/,
  signals: ['SIGINT', 'SIGQUIT'],
})

const dataFolder = (cluster: string) => join(cluster, 'data')
const passwordFile = (cluster: string) => join(cluster, 'password')
const asOptions = (values: Record<string, string>) =>
  Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
