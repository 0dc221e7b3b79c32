import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, rmSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import pg from 'pg'
import { freePort } from '../test/support/ports.ts'
import { openPostgres, removePostgres } from './postgres.ts'
import { findPostgresHome } from './postgres-home.ts'
import type { Server } from './server.ts'
import { kill, nextLine, processesBelow, silent, startElsewhere, temporaryFolder } from './test-support.ts'

jest.setTimeout(180_000) // ms: each test makes a cluster, which takes a slow machine its time

let directory: string
beforeEach(() => {
  directory = temporaryFolder()
})
afterEach(() => removePostgres(directory, silent))

test('PostgreSQL keeps its data across restarts', async () => {
  const first = await open()
  await query(first, 'create table kept as select 42 as answer')
  await first.close()

  const second = await open()
  expect(await query(second, 'select answer from kept')).toEqual([{ answer: 42 }])
  await second.close()
})

test('a closed PostgreSQL leaves no process', async () => {
  const server = await open()
  expect(processesBelow(await home())).not.toEqual([])
  await server.close()
  expect(processesBelow(await home())).toEqual([])
})

test('a PostgreSQL whose starter was killed is stopped and opened anew', async () => {
  const starter = startElsewhere(
    './postgres.ts',
    `const { url } = await local.openPostgres({ directory: '${directory}', say() {}, durable: true })
     console.log(url)`,
  )
  const orphan = { url: await nextLine(starter) }
  await query(orphan, 'create table kept as select 42 as answer')
  await kill(starter)
  expect(await query(orphan, 'select answer from kept')).toEqual([{ answer: 42 }])

  const said: string[] = []
  const server = await openPostgres({ directory, say: (line) => said.push(line), durable: true })
  expect(said).toEqual(['Stopped the PostgreSQL that an earlier start left behind'])
  expect(await query(server, 'select answer from kept')).toEqual([{ answer: 42 }])
  await expect(query(orphan, 'select 1')).rejects.toThrow('ECONNREFUSED')
  await server.close()
})

test('what was committed survives the sudden end of every process', async () => {
  const first = await open()
  await query(first, 'create table kept as select 42 as answer')
  await first.crash()
  expect(processesBelow(await home())).toEqual([])

  const second = await open()
  expect(await query(second, 'select answer from kept')).toEqual([{ answer: 42 }])
  await second.close()
})

test('a crashed PostgreSQL whose process number went to somebody else starts', async () => {
  const first = await open()
  await first.crash()
  writeFileSync(join(await home(), 'cluster', 'data', 'postmaster.pid'), `${process.pid}\n`)

  const second = await open()
  await second.close()
})

test('a cluster whose creation was killed half way is created anew', async () => {
  const folder = await home()
  const starter = startElsewhere(
    './postgres.ts',
    `await local.openPostgres({ directory: '${directory}', say() {}, durable: true })`,
  )
  await appears(folder, 'cluster.new')
  await appears(join(folder, 'cluster.new'), 'data')
  await kill(starter)
  expect(existsSync(join(folder, 'cluster'))).toBe(false)

  const server = await open()
  expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.close()
})

test('PostgreSQL comes back on a port that a test keeps', async () => {
  const port = await freePort()
  const first = await openPostgres({ directory, say: silent, durable: false, port })
  await first.crash()
  const second = await openPostgres({ directory, say: silent, durable: false, port })
  expect(second.url).toBe(first.url)
  await second.close()
})

test('text sorts by code point and is UTF-8, whatever the locale of the machine', async () => {
  const server = await open()
  const sql = `select string_agg(word, '' order by word) as sorted, upper('é') as upper,
    current_setting('server_encoding') as encoding from unnest(array['b', 'é', 'a', 'B']) as word`
  expect(await query(server, sql)).toEqual([{ sorted: 'Babé', upper: 'É', encoding: 'UTF8' }])
  await server.close()
})

const asRoot = process.getuid?.() === 0 ? test : test.skip

asRoot('as root, a folder that the other user cannot reach has its data elsewhere', async () => {
  chmodSync(directory, 0o700)
  const inside = join(directory, 'postgres')
  const said: string[] = []
  const say = (line: string) => said.push(line)

  const first = await openPostgres({ directory: inside, say, durable: true })
  await query(first, 'create table kept as select 42 as answer')
  await first.close()
  const second = await openPostgres({ directory: inside, say, durable: true })
  expect(await query(second, 'select answer from kept')).toEqual([{ answer: 42 }])
  await second.crash()

  expect(said).toEqual([
    expect.stringMatching(/who cannot reach .*: its data is kept in \/var\/lib\/podium\//),
  ])
  const [, elsewhere = ''] = /kept in (.*)/.exec(said[0] ?? '') ?? []
  expect(existsSync(elsewhere)).toBe(true)
  await removePostgres(inside, say)
  expect(existsSync(elsewhere)).toBe(false)
})

asRoot('as root, data that a deleted clone left elsewhere is not taken for this one', async () => {
  chmodSync(directory, 0o700)
  const inside = join(directory, 'postgres')
  const first = await openPostgres({ directory: inside, say: silent, durable: true })
  await query(first, 'create table kept as select 42 as answer')
  await first.close()
  rmSync(inside, { recursive: true })
  mkdirSync(inside)

  const second = await openPostgres({ directory: inside, say: silent, durable: true })
  await expect(query(second, 'select answer from kept')).rejects.toThrow('does not exist')
  await second.close()
  await removePostgres(inside, silent)
})

function open(): Promise<Server> {
  return openPostgres({ directory, say: silent, durable: true })
}

/** Where the data really lies: not in the directory when root runs this from a folder of its own. */
async function home(): Promise<string> {
  return (await findPostgresHome(directory, silent)).folder
}

async function appears(folder: string, name: string): Promise<void> {
  const watcher = watch(folder)
  while (!existsSync(join(folder, name))) await once(watcher, 'change')
  watcher.close()
}

async function query({ url }: { url: string }, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
