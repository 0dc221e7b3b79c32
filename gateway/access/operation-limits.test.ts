import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type DocumentNode, parse, visit } from 'graphql'
import { framesOf, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'
import { checkOperation } from './operation-limits.ts'

let subgraphs: TestSubgraphs
let gateway: TestGateway
beforeAll(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs)
})
afterAll(async () => {
  await gateway.close()
  await subgraphs.close()
})

const check = (query: string) => checkDocument(parse(query))

const checkDocument = (document: DocumentNode) =>
  checkOperation(document, { depth: 3, selections: 2_000, aliases: 30, rootFields: 20 })

test('depth counts fields, wherever a fragment puts them', () => {
  check('{ a { b { c } } }')
  expect(() => check('{ a { b { c { d } } } }')).toThrow('3 levels')
  expect(() => check('{ a { ...F } } fragment F on T { b { ... { c { d } } } }')).toThrow('3 levels')
  check('{ __schema { types { fields { type { name } } } } }')
})

test('a fragment within itself ends', () => {
  check('{ ...F } fragment F on T { a { ...G } } fragment G on T { ...F }')
})

test('fragments that multiply are refused, and read a few times each', () => {
  const doubling = Array.from({ length: 60 }, (_, i) => `fragment F${i} on T { ...F${i + 1} ...F${i + 1} }`)
  const document = parse(`{ ...F0 } ${doubling.join(' ')} fragment F60 on T { a }`)
  limitReading(document, 5)
  expect(() => checkDocument(document)).toThrow('2,000 fields')
})

test('aliases and fields at the root have limits', () => {
  const many = (count: number, field: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => field(i)).join(' ')
  expect(() => check(`{ a { ${many(31, (i) => `b${i}: b`)} } }`)).toThrow('30 aliases')
  expect(() => check(`{ ${many(21, (i) => `b${i}`)} }`)).toThrow('20 fields at the root')
})

test('values have a limit on how deep they are nested', () => {
  const value = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`
  check(`{ a(b: ${value(8)}) }`)
  expect(() => check(`{ a(b: ${value(9)}) }`)).toThrow('8 levels of lists')
  expect(() => check(`query ($v: [Int] = ${value(9)}) { a }`)).toThrow('8 levels of lists')
})

test.each(['__proto__', 'constructor', 'prototype'])('%s is no name for an alias or a variable', (name) => {
  expect(() => check(`{ ${name}: a }`)).toThrow(name)
  expect(() => check(`query ($${name}: Int) { a(b: $${name}) }`)).toThrow(name)
})

test('__typename is no alias for another field', () => {
  check('{ a { __typename: __typename kind: __typename } }')
  expect(() => check('{ a { __typename: name } }')).toThrow('__typename')
})

const next = (inner: string) => `organizer { competitions { edges { node { ${inner} } } } }`
const bombs: [string, string, string][] = [
  ['depth', `competition { ${next(next(next('id')))} }`, 'OPERATION_TOO_COMPLEX'],
  ['tokens', Array.from({ length: 1_000 }, () => 'revision').join(' '), 'GRAPHQL_PARSE_FAILED'],
  ['aliases', Array.from({ length: 31 }, (_, i) => `a${i}: revision`).join(' '), 'OPERATION_TOO_COMPLEX'],
  ['names', '__proto__: revision', 'BAD_USER_INPUT'],
]

test.each(bombs)('over HTTP an operation beyond the limit on %s is refused', async (_, fields, code) => {
  const { status, body } = await gateway.ask(`{ leaderboard(competitionId: "cup") { ${fields} } }`)
  expect(status).toBe(400)
  expect(body.errors).toMatchObject([{ extensions: { code } }])
})

test.each(bombs)('over WebSocket an operation beyond the limit on %s is refused', async (_, fields, code) => {
  const client = gateway.watch()
  const frames = framesOf(client, `subscription { leaderboardChanged(competitionId: "cup") { ${fields} } }`)
  await expect(frames.next()).rejects.toMatchObject([{ extensions: { code } }])
  await client.dispose()
})

/** Has each selection set of a document throw when it is read more often than this. */
function limitReading(document: DocumentNode, most: number): void {
  visit(document, {
    SelectionSet: {
      leave(node) {
        const { selections } = node
        let reads = 0
        Object.defineProperty(node, 'selections', {
          enumerable: true,
          get() {
            reads += 1
            if (reads > most) throw new Error(`it is read more than ${most} times`)
            return selections
          },
        })
      },
    },
  })
}
