import { expect, test } from '@jest/globals'
import { ManifestError, readManifest, sha256 } from './manifest.ts'

const body = 'query A {\n  viewer {\n    id\n  }\n}'
const operation = { id: sha256(body), name: 'A', type: 'query', body }
const apollo = (...operations: object[]) =>
  JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations })

function faultsOf(text: string): readonly string[] {
  try {
    readManifest(text)
  } catch (error) {
    if (error instanceof ManifestError) return error.faults
    throw error
  }
  return []
}

test.each([
  ['Apollo’s', apollo(operation), operation.id],
  ['Apollo’s with ids of an app’s own', apollo({ ...operation, id: 'a-1' }), 'a-1'],
  ['documents by their SHA-256', JSON.stringify({ [operation.id]: body }), operation.id],
  ['documents by Relay’s MD5', JSON.stringify({ '0c4ba2e5b6b6cf36b4b5d9f3a1d3c0aa': body }), '0c4ba2e5b6b6cf36b4b5d9f3a1d3c0aa'], // biome-ignore format: one line
])('a manifest is %s', (_, text, id) => {
  expect(readManifest(text)).toMatchObject([{ id, body }])
})

test('an operation that is there twice is one', () => {
  expect(readManifest(apollo(operation, operation))).toHaveLength(1)
})

test('a manifest may be empty', () => {
  expect([...readManifest(apollo()), ...readManifest('{}')]).toEqual([])
})

test('every fault of the documents is told, with their ids', () => {
  const hash = 'a'.repeat(64)
  const text = apollo(
    { ...operation, id: hash },
    { ...operation, id: 'one' },
    { ...operation, id: 'one', body: '{ other }' },
    { ...operation, id: 'two', body: '{' },
    { ...operation, id: 'three', body: 'fragment F on User { id }' },
  )
  expect(faultsOf(text)).toEqual([
    `${hash}: is not the SHA-256 of its document`,
    'one: is the id of two documents',
    'two: Syntax Error: Expected Name, found <EOF>.',
    'three: has no operation',
  ])
})

test.each([
  ['no JSON', '{'],
  ['a list', '[]'],
  ['nothing', 'null'],
  ['another format', '{"format":"relay","version":1,"operations":[]}'],
  ['another version', '{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}'],
  ['an operation without a body', apollo({ ...operation, body: undefined })],
  ['documents that are no texts', '{"a":{"query":"{ viewer { id } }"}}'],
])('%s is no manifest', (_, text) => {
  expect(faultsOf(text)).not.toEqual([])
})
