import { expect, test } from '@jest/globals'
import { type GraphQLSchema, getNamedType, getOperationAST, isInputObjectType, isType, parse, TypeInfo, validate, visit, visitWithTypeInfo } from 'graphql' // biome-ignore format: one list
import { compileCost } from '../access/cost.ts'
import { variableCoercion } from '../execution/variable-coercion.ts'
import { documented, documentedContract, examplesOf } from './test-support.ts'

const contract = documentedContract()

/** Types and fields of every kind, in the ways that make examples go wrong. */
const intricate = documented(`
  type Query {
    old: Lost @deprecated(reason: "No use. Goes on 2027-01-31.")
    node(id: ID!): Node
    found(what: Search!): Found
    people(first: Int, last: Int): People! @listSize(slicingArguments: ["first", "last"], sizedFields: ["edges"])
    page(input: PageInput!): [Person!]! @listSize(slicingArguments: ["input.first"])
    deep(id: ID!, tree: Tree): Deep
    shape: Shape
  }
  type Mutation { rename(input: RenameInput!): Person! @cost(weight: 5) }
  interface Node { id: ID! }
  type Person implements Node {
    id: ID!
    name: String! @deprecated(reason: "Use title. Goes on 2027-01-31.")
    title(language: Language!): String
    friends(first: Int = 5): People! @listSize(slicingArguments: ["first"], sizedFields: ["edges"])
    best: Person
  }
  type People { edges: [PersonEdge!]! pageInfo: Page! }
  type PersonEdge { cursor: String! node: Person! }
  type Page { hasNextPage: Boolean! }
  type Place implements Node { id: ID! title: Int! }
  union Found = Place | Person
  type Deep { id(id: ID!): Deeper }
  type Deeper { id(id: ID!): Int only(tree: Tree!): Inner }
  type Inner { value: Int }
  type Lost { value: Int }
  union Shape = Square | Circle
  type Square { size: Int! }
  type Circle { size: Float! }
  enum Language { OLD @deprecated(reason: "No use. Goes on 2027-01-31.") EN }
  input Search @oneOf { text: String tree: Tree }
  input Tree { value: Int! old: Int @deprecated(reason: "No use. Goes on 2027-01-31.") children: [Tree!] }
  input PageInput { first: Int! after: String }
  input RenameInput { id: ID! name: String = "Ada" when: When! }
  scalar When
`)

test.each([
  ['the contract', contract],
  ['an intricate schema', intricate],
])(
  'every example of %s is valid, with its variables, and costs what it says',
  (_, { schema, costs, listSize, docs }) => {
    for (const [what, example] of examplesOf(docs)) {
      if (!example) continue
      const document = parse(example.operation)
      expect([what, validate(schema, document)]).toEqual([what, []])
      const operation = getOperationAST(document)
      if (!operation) throw new Error('no operation')
      const { errors } = variableCoercion(schema, operation, [])(example.variables)
      expect([what, errors]).toEqual([what, undefined])
      const cost = () =>
        compileCost({ schema, costs, document, operation, listSize }).estimate(example.variables)
      if (example.cost === null) expect(cost).toThrow('needs')
      else expect([what, example.cost]).toEqual([what, cost()])
    }
  },
)

test('every field of a root and every type of the contract has an example, and its price', () => {
  const examples = examplesOf(contract.docs)
  expect(examples.length).toBeGreaterThan(30)
  expect(examples.filter(([, example]) => !example || example.cost === null)).toEqual([])
})

test('an example shows what it is of', () => {
  for (const { schema, docs } of [contract, intricate]) {
    for (const { name, example } of docs.groups.flatMap(({ types }) => types)) {
      if (example) expect(namesIn(schema, example.operation)).toContain(name)
    }
  }
})

test('nothing that is deprecated is in an example, nor is there one of what only that leads to', () => {
  for (const [what, example] of examplesOf(intricate.docs)) {
    if (what.startsWith('Query.old')) continue
    if (what === 'Lost') expect(example).toBeNull()
    expect([what, JSON.stringify(example)]).toEqual([what, expect.not.stringMatching(/\b(old|OLD)\b/)])
  }
})

test('examples are written as people write them', () => {
  const [, example] = examplesOf(intricate.docs).find(([what]) => what === 'Query.people') ?? []
  expect(example).toEqual({
    operation: `query People($first: Int) {
  people(first: $first) {
    edges {
      cursor
      node { id }
    }
    pageInfo { hasNextPage }
  }
}`,
    variables: { first: 3 },
    cost: 8,
  })
})

/** The types that are given and taken in an operation. */
function namesIn(schema: GraphQLSchema, operation: string): string[] {
  const names = new Set<string>()
  const note = (type: unknown): void => {
    if (!isType(type)) return
    const named = getNamedType(type)
    if (names.has(named.name)) return
    names.add(named.name)
    if (isInputObjectType(named)) for (const field of Object.values(named.getFields())) note(field.type)
  }
  const types = new TypeInfo(schema)
  const visitor = visitWithTypeInfo(types, {
    enter() {
      for (const type of [types.getType(), types.getParentType(), types.getInputType()]) note(type)
    },
  })
  visit(parse(operation), visitor)
  return [...names]
}
