import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'drizzle-orm'
import { createTestDatabase, silent } from '../test/support/stores.ts'
import { openTcpProxy } from '../test/support/tcp-proxy.ts'
import { openDatabase } from './database.ts'
import { isDatabaseAway } from './database-away.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('a connection that is lost within a transaction fails the transaction alone', async () => {
  const { db, proxy, close } = await openOverProxy()
  const transaction = db.transaction(async (tx) => {
    await tx.execute(sql`select 1`)
    await cut(proxy)
    await tx.execute(sql`select 2`)
  })
  await expect(transaction).rejects.toThrow()
  expect((await db.execute(sql`select 3 as three`)).rows).toEqual([{ three: 3 }])
  await close()
})

test('a connection that is lost before its transaction begins is replaced', async () => {
  const { db, proxy, close } = await openOverProxy()
  await db.execute(sql`select 1`)
  for (const connection of proxy.connections()) connection.cut()
  await expect(db.transaction((tx) => tx.execute(sql`select 2`))).rejects.toThrow()
  expect((await db.execute(sql`select 3 as three`)).rows).toEqual([{ three: 3 }])
  await close()
})

test('a pool without a connection left and a server that is not there are away, a query that fails is not', async () => {
  const { db, url, close } = await openOverProxy()
  const failure = (work: Promise<unknown>) => work.then(() => undefined, (error: unknown) => error) // biome-ignore format: one answer
  await db.transaction(async (tx) => {
    expect(isDatabaseAway(await failure(db.execute(sql`select 1`)))).toBe(true)
    expect(isDatabaseAway(await failure(db.transaction((other) => other.execute(sql`select 1`))))).toBe(true)
    await tx.execute(sql`select 1`)
  })
  expect(isDatabaseAway(await failure(db.execute(sql`select 1 / 0`)))).toBe(false)
  await close()
  const nowhere = openDatabase({ url, schema: 'users', logger: silent })
  expect(isDatabaseAway(await failure(nowhere.db.execute(sql`select 1`)))).toBe(true)
  await nowhere.close()
})

/** A pool of one connection over a network that can fail. */
async function openOverProxy() {
  const url = new URL(database.url)
  const proxy = await openTcpProxy(Number(url.port))
  url.port = String(proxy.port)
  const open = openDatabase({ url: url.href, schema: 'users', logger: silent, connections: 1 })
  return {
    ...open,
    url: url.href,
    proxy,
    async close() {
      await open.close()
      await proxy.close()
    },
  }
}

async function cut(proxy: Awaited<ReturnType<typeof openTcpProxy>>): Promise<void> {
  for (const connection of proxy.connections()) {
    connection.cut()
    await connection.closed
  }
}
