import { expect, test } from '@jest/globals'
import { type GraphQLSchema, type GraphQLType, getNamedType, getNullableType, getOperationAST, isInputObjectType, isListType, isType, Kind, parse, TypeInfo, validate, visit, visitWithTypeInfo } from 'graphql' // biome-ignore format: one list
import { compileCost } from '../access/cost.ts'
import { variableCoercion } from '../execution/variable-coercion.ts'
import type { Example } from './examples.ts'
import { documented, documentedContract, examplesOf } from './test-support.ts'

const contract = documentedContract()

/** Types and fields of every kind, in the ways that make examples go wrong. */
const intricate = documented(`
  type Query {
    old: Lost @deprecated(reason: "No use. Goes on 2027-01-31.")
    node(id: ID!): Node
    found(what: Search!): Found
    people(first: Int, last: Int): People! @listSize(slicingArguments: ["first", "last"], sizedFields: ["edges"])
    ranked(by: Ranking): Deep
    forest(grove: Grove): Deep
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
  input Ranking { words: String after: When order: Order, other: Order, size: Int }
  input Grove { inner: Grove trees: [Tree!] kinds: Kinds! }
  input Kinds { name: String kind: Kind }
  enum Kind { WILD TAME }
  enum Order { SECRET NEAR FAR PAST }
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
      if (example) expect(namesIn(schema, example)).toContain(name)
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

test('of an input object that is shown one field is given that need not be: the first that makes sense as it stands', () => {
  expect(exampleOf(intricate, 'Ranking').variables).toEqual({ by: { order: 'NEAR' } })
  expect(exampleOf(intricate, 'Kinds').variables).toEqual({ grove: { kinds: { kind: 'WILD' } } })
  expect(exampleOf(contract, 'CompetitionFilter').variables).toEqual({
    filter: { status: ['ACTIVE'] },
    first: 3,
  })
})

const named = documented(`
  type Query { board: Board clubs: Clubs @listSize(assumedSize: 2, sizedFields: ["edges"]) }
  type Board { points: Int! owner: Person club: Club moves: [Move!]! mine: Move @perViewer }
  type Move { steps: Int! by: Person in: Place }
  type Person { id: ID! initials(of: Int!): String nicknames: [String!] name: String! title: String }
  type Place { id: ID! }
  type Clubs { edges: [ClubEdge!]! pageInfo: PageInfo! }
  type ClubEdge { cursor: String! node: Club! }
  type PageInfo { hasNextPage: Boolean! }
  type Club { id: ID! title: String! head: Person board: Board members(first: Int): Members @listSize(slicingArguments: ["first"], sizedFields: ["edges"]) }
  type Members { edges: [MemberEdge!]! pageInfo: PageInfo! }
  type MemberEdge { cursor: String! node: Person! }
`)

test('a brief example tells of one thing with its parts, and names the other things', () => {
  expect(exampleOf(named, 'Query.board, in brief').operation).toBe(`query Board {
  board {
    points
    owner { name }
    club { title }
    moves {
      steps
      by { name }
    }
  }
}`)
  expect(exampleOf(named, 'Query.clubs, in brief').operation).toBe(`query Clubs {
  clubs {
    edges {
      node {
        id title
        head { name }
        board {
          points
          owner { name }
          moves {
            steps
            by { name }
          }
        }
      }
    }
  }
}`)
})

test('below the last level of an example those that it is about are named', () => {
  expect(exampleOf(named, 'Board').operation).toContain('by { name }')
  for (const example of ['Subscription.leaderboardChanged, in brief', 'LeaderboardFrame']) {
    expect(exampleOf(contract, example).operation.match(/user \{ displayName \}/g)).toHaveLength(2)
  }
})

function exampleOf({ docs }: Pick<typeof contract, 'docs'>, of: string): Example {
  const [, example] = examplesOf(docs).find(([what]) => what === of) ?? []
  if (!example) throw new Error(`there is no example of ${of}`)
  return example
}

/** The types that are given and taken in an operation with its variables. */
function namesIn(schema: GraphQLSchema, { operation, variables }: Example): string[] {
  const names = new Set<string>()
  const note = (type: unknown) => {
    if (isType(type)) names.add(getNamedType(type).name)
  }
  const noteGiven = (type: GraphQLType, value: unknown): void => {
    note(type)
    const nullable = getNullableType(type)
    if (isListType(nullable)) for (const item of value as unknown[]) noteGiven(nullable.ofType, item) // valid, as tested above
    if (!isInputObjectType(nullable)) return
    for (const [name, inner] of Object.entries(value ?? {})) {
      const field = nullable.getFields()[name]
      if (field) noteGiven(field.type, inner)
    }
  }
  const types = new TypeInfo(schema)
  const visitor = visitWithTypeInfo(types, {
    enter(node) {
      for (const type of [types.getType(), types.getParentType()]) note(type)
      const given = types.getInputType()
      if (given && node.kind === Kind.VARIABLE) noteGiven(given, variables[node.name.value])
    },
  })
  visit(parse(operation), visitor)
  return [...names]
}
