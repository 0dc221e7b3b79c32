import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createUserDirectory } from './directory.ts'
import { openUsersStore } from './test-support.ts'

let database: Awaited<ReturnType<typeof openUsersStore>>
beforeAll(async () => {
  database = await openUsersStore()
  const names = ['Ada Lovelace', 'ada b', 'Bo', 'Cleo 100%', 'Cleo 100 times']
  for (const [index, displayName] of names.entries()) {
    const email = `${['ada', 'adam', 'adrian', 'c_o', 'clo'][index]}@example.com`
    await database.signUp({ displayName, email }, new Date(Date.UTC(2026, 0, 1 + index)))
  }
})
afterAll(() => database.close())

const page = (args: { first?: number; after?: string | null; search?: string }) =>
  createUserDirectory(database.db).page(args)
const names = async (search?: string) =>
  (await page({ ...(search !== undefined && { search }) })).edges.map(({ node }) => node.displayName)

test('everyone is listed, newest first, and nobody twice', async () => {
  const seen: string[] = []
  for (let after: string | null = null; ; ) {
    const { edges, pageInfo, totalCount } = await page({ first: 2, after })
    seen.push(...edges.map(({ node }) => node.displayName))
    expect(await totalCount()).toBe(5)
    after = pageInfo.endCursor
    if (!pageInfo.hasNextPage) break
  }
  expect(seen).toEqual(['Cleo 100 times', 'Cleo 100%', 'Bo', 'ada b', 'Ada Lovelace'])
})

test.each([
  ['ADA', ['ada b', 'Ada Lovelace']],
  ['ad', ['Bo', 'ada b', 'Ada Lovelace']],
  ['adrian@EXAMPLE.com', ['Bo']],
  ['Cleo 100%', ['Cleo 100%']],
  ['c_', ['Cleo 100%']],
  ['\\', []],
  ['%', []],
  ['love', []],
  ['\u0000', []],
  ['\ud800', []],
  ['', ['Cleo 100 times', 'Cleo 100%', 'Bo', 'ada b', 'Ada Lovelace']],
])('a search for %j finds whose name or address begins with it', async (search, expected) => {
  expect(await names(search)).toEqual(expected)
})

test('what is searched is counted', async () => {
  const { totalCount } = await page({ first: 1, search: 'ada' })
  expect(await totalCount()).toBe(2)
})
