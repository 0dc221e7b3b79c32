import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { buildSchema, execute, type GraphQLSchema, getOperationAST, parse, validate } from 'graphql'
import {
  schema as arbitrary,
  flags,
  operation as operations,
} from '../execution/completion/arbitrary-operation.test-support.ts'
import { type ActualCost, compileCost } from './cost.ts'
import { type CostWeights, readCostWeights } from './cost-weights.ts'

const directives = `
  directive @link(url: String!, as: String, import: [Any]) on SCHEMA
  directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
  scalar Any
`
const library = `${directives}
  type Query {
    book: Book
    books(first: Int = 5, last: Int): [Book!]! @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
    page(first: Int = 20, query: Search): Page @listSize(slicingArguments: ["first"], sizedFields: ["edges"])
    strict(first: Int, last: Int): [Book] @listSize(slicingArguments: ["first", "last"])
    found(query: Search!): [Book] @listSize(slicingArguments: ["query.first"])
    twelve: [Book] @listSize(assumedSize: 12)
    plain: [Book]
    grid: [[Book]]
    dear: Book @cost(weight: 50)
    tags: [Tag!]
    one: Item
    items: [Item] @listSize(assumedSize: 3)
  }
  type Mutation { add(books: [NewBook!]!, note: String @cost(weight: 4)): Book }
  type Subscription { added: Book }
  input Search { first: Int, text: String @cost(weight: 3) }
  input NewBook { title: String!, parts: [NewBook!] = [] }
  type Page { edges: [Edge!]! total: Int! }
  type Edge { node: Book! }
  type Book implements Item { id: ID! title: String! writer: Writer! heavy: Int @cost(weight: 7) }
  type Writer @cost(weight: 2) { name: String books: [Book!]! }
  type Film implements Item { id: ID! scenes: [Film!]! @listSize(assumedSize: 100) }
  interface Item { id: ID! }
  enum Tag @cost(weight: 1) { A B }
`

function costOf(query: string, schema = library) {
  return compiled(query, buildSchema(schema), weightsOf(schema))
}

function compiled(query: string, schema: GraphQLSchema, costs: CostWeights) {
  const document = parse(query)
  const operation = getOperationAST(document)
  if (!operation) throw new Error('there is no operation')
  return compileCost({ schema, costs, document, operation, listSize: 10 })
}

const weightsOf = (sdl: string) => readCostWeights(parse(sdl))

const estimate = (query: string, variables: Record<string, unknown> = {}) => costOf(query).estimate(variables)

test.each([
  ['an object is 1 and its scalars nothing', '{ book { id title } }', 1],
  [
    'a type and a field have the weights that they say',
    '{ book { heavy writer { name } } dear { id } }',
    1 + 7 + 2 + 50,
  ],
  ['a list is as long as is asked for', '{ books(first: 30) { id } }', 30],
  ['a list is as long as is asked for by default', '{ books { id } }', 5],
  ['of several lengths the largest counts', '{ books(first: 3, last: 8) { id } }', 8],
  ['a page sizes its list', '{ page(first: 7) { total edges { node { id } } } }', 1 + 7 * 2],
  [
    'a page sizes its list under an alias and in a fragment',
    '{ p: page(first: 7) { ... { e: edges { node { id } } } } }',
    1 + 7 * 2,
  ],
  ['an input field sizes a list', '{ found(query: {first: 4}) { id } }', 1 + 4],
  ['a list is as long as is assumed of it, or of any', '{ twelve { id } plain { id } }', 12 + 10],
  [
    'lists in lists multiply',
    '{ grid { id } books(first: 3) { writer { books { id } } } }',
    100 + 3 * (1 + 2 + 10),
  ],
  ['enums may have a weight', '{ tags }', 10],
  [
    'the same field in several fragments costs once',
    '{ book { writer { name } } ...F } fragment F on Query { book { id writer { name } } }',
    1 + 2,
  ],
  ['under another name it costs again', '{ book { id } other: book { id } }', 2],
  [
    'of types that exclude each other the dearest counts',
    '{ one { id ... on Book { writer { name } } ... on Film { scenes { id } } } }',
    1 + 100,
  ],
  [
    'what is never included costs nothing',
    '{ book @skip(if: true) { id } dear @include(if: false) { id } }',
    0,
  ],
  [
    'a mutation is 10, and each object of its input 1',
    'mutation { add(books: [{title: "a", parts: [{title: "b"}]}, {title: "c"}], note: "d") { id } }',
    10 + 3 + 4 + 1,
  ],
  ['of a subscription a result counts', 'subscription { added { writer { name } } }', 1 + 2],
  [
    'introspection costs little',
    '{ __schema { types { fields { name } } } __typename }',
    10 + Math.ceil((10 * (1 + 10)) / 64),
  ],
  [
    'introspection costs for what it tells',
    '{ __type(name: "Book") { fields { type { a: fields { name } b: fields { args { name } } } } } }',
    10 + Math.ceil((10 * (1 + 1 + 10 + 10 * (1 + 10))) / 64),
  ],
])('%s', (_, query, cost) => {
  expect(validate(buildSchema(library), parse(query))).toEqual([])
  expect(estimate(query)).toBe(cost)
})

