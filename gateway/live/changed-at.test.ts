import { expect, test } from '@jest/globals'
import { parse } from 'graphql'
import { createLogger } from '../../platform/logger.ts'
import { committedForm } from '../compose.ts'
import { createEngine } from '../execution/engine.ts'
import { loadSupergraph } from '../supergraph.ts'
import { composeFixture, fixtureTransports } from '../test-support/federation.ts'
import { withChangedAt } from './changed-at.ts'

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])'
const subgraphs = {
  boards: {
    typeDefs: `${link}
      scalar DateTime
      type Query { none: Int }
      type Subscription {
        board: Board! boards: [Board!]! anything: Anything! timed: Timed plain: Plain foreign: Foreign computed: Computed text: Text asked: Asked count: Int
      }
      union Anything = Board | Plain
      interface Timed { changedAt: DateTime }
      type Board implements Timed @key(fields: "id") { id: ID! changedAt: DateTime! score: Int }
      type Plain { score: Int }
      type Foreign @key(fields: "id") { id: ID! score: Int }
      type Computed @key(fields: "id") { id: ID! changedAt: DateTime @external score: Int @requires(fields: "changedAt") }
      type Text { changedAt: String }
      type Asked { changedAt(zone: String!): DateTime }`,
  },
  others: {
    typeDefs: `${link}
      scalar DateTime
      type Board @key(fields: "id") { id: ID! name: String }
      type Foreign @key(fields: "id") { id: ID! changedAt: DateTime }
      type Computed @key(fields: "id") { id: ID! changedAt: DateTime }`,
    resolvers: { Board: { name: () => 'A' } },
  },
}
const supergraph = loadSupergraph(composeFixture(subgraphs))
const asking = (query: string) => withChangedAt({ query, variables: { a: 1 } }, 'boards', supergraph)

test('a state whose subgraph knows when it changed is asked for that, too', () => {
  const { operation, changedAtOf } = asking(
    'subscription x($a: Int) { k: board { id ... on Board { score } } }',
  )
  expect(parse(operation.query, { noLocation: true })).toEqual(
    parse('subscription x($a: Int) { k: board { id ... on Board { score } podiumChangedAt: changedAt } }', {
      noLocation: true,
    }),
  )
  expect(operation.variables).toEqual({ a: 1 })
  expect(changedAtOf({ k: { id: 1, podiumChangedAt: '2026-01-31T07:30:00.123Z' } })).toBe(1769844600123)
})

test('events that do not tell it have no time', () => {
  const { changedAtOf } = asking('subscription { board { id } }')
  const events = [undefined, null, {}, { board: null }, { board: {} }, { board: { podiumChangedAt: 'now' } }, { board: { podiumChangedAt: 5 } }] // biome-ignore format: one list
  expect(events.map(changedAtOf)).toEqual(events.map(() => null))
})

test('an interface may tell it', () => {
  expect(asking('subscription { timed { __typename } }').operation.query).toContain('podiumChangedAt')
})

test.each([
  'boards { id }',
  'anything { __typename }',
  'plain { score }',
  'foreign { id }',
  'computed { id }',
  'text { changedAt }',
  'asked { __typename }',
  'count',
])('%s is asked as it is', (selection) => {
  const operation = { query: `subscription { ${selection} }` }
  const asked = withChangedAt(operation, 'boards', supergraph)
  expect(asked.operation).toBe(operation)
  expect(asked.changedAtOf({ foreign: { podiumChangedAt: '2026-01-31T07:30:00.123Z' } })).toBeNull()
})

test('what is the same is worked out once, whatever its variables', () => {
  const query = 'subscription { board { score } }'
  expect(asking(query).changedAtOf).toBe(asking(query).changedAtOf)
})

test("a client's result does not show it", async () => {
  const engine = createEngine({
    supergraph,
    transports: fixtureTransports(subgraphs),
    limits: { tokens: 200, depth: 8, aliases: 30, rootFields: 20, selections: 2_000 },
    logger: createLogger('silent'),
    cache: 100,
  })
  const operation = engine.operation('subscription { board { s: score name } }')
  if (operation.kind !== 'subscription') throw new Error('it is a subscription')
  const { primary } = operation
  const { operation: asked } = withChangedAt({ query: primary.operation }, primary.serviceName, supergraph)
  expect(asked.query).toContain('podiumChangedAt: changedAt')
  const data = {
    board: { __typename: 'Board', id: '1', score: 7, podiumChangedAt: '2026-01-31T07:30:00.123Z' },
  }
  const caller = { identity: { kind: 'gateway' as const }, requestId: 'r' }
  const result = await operation.resolve({ data, errors: [] }, { variables: {}, caller })
  expect(result).toEqual({ data: '{"board":{"s":7,"name":"A"}}', errors: [] })
})

test('the board of Podium tells it', () => {
  const query = 'subscription { leaderboardChanged(competitionId: "1") { revision } }'
  const { operation } = withChangedAt({ query }, 'leaderboard', loadSupergraph(committedForm()))
  expect(operation.query).toContain('podiumChangedAt')
})
