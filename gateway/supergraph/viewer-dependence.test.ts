import { expect, test } from '@jest/globals'
import { getOperationAST, parse, validate } from 'graphql'
import { committedForm } from '../compose.ts'
import { loadSupergraph } from '../supergraph.ts'
import { composeFixture } from '../test-support/federation.ts'

const link = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@shareable", "@composeDirective", "@interfaceObject",
    { name: "@authenticated", as: "@signedIn" }, "@requiresScopes", "@policy"])
  @link(url: "https://supergraph.local/perViewer/v1.0", import: [{ name: "@perViewer", as: "@mine" }])
  @composeDirective(name: "@mine")
  directive @mine on FIELD_DEFINITION`

const supergraph = loadSupergraph(
  composeFixture({
    shop: {
      typeDefs: `${link}
        type Query { product(id: ID!): Product anything: Anything named: Named owned: Owned kept: Kept price: Price basket: Basket }
        type Subscription { changed: Product! ordered: Order! }
        type Product implements Named @key(fields: "id") {
          id: ID! name: String cost: Int @requiresScopes(scopes: [["cost"]]) rating: Int @mine rated: Product margin: Int @policy(policies: [["boss"]])
        }
        type Order @signedIn { id: ID! product: Product }
        interface Named { name: String }
        type Person implements Named { name: String @signedIn }
        interface Owned { id: ID! note: String }
        type Gift implements Owned { id: ID! note: String }
        type Loan implements Owned @policy(policies: [["lender"]]) { id: ID! note: String }
        union Anything = Order | Product
        scalar Price @signedIn
        type Basket { viewer: Viewer size: Int }
        interface Kept @key(fields: "id") { id: ID! }
        type Jar implements Kept @key(fields: "id") { id: ID! }
        type Viewer { name: String }`,
    },
    stock: {
      typeDefs: `${link}
        type Kept @key(fields: "id") @interfaceObject { id: ID! age: Int @mine weight: Int }
        type Product @key(fields: "id") { id: ID! rating: Int @external advice: String @requires(fields: "rating") left: Int }`,
    },
  }),
)

function dependsOnViewer(text: string, name?: string, { schema, dependsOnViewer } = supergraph) {
  const document = parse(text)
  expect(validate(schema, document)).toEqual([])
  const operation = getOperationAST(document, name)
  if (!operation) throw new Error('no operation')
  return dependsOnViewer(document, operation)
}

test.each([
  ['a field with @perViewer', '{ product(id: 1) { rating } }'],
  ['a field with an access directive, by whatever name', '{ product(id: 1) { cost } }'],
  ['a field with a policy', 'subscription { changed { margin } }'],
  ['a field of which one type of its interface has one', '{ named { name } }'],
  ['a type with an access directive', 'subscription { ordered { product { name } } }'],
  ['an interface that may be such a type', '{ owned { __typename } }'],
  ['a union that may be such a type', '{ anything { ... on Product { name } } }'],
  ['a scalar with an access directive', '{ price }'],
  ['a Viewer', '{ basket { viewer { __typename } } }'],
  ['a field that a subgraph cannot tell without one of these', '{ product(id: 1) { advice } }'],
  ['a field that another subgraph tells for all objects of an interface', '{ kept { ... on Jar { age } } }'],
  ['what a fragment in a fragment selects', '{ product(id: 1) { ...a } } fragment a on Product { rated { ...b } } fragment b on Product { ... on Product { x: rating } }'], // biome-ignore format: one line
])('%s depends on who asks', (_, query) => {
  expect(dependsOnViewer(query)).toBe(true)
})

test.each([
  ['plain fields', 'subscription { changed { id name rated { left } } }'],
  ['a field of a type whose interface has another type where it depends', '{ product(id: 1) { name } }'],
  ['a plain field that another subgraph tells for them', '{ kept { ... on Jar { weight } } }'],
  ['a sibling of what depends', '{ basket { size } }'],
  [
    'introspection',
    '{ __typename __type(name: "Viewer") { name fields { name } } __schema { types { name } } }',
  ],
])('%s: the same for everyone', (_, query) => {
  expect(dependsOnViewer(query)).toBe(false)
})

test('another operation of the document, and a fragment that only that uses, do not count', () => {
  const document = `query a { product(id: 1) { name } } query b { product(id: 1) { ...r } } fragment r on Product { rating }`
  expect([dependsOnViewer(document, 'a'), dependsOnViewer(document, 'b')]).toEqual([false, true])
})

test("everyone who watches a board sees the same, unless they ask for what is the viewer's own", () => {
  const podium = loadSupergraph(committedForm())
  const watching = (selection: string) =>
    dependsOnViewer(
      `subscription { leaderboardChanged(competitionId: "1") { ${selection} } }`,
      undefined,
      podium,
    )
  expect(watching('revision changedAt standings { rank score user { displayName } }')).toBe(false)
  expect(watching('competition { name viewerParticipation { joinedAt } }')).toBe(true)
  expect(watching('competition { leaderboard { viewerStanding { rank } } }')).toBe(true)
  expect(
    dependsOnViewer('subscription { viewerStandingChanged(competitionId: "1") { rank } }', undefined, podium),
  ).toBe(true)
  expect(dependsOnViewer('subscription { notificationReceived { id } }', undefined, podium)).toBe(true)
})