test('variables, and their defaults, say how long lists are and what is included', () => {
  const query =
    'query ($n: Int = 4, $on: Boolean = false) { books(first: $n) { id } dear @include(if: $on) { id } }'
  expect(estimate(query)).toBe(4)
  expect(estimate(query, { n: 9 })).toBe(9)
  expect(estimate(query, { n: 9, on: true })).toBe(59)
  expect(estimate('query ($n: Int) { books(first: $n) { id } }')).toBe(5)
  expect(estimate('query ($s: Search!) { found(query: $s) { id } }', { s: { first: 6, text: 'x' } })).toBe(
    1 + 3 + 6,
  )
  expect(
    estimate('mutation ($b: [NewBook!]!) { add(books: $b) { id } }', { b: Array(500).fill({ title: 'a' }) }),
  ).toBe(10 + 500 + 1)
})

test('a list that needs one slicing argument is refused without it and with two', () => {
  const refused = 'Query.strict needs exactly one of a number in first, last.'
  for (const query of [
    '{ strict { id } }',
    '{ strict(first: 1, last: 2) { id } }',
    '{ strict(first: null) { id } }',
  ]) {
    expect(() => estimate(query)).toThrow(refused)
  }
  expect(estimate('{ strict(last: 2) { id } }')).toBe(2)
  expect(() => estimate('query ($n: Int) { strict(first: $n) { id } }', { n: null })).toThrow(refused)
})

test('directives are read under the names that a supergraph gives them', () => {
  const sdl = (link: string, cost: string, listSize: string) => `
    extend schema @link(url: "https://specs.apollo.dev/cost/v0.1"${link})
    type Query { a: Int @${cost}(weight: 5) b: [T] @${listSize}(assumedSize: 2) } type T { id: ID }`
  const all = (text: string) =>
    compiled(
      '{ a b { id } }',
      buildSchema('type Query { a: Int b: [T] } type T { id: ID }'),
      weightsOf(text),
    ).estimate({})
  expect(all(sdl(', import: ["@cost", "@listSize"]', 'cost', 'listSize'))).toBe(7)
  expect(all(sdl('', 'cost', 'cost__listSize'))).toBe(7)
  expect(all(sdl(', as: "price"', 'price', 'price__listSize'))).toBe(7)
  expect(all(sdl(', import: [{name: "@cost", as: "@weighs"}, "@listSize"]', 'weighs', 'listSize'))).toBe(7)
})

test('what a result cost goes by its lists, and a longer one than was asked for counts as what was asked for', () => {
  const cost = costOf('{ books(first: 3) { writer { name } } }')
  const book = { writer: { name: 'Ada' } }
  expect(cost.actual({}, { books: [book] })).toEqual({ cost: 3, isClamped: false })
  expect(cost.actual({}, { books: [book, { writer: null }] })).toEqual({ cost: 4, isClamped: false })
  expect(cost.actual({}, { books: Array(50).fill(book) })).toEqual({
    cost: cost.estimate({}),
    isClamped: true,
  })
  expect(cost.actual({}, null)).toEqual({ cost: 0, isClamped: false })
})

/** Every test run tries the same, so that it fails for what has changed. */
const SEED = 20_261_121

test('what a result cost is never more than was estimated', async () => {
  const values = fc.integer({ min: 0, max: 12 })
  await fc.assert(
    fc.asyncProperty(operations, flags, values, async (query, variableValues, length) => {
      const document = parse(query)
      if (validate(arbitrary, document).length > 0) return
      const data = JSON.parse(
        JSON.stringify(
          (await execute({ schema: arbitrary, document, variableValues, rootValue: objectOf(length) }))
            .data ?? null,
        ),
      )
      const cost = compiled(query, arbitrary, weightsOf('type Query { a: Int }'))
      const actual: ActualCost = cost.actual(variableValues, data)
      expect(actual.cost).toBeLessThanOrEqual(cost.estimate(variableValues))
      expect(actual.isClamped && length <= 10).toBe(false)
    }),
    { seed: SEED, numRuns: 300 },
  )
})

/** An object of any type, whose lists are as long as that, four levels deep. */
function objectOf(length: number, depth = 4): object | null {
  if (depth === 0) return null
  const inner = () => objectOf(length > 3 ? 1 : length, depth - 1)
  const list = () => Array.from({ length }, inner)
  return {
    __typename: 'User', id: '1', name: 'n', height: 1, tags: [], price: 1, toString: () => 's',
    me: inner, must: inner, node: inner, nodes: list, named: list, users: list, things: () => [list()],
    peer: inner, friends: list, thing: inner, owner: inner, items: list, colors: [], grid: [],
  } // biome-ignore format: a list of fields
}

test('fields that fragments select over and over are priced once', () => {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `fragment F${level} on Writer { books { writer { ...F${level + 1} ...F${level + 1} } } }`,
  )
  const query = `{ book { writer { ...F0 } } } ${levels.join(' ')} fragment F9 on Writer { name }`
  let reads = 0
  const costs = weightsOf(library)
  const counting = Object.assign(new Map(costs.weights), {
    get(coordinate: string) {
      reads += 1
      return costs.weights.get(coordinate)
    },
  })
  const cost = compiled(query, buildSchema(library), { ...costs, weights: counting })
  const within = Array.from({ length: 9 }).reduce<number>((inner) => 2 + 10 * (1 + inner), 2)
  expect(cost.estimate({})).toBe(1 + within)
  expect(reads).toBeLessThan(200)
})
