import { expect, test } from '@jest/globals'
import { buildSchema, getOperationAST, getVariableValues, parse } from 'graphql'
import { variableCoercion } from './variable-coercion.ts'

const schema = buildSchema(`
  enum Metric { STEPS }
  input Filter { first: Int = 10, metrics: [Metric!], within: Filter, name: String! }
  type Query { found(filter: Filter, count: Int!, metric: Metric, on: Boolean): Int }
`)
const text =
  'query ($filter: Filter, $count: Int! = 3, $metric: Metric = STEPS, $on: Boolean, $must: Int!) { found }'
const operation = getOperationAST(parse(text))
if (!operation) throw new Error('there is one')
const coerce = variableCoercion(schema, operation, ['on'])

test.each<Record<string, unknown>>([
  { must: 1 },
  { must: 1, filter: null, metric: null },
  { must: 1, filter: { name: 'a', metrics: 'STEPS' } },
  { must: 1, count: 4, on: true, filter: { name: 'a', first: null, within: { name: 'b' } }, other: 1 },
])('%j is coerced as graphql-js does', (variables) => {
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables)
  expect(coerce(variables)).toEqual({ coerced, errors: undefined })
})

test.each<[string, Record<string, unknown>]>([
  ['Variable "$must" of required type "Int!" was not provided.', {}],
  ['Variable "$must" of non-null type "Int!" must not be null.', { must: null }],
  [
    'Variable "$filter" got an invalid value at "filter.metrics[1]"; Value "STEP" does not exist in "Metric" enum.',
    { must: 1, filter: { name: 'a', metrics: ['STEPS', 'STEP'] } },
  ],
  ['Variable "$on" is a condition and must not be null.', { must: 1, on: null }],
])('%s', (message, variables) => {
  expect(coerce(variables).errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }])
})

const MEGABYTE = 1_000_000
const keys = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, value]))

test.each<[string, object]>([
  ['unknown keys', keys(60_000, 1)],
  ['unknown keys that hold lists', keys(20_000, Array(10).fill({}))],
  ['one unknown key', { name: 'a', ['k'.repeat(MEGABYTE)]: 1 }],
  ['a number that is a text', { name: 'a', first: 'x'.repeat(MEGABYTE) }],
  ['lists of what does not exist', { name: 'a', metrics: Array(100_000).fill('STEP') }],
  ['objects where there should be none', { name: 'a', metrics: Array(60_000).fill(keys(2, 1)) }],
])('a megabyte of %s is refused in few words, and hardly read', (_, filter) => {
  let reads = 0
  const { errors } = coerce({ must: 1, filter: watched(filter, () => (reads += 1)) })
  expect(errors).not.toBeUndefined()
  expect(JSON.stringify(errors).length).toBeLessThan(3_000)
  expect(reads).toBeLessThan(200)
})

/** A value that tells of each property of it, and of what is in it, that is read. */
function watched<T extends object>(value: T, onRead: () => void): T {
  return new Proxy(value, {
    get(target, key) {
      onRead()
      const inner: unknown = Reflect.get(target, key)
      return typeof inner === 'object' && inner !== null ? watched(inner, onRead) : inner
    },
  })
}
