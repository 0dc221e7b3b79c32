import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql'
import { loadSupergraph } from '../../gateway/supergraph.ts'
import { openProduction, type Production } from '../support/production.ts'
import { requests, streams, type Way } from '../support/ways.ts'

let podium: Production
let schema: GraphQLSchema
/** Every name of the schema that nobody is told. */
let names: Set<string>
beforeAll(async () => {
  const file = join(import.meta.dirname, '..', '..', 'schema', 'supergraph.graphql')
  schema = loadSupergraph(readFileSync(file, 'utf8')).schema
  names = namesOf(schema)
  podium = await openProduction()
})
afterAll(() => podium.close())

const [[, post]] = requests as [[string, Way]]
const everyWay = [...requests, ...streams]

test.each(everyWay)('over %s nobody is told the schema, however it is asked for', async (_, send) => {
  for (const query of [
    '{ __schema { types { name } } }',
    '{ a: __schema { queryType { name } } }',
    '{ __type(name: "User") { fields { name } } }',
    '{ ...F } fragment F on Query { __schema { types { name } } }',
    '{ ... on Query { __type(name: "User") { name } } }',
    'query Q($yes: Boolean = true) { __schema @include(if: $yes) { types { name } } }',
    'query IntrospectionQuery { __schema { directives { name } } }',
    'mutation { __schema { types { name } } }',
    'subscription { __schema { types { name } } }',
    'subscription { leaderboardChanged(competitionId: "cup") { revision } ... on Subscription { __schema { types { name } } } }',
    '{ _service { sdl } }',
    '{ _entities(representations: []) { __typename } }',
  ]) {
    const { data, errors } = await send(podium.url, { query })
    expect([query, data ?? null, errors?.length]).toEqual([query, null, expect.any(Number)])
    expect(JSON.stringify(errors)).not.toMatch(/"types"|queryType"|"fields":|sdl":/)
  }
})

test('what is nearly a name of the schema is told no better one, of fields, arguments, types and values', async () => {
  const operations = guesses()
  expect(operations.length).toBeGreaterThan(10)
  for (const query of operations) {
    const { errors = [] } = await post(podium.url, { query })
    // Whoever knows a field is told what it requires and gives, which is no guess any more.
    const guessed = errors.filter(({ message }) => /^(Cannot query|Unknown) /.test(message))
    expect(guessed.length).toBeGreaterThan(0)
    const told = guessed.map(({ message }) => message).join('\n')
    expect(JSON.stringify(errors)).not.toMatch(/did you mean/i)
    // What was asked for is known to who asks.
    const asked = new Set(['Query', ...(query.match(/\w+/g) ?? [])])
    const said = [...new Set(told.match(/(?<=")[\w.]+(?=")/g))].flatMap((name) => name.split('.'))
    expect(said.filter((name) => names.has(name) && !asked.has(name))).toEqual([])
  }
})

test.each(streams)('over %s a guess is told no better name either', async (_, send) => {
  for (const query of [
    'subscription { leaderboardChange(competitionId: "cup") { revision } }',
    'subscription { leaderboardChanged(competitionIds: "cup") { revision } }',
    'subscription { leaderboardChanged(competitionId: "cup") { revisio } }',
    'subscription { leaderboardChanged(competitionId: "cup") { ... on Leaderboar { revision } } }',
    'subscription { leaderboardChanged(competitionId: "cup") { revision @skp(if: true) } }',
    'subscription { leaderboardChanged(competitionId: $cp) { revision ...Unknow } }',
  ]) {
    const { errors = [] } = await send(podium.url, { query })
    expect(errors.length).toBeGreaterThan(0)
    expect(JSON.stringify(errors)).not.toMatch(/did you mean/i)
  }
})

test('a guess within variables is told no better name', async () => {
  const query =
    'mutation M($input: CreateCompetitionInput!) { createCompetition(input: $input) { userErrors { code } } }'
  const { errors = [] } = await post(podium.url, {
    query,
    variables: { input: { nam: 'a', metric: 'STEP' } },
  })
  expect(errors.length).toBeGreaterThan(0)
  expect(JSON.stringify(errors)).not.toMatch(/did you mean|"STEPS"/i)
})

test.each(everyWay)('over %s words that APIs often have are told alike', async (_, send) => {
  const words = 'users me admin login token password secret config debug flag flags internal health version node nodes system env key keys account accounts payment wallet role roles permission file upload search export'.split(' ') // biome-ignore format: one list
  const isWatched = streams.some(([, other]) => other === send)
  const root = isWatched ? schema.getSubscriptionType() : schema.getQueryType()
  for (const word of words.filter((word) => !root?.getFields()[word])) {
    const query = isWatched ? `subscription { ${word} }` : `{ ${word} }`
    const { errors } = await send(podium.url, { query })
    expect(errors?.map(({ message }) => message)).toEqual([
      `Cannot query field "${word}" on type "${root?.name}".`,
    ])
  }
})

function namesOf(schema: GraphQLSchema): Set<string> {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type))
  return new Set(
    types.flatMap((type) => {
      if (isEnumType(type)) return [type.name, ...type.getValues().map(({ name }) => name)]
      if (isInputObjectType(type)) return [type.name, ...Object.keys(type.getFields())]
      if (!isObjectType(type) && !isInterfaceType(type)) return [type.name]
      const fields = Object.values(type.getFields())
      return [type.name, ...fields.flatMap(({ name, args }) => [name, ...args.map((arg) => arg.name)])]
    }),
  )
}

/** Operations that ask for what is nearly there, twenty guesses each. */
function guesses(): string[] {
  const guesses = Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isIntrospectionType(type) || !(isObjectType(type) || isInterfaceType(type))) return []
    const fields = Object.values(type.getFields()).flatMap(({ name, args }) => [
      `... on ${type.name} { ${near(name)} }`,
      ...args.map((arg) => `... on ${type.name} { ${name}(${near(arg.name)}: 1) }`),
    ])
    return [`... on ${near(type.name)} { id }`, ...fields]
  })
  return Array.from({ length: Math.ceil(guesses.length / 20) }, (_, index) => {
    return `{ ${guesses.slice(index * 20, index * 20 + 20).join(' ')} }`
  })
}

/** A name with its last letter but one away, as who types in haste writes it; never one that is there. */
function near(name: string): string {
  const short = name.slice(0, -2) + name.slice(-1)
  return names.has(short) || short.length < 2 ? `${name}x` : short
}
