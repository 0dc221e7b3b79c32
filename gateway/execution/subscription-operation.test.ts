import { expect, test } from '@jest/globals'
import { createLogger } from '../../platform/logger.ts'
import { loadSupergraph } from '../supergraph.ts'
import { composeFixture, fixtureTransports } from '../test-support/federation.ts'
import { createEngine } from './engine.ts'

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])'
const stars = { typeDefs: `${link} type Film @key(fields: "id") { id: ID! stars: Int }` }
const films = {
  typeDefs: `${link}
    type Query { film: Film }
    type Subscription { shown(at: String): Film! mine: Film @authenticated }
    type Film @key(fields: "id") { id: ID! title(like: String): String }`,
}

function open(subgraphs: Record<string, { typeDefs: string }> = { films, stars }) {
  const engine = createEngine({
    supergraph: loadSupergraph(composeFixture(subgraphs)),
    transports: fixtureTransports(subgraphs),
    limits: { tokens: 200, depth: 8, aliases: 30, rootFields: 20, selections: 2_000 },
    logger: createLogger('silent'),
    cache: 100,
  })
  return (query: string, name?: string) => {
    const operation = engine.operation(query, name)
    if (operation.kind !== 'subscription') throw new Error('only subscriptions are asked for here')
    return operation
  }
}

test('operations that mean the same word for word have the same text', () => {
  const subscription = open()
  const { text } = subscription(
    'subscription { shown { ...f } } fragment f on Film { id title(like: "a  # b") }',
  )
  const named = `
    query other { film { ...unused } }
    subscription Named { # a comment
      shown { ...f, }
    }
    fragment unused on Film { stars }
    fragment f on Film { id, title(like: "a  # b") }`
  expect(subscription(named, 'Named').text).toBe(text)
  expect(text).toBe('subscription{shown{...f}}fragment f on Film{id title(like:"a  # b")}')
})

test('operations that differ in an alias, an argument, a directive or a variable do not', () => {
  const subscription = open()
  const texts = [
    'subscription { shown { id } }',
    'subscription { x: shown { id } }',
    'subscription { shown(at: "x") { id } }',
    'subscription ($v: Boolean = true) { shown { id title @include(if: $v) } }',
    'subscription ($v: Boolean = false) { shown { id title @include(if: $v) } }',
  ].map((query) => subscription(query).text)
  expect(new Set(texts).size).toBe(texts.length)
})

test('a plan is told from another by its digest, under whichever supergraph it was made', () => {
  const query = 'subscription { shown { title stars } }'
  const moved = {
    films: { typeDefs: films.typeDefs.replace('title(', 'stars: Int title(') },
    stars: { typeDefs: `${link} type Film @key(fields: "id") { id: ID! }` },
  }
  const more = { films, stars: { typeDefs: stars.typeDefs.replace('stars:', 'votes: Int stars:') } }
  const { plan } = open()(query)
  expect(plan).toMatch(/^[\w-]{43}$/)
  expect(open(more)(query).plan).toBe(plan)
  expect(open(moved)(query).plan).not.toBe(plan)
  expect(open()('subscription { shown { title } }').plan).not.toBe(plan)
})

test('an operation knows whether its results depend on who asks', () => {
  const subscription = open()
  expect(subscription('subscription { shown { id } }').dependsOnViewer).toBe(false)
  expect(subscription('subscription { mine { id } }').dependsOnViewer).toBe(true)
})

test('variables that mean the same are the same, however they were sent', () => {
  const { variablesOf } = open()(
    'subscription ($at: String = "noon", $title: String) { shown(at: $at) { title(like: $title) } }',
  )
  const coerced = (sent: Record<string, unknown>) => {
    const given = variablesOf(sent)
    return given.errors ? given.errors : JSON.stringify(given.coerced)
  }
  expect(coerced({ title: 'a', at: 'noon', more: 1 })).toBe('{"at":"noon","title":"a"}')
  expect(coerced({ title: 'a' })).toBe('{"at":"noon","title":"a"}')
  expect(variablesOf({ title: 1 })).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
})
