import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import { engineOf, type Front, limits, openFront } from '../test-support/front.ts'

const schema = buildSchema('type Query { a(b: [Int]): Query list: [Query] c: Int }')
const { engine } = engineOf(schema)

let front: Front
beforeAll(async () => {
  // As large as the gateway takes by default.
  front = await openFront(() => engine, { config: { limits: { ...limits, bodyBytes: 1_000_000 } } })
  await front.post({ query: '{ c }' })
  await front.post({ query: '{ none }' })
})
afterAll(() => front.close())

const many = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => item(i)).join(' ')
const nested = (depth: number, inner: string): string =>
  depth === 0 ? inner : `a { ${nested(depth - 1, inner)} }`

const bombs: [string, string][] = [
  ['ten thousand aliases', `{ ${many(10_000, (i) => `a${i}: c`)} }`],
  ['31 aliases', `{ a { ${many(31, (i) => `a${i}: c`)} } }`],
  ['fields without end', `{ ${many(100_000, () => 'c')} }`],
  ['a thousand levels', `{ ${nested(300, 'c')} }`],
  ['braces within braces', '{a'.repeat(45_000)],
  ['lists within lists', `{ a(b: ${'['.repeat(90_000)}`],
  ['one name, as long as may be', `{ ${'c'.repeat(99_000)} }`],
  ['one name of a megabyte', `{ ${'c'.repeat(900_000)} }`],
  ['one text of a megabyte', `{ a(b: "${'c'.repeat(900_000)}") { c } }`],
  ['nothing, as long as may be', `{ c d ${'\n'.repeat(99_000)} }`],
  ['a megabyte of nothing', `{ c d ${' '.repeat(900_000)} }`],
  [
    'fragments that double',
    `{ ...F0 } ${many(60, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F60 on Query { c }`,
  ],
  [
    'fragments within fields that double',
    `{ ...F0 } ${many(30, (i) => `fragment F${i} on Query { a { ...F${i + 1} } list { ...F${i + 1} } }`)} fragment F30 on Query { c }`,
  ],
  [
    'fragments in a circle',
    `{ ...F0 } ${many(60, (i) => `fragment F${i} on Query { a { ...F${(i + 1) % 60} ...F${(i + 7) % 60} } }`)}`,
  ],
  ['fields that overlap', `{ ${many(19, () => `a { ${many(19, () => 'a { c d }')} }`)} }`],
  ['directives without end', `{ c ${'@skip(if: true) '.repeat(150)} }`],
  ['variables without end', `query (${many(240, (i) => `$v${i}: Int`)}) { d }`],
]

/** Asks, and tells the processor time that client and server took, in ms: what else the machine does is not in it. */
async function ask(body: string): Promise<{ status: number; data: unknown; time: number }> {
  let time = Number.POSITIVE_INFINITY
  let answer = { status: 0, data: undefined }
  for (let tries = 0; tries < 5; tries++) {
    const started = process.cpuUsage()
    const { status, body: result } = await front.post(body)
    const { user, system } = process.cpuUsage(started)
    time = Math.min(time, (user + system) / 1_000)
    answer = { status, data: result.data }
  }
  return { ...answer, time }
}

test.each(bombs)('%s are refused at once', async (_, query) => {
  const { status, data, time } = await ask(JSON.stringify({ query }))
  expect([status, data]).toEqual([400, undefined])
  expect(time).toBeLessThan(50)
})

test.each<[string, string, number]>([
  ['a megabyte too much', JSON.stringify({ query: `{ c #${'x'.repeat(2_000_000)}` }), 413],
  ['a body of braces', '{"a":'.repeat(180_000), 400],
  ['a body of lists', '['.repeat(900_000), 400],
  ['a body of slashes', `"${'\\'.repeat(450_000)}`, 400],
  [
    'variables of lists',
    `{"query":"{ c }","variables":{"a":${'['.repeat(400_000)}${']'.repeat(400_000)}}}`,
    400,
  ],
])('%s is refused at once', async (_, body, expected) => {
  const { status, time } = await ask(body)
  expect(status).toBe(expected)
  expect(time).toBeLessThan(50)
})
