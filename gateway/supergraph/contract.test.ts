import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { namesHidden } from '../../test/support/hidden.ts'
import { committedForm, partnerForm, staleness } from '../compose.ts'
import { loadSupergraph, SupergraphError } from '../supergraph.ts'
import { composeFixture } from '../test-support/federation.ts'
import { printContract } from './contract.ts'

const links = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag"])'
const shown = '@tag(name: "partner")'

/** The contract of a supergraph of one subgraph, as it is printed; null: there is none. */
function contractOf(typeDefs: string, link = links): string | null {
  const { contract } = loadSupergraph(composeFixture({ films: { typeDefs: `${link}\n${typeDefs}` } }))
  return contract && printContract(contract).replace(/^directive @defer.*\n\n/, '')
}

test('what is committed is what partners see of what the subgraphs compose to', () => {
  const committed = readFileSync(new URL('../../schema/partner.graphql', import.meta.url), 'utf8')
  expect(staleness(committed, partnerForm(committedForm()))).toBeNull()
})

test('what partners read names nothing that they do not see', () => {
  const { schema, contract } = loadSupergraph(committedForm())
  if (!contract) throw new Error('there is no contract')
  const hidden = namesHidden(contract, schema)
  // Of one word in lower case nobody can tell that it is a name.
  const names = printContract(contract).match(/\b([A-Z][a-z]|[a-z]+[A-Z])\w*/g) ?? []
  expect(names.filter((name) => hidden.has(name))).toEqual([])
})

test('a type that has the tag is shown with all of its fields, a root with those that have it', () => {
  const contract = contractOf(`
    type Query { film: Film ${shown} secret: Film }
    type Mutation { change: Film }
    "What was filmed."
    type Film ${shown} { id: ID! title(upper: Boolean = false): String @deprecated(reason: "Use name.") at: Time }
    scalar Time
  `)
  expect(contract).toBe(`"""What was filmed."""
type Film {
  at: Time
  id: ID!
  title(upper: Boolean = false): String @deprecated(reason: "Use name.")
}

type Query {
  film: Film
}

scalar Time`)
})

test('a field that has the tag is shown without the others of its type', () => {
  const contract = contractOf(
    `type Query { film(by: By): Film ${shown} } type Film { id: ID! ${shown} cost: Int } input By { id: ID ${shown} cost: Int }`,
  )
  expect(contract).toBe(
    'input By {\n  id: ID\n}\n\ntype Film {\n  id: ID!\n}\n\ntype Query {\n  film(by: By): Film\n}',
  )
})

test('what refers to a type that is not shown is not shown: fields, arguments, interfaces, fields of inputs', () => {
  const contract = contractOf(`
    type Query {
      film(by: By, order: Order): Film ${shown}
      films(order: Order!): [Film] ${shown}
      orders(order: Order! = UP): [Film] ${shown}
    }
    interface Priced { price: Int }
    type Film implements Priced ${shown} { price: Int studio: Studio! sequels(order: Order): [Film] }
    type Studio { films: [Film] }
    enum Order { UP DOWN }
    input By ${shown} { title: String order: Order orders: [Order!]! = [UP] }
  `)
  expect(contract).toBe(`input By {
  title: String
}

type Film {
  price: Int
  sequels: [Film]
}

type Query {
  film(by: By): Film
  orders: [Film]
}`)
})

test('an interface, a union and an enum are shown as a whole', () => {
  const contract = contractOf(`
    type Query { all: [Work] ${shown} one: One ${shown} }
    interface Work ${shown} { kind: Kind }
    type Film implements Work ${shown} { kind: Kind }
    type Book implements Work ${shown} { kind: Kind }
    union One ${shown} = Film | Book
    enum Kind ${shown} { LONG SHORT }
  `)
  for (const part of ['type Film implements Work', 'union One = Book | Film', '  LONG\n  SHORT'])
    expect(contract).toContain(part)
})

test.each([
  [
    'a member of a union that is not shown',
    `type Query { one: One ${shown} } union One ${shown} = Film | Book type Film ${shown} { id: ID } type Book { id: ID }`,
    'It shows One, and not Book, which is one.',
  ],
  [
    'an interface one of whose types is not shown',
    `type Query { w: Work ${shown} } interface Work ${shown} { id: ID } type Film implements Work ${shown} { id: ID } type Book implements Work { id: ID }`,
    'It shows Work, and not Book, which is one.',
  ],
  [
    'a required field of an input that is not shown',
    `type Query { w(by: By): Int ${shown} } input By ${shown} { id: ID order: Order! } enum Order { UP }`,
    'It shows By, and not order, which every By needs.',
  ],
  [
    'nothing to begin with',
    `type Query { film: Film } type Film ${shown} { id: ID }`,
    'Query root type must be provided.',
  ],
  [
    'a type without the field of its interface',
    `type Query { w: Work ${shown} } interface Work ${shown} { of: Work } type Film implements Work ${shown} { id: ID of: Book } type Book implements Work { of: Work }`,
    'Interface field Work.of expected but Film does not provide it.',
  ],
])('a supergraph whose contract has %s is refused', (_, typeDefs, fault) => {
  const load = () => contractOf(typeDefs)
  expect(load).toThrow(SupergraphError)
  expect(load).toThrow(fault)
})

test('there is no contract where nothing has the tag, and by whatever name the tag goes it is found', () => {
  const film =
    'type Query { film: Film @named(name: "partner") } type Film @named(name: "partner") { id: ID }'
  const named = links.replace('"@tag"', '{ name: "@tag", as: "@named" }')
  expect(contractOf(film.replaceAll('"partner"', '"other"'), named)).toBeNull()
  expect(contractOf(film, named)).toContain('type Film')
})
