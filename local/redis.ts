import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Redis } from 'ioredis'
import { type Running, type Server, startServer, stopServer } from './server.ts'

export type RedisOptions = {
  /** Where the data lives, for one open Redis at a time: one found running there is stopped. */
  directory: string
  say(line: string): void
  /** False for tests: nothing is written to the disk. */
  durable: boolean
  /** A free one unless given; with the port of an earlier start the url is the earlier one too. */
  port?: number
  /** Further lines of its configuration. */
  settings?: readonly string[]
}

/** Starts the Redis (or Valkey) on the PATH on 127.0.0.1, behind a password that the directory keeps. */
export async function openRedis({
  directory,
  say,
  durable,
  port,
  settings = [],
}: RedisOptions): Promise<Server> {
  mkdirSync(directory, { recursive: true })
  const running = runningIn(directory)
  if (await stopServer(running)) say('Stopped the Redis that an earlier start left behind')
  const password = keptPassword(directory)
  return startServer(
    {
      ...running,
      command: findOnPath(['redis-server', 'valkey-server']),
      // From standard input, since a command line is readable by every user.
      args: () => ['-'],
      input: (port) => [...config({ port, password, durable }), ...settings, ''].join('\n'),
      log: join(directory, 'redis.log'),
      url: (port) => `redis://:${password}@127.0.0.1:${port}`,
      answers,
    },
    port,
  )
}

/** Removes the data of a directory, and the server that still runs on it; says what it removed. */
export async function removeRedis(directory: string, say: (line: string) => void): Promise<void> {
  await stopServer(runningIn(directory))
  if (!existsSync(directory)) return
  rmSync(directory, { recursive: true })
  say(`Removed ${directory}`)
}

function config({ port, password, durable }: { port: number; password: string; durable: boolean }): string[] {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `requirepass ${password}`,
    `appendonly ${durable ? 'yes' : 'no'}`,
    'save ""',
  ]
}

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: 2_000, // ms
    commandTimeout: 2_000, // ms
    retryStrategy: () => null,
  })
  client.on('error', () => {}) // connect and ping reject as well
  try {
    await client.connect()
  } catch {
    return false // and closed, since there is no retry; to disconnect again would keep a timer for 2 s
  }
  try {
    await client.ping() // refused until the data is loaded
    return true
  } catch {
    return false
  } finally {
    client.disconnect()
  }
}

function keptPassword(directory: string): string {
  const file = join(directory, 'password')
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
  return readFileSync(file, 'utf8')
}

function findOnPath(names: string[]): string {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return join(folder, name)
      } catch {
        // not in this folder
      }
    }
  }
  throw new Error(`There is no ${names.join(' or ')} on the PATH`)
}

const runningIn = (folder: string): Running => ({
  name: 'Redis',
  folder,
  program: /^(redis|valkey)-server$/,
  signals: ['SIGTERM'],
})
