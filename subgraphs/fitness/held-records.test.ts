import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { anonymous, openTestSubgraph, signedIn, sync, walk } from './subgraph-support.ts'

let fitness: Awaited<ReturnType<typeof openTestSubgraph>>
const admin = signedIn(randomUUID(), 'fitness:admin')
const [ada, bob, owner] = [signedIn(), signedIn(), signedIn()]

beforeAll(async () => {
  fitness = await openTestSubgraph()
  await fitness.ask(owner, sync, walk(owner, '07:00', 1))
})
afterAll(() => fitness.close())

/** Ada and Bob walk with somebody else's watch: every time they send versions that nobody has decided on. */
let version = 0
beforeEach(async () => {
  version += 1
  await hold(ada, '09:00', 300)
  await hold(bob, '08:00', 200)
  await hold(bob, '09:00', 100)
})

async function hold(person: typeof ada, time: string, value: number) {
  const { input } = walk(owner, time, value)
  const records = input.records.map((record) => ({ ...record, version }))
  const { data } = await fitness.ask(person, sync, { input: { ...input, records } })
  expect(data?.syncFitness).toMatchObject({ accepted: 1, held: 1 })
}

type Held = { record: { id: string; value: number; outcome: string; reason: string }; user: { id: string } }
type Page = { edges: { node: Held }[]; pageInfo: { hasNextPage: boolean; endCursor: string } }

const heldRecords = (args = '') => `{ heldRecords${args} {
  edges { node { record { id value outcome reason } user { id } } } pageInfo { hasNextPage endCursor }
} }`

async function page(args?: string): Promise<Page> {
  const { data } = await fitness.ask(admin, heldRecords(args))
  return data?.heldRecords as unknown as Page
}

const valuesOf = ({ edges }: Page) => edges.map(({ node }) => node.record.value)

async function review(accept: boolean, { record }: Held) {
  const source = `mutation ($ids: [ID!]!, $accept: Boolean!) {
    reviewRecords(ids: $ids, accept: $accept, reason: "x") { userErrors { code } }
  }`
  const { data } = await fitness.ask(admin, source, { ids: [record.id], accept })
  expect(data?.reviewRecords).toEqual({ userErrors: [] })
}

test('only who has the scope sees what is held', async () => {
  expect((await fitness.ask(anonymous, heldRecords())).codes).toEqual(['UNAUTHENTICATED'])
  expect((await fitness.ask(ada, heldRecords())).codes).toEqual(['FORBIDDEN'])
  expect((await page()).edges).toHaveLength(3)
})

test("everybody's come in the order in which they start, with whose they are and why they are held", async () => {
  const { edges } = await page()
  expect(edges[0]?.node).toEqual({
    record: {
      id: expect.any(String),
      value: 200,
      outcome: 'QUARANTINED',
      reason: 'Its device belongs to another person.',
    },
    user: { id: bob.id },
  })
  expect(edges.slice(1).map(({ node }) => [node.record.value, node.user.id])).toEqual(
    expect.arrayContaining([
      [300, ada.id],
      [100, bob.id],
    ]),
  )
})

test('pages follow one another, though what was on the first is decided meanwhile', async () => {
  const all = valuesOf(await page())
  const first = await page('(first: 2)')
  expect([valuesOf(first), first.pageInfo.hasNextPage]).toEqual([all.slice(0, 2), true])
  for (const { node } of first.edges) await review(false, node)
  const second = await page(`(first: 2, after: "${first.pageInfo.endCursor}")`)
  expect([valuesOf(second), second.pageInfo.hasNextPage]).toEqual([all.slice(2), false])
})

test('what is decided disappears, whatever was decided', async () => {
  const [first, second, third] = (await page()).edges.map(({ node }) => node)
  if (!first || !second || !third) throw new Error('three records are held')
  await review(true, first)
  await review(false, second)
  expect(valuesOf(await page())).toEqual([third.record.value])
})

test('what is deleted at its source disappears', async () => {
  const input = { provider: 'APPLE_HEALTH', deviceId: owner.id, deleted: ['08:00'] }
  await fitness.ask(bob, sync, { input })
  expect(valuesOf(await page())).not.toContain(200)
})

test.each(['(first: 0)', '(first: 101)', '(after: "x")'])('%s cannot be asked', async (args) => {
  expect((await fitness.ask(admin, heldRecords(args))).codes).toEqual(['BAD_USER_INPUT'])
})
