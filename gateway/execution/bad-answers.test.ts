import { beforeEach, expect, test } from '@jest/globals'
import { createLogger } from '../../platform/logger.ts'
import { loadSupergraph } from '../supergraph.ts'
import { type Asked, composeFixture, fixtureTransports } from '../test-support/federation.ts'
import { SubgraphError } from '../transport/transport.ts'
import { createEngine } from './engine.ts'

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external"])'

const subgraphs = {
  shop: {
    typeDefs: `${link}
      type Query { lamps: [Lamp!] lamp: Lamp count: Int  place: Place }
      type Lamp @key(fields: "id") { id: ID! name: String watts: Int }
      interface Place { title: String }
      type Shelf implements Place { title: String }`,
    resolvers: {
      Query: {
        lamps: () => [{ id: '1', name: 'desk', watts: 5 }, { id: '2', name: 'floor', watts: 9 }, { id: '1', name: 'desk', watts: 5 }], // biome-ignore format: one list
        lamp: () => ({ id: '1', name: 'desk', watts: 5 }),
        count: () => 3,
        place: () => ({ __typename: 'Shelf', title: 'top' }),
      },
    },
  },
  ratings: {
    typeDefs: `${link}
      type Lamp @key(fields: "id") { id: ID! watts: Int @external stars: Int! notes: [Note] lumen: Int @requires(fields: "watts") }
      type Note { text: String! by: String }`,
    resolvers: {
      Lamp: {
        __resolveReference: ({ id, watts }: { id: string; watts?: number }) => ({ id, watts, stars: Number(id), notes: [{ text: 'good', by: null }, null] }), // biome-ignore format: one line
        lumen: ({ watts }: { watts: number }) => watts * 80,
      },
    },
  },
}

/** What a subgraph answers instead, if anything; by default it is right. */
let answers: Partial<Record<string, (text: string, asked: Asked) => string>>
beforeEach(() => {
  answers = {}
})
const engine = createEngine({
  supergraph: loadSupergraph(composeFixture(subgraphs)),
  transports: fixtureTransports(subgraphs, {
    change: (text, asked) => answers[asked.subgraph]?.(text, asked) ?? text,
  }),
  limits: { tokens: 1_000, depth: 12, aliases: 30, rootFields: 20, selections: 2_000 },
  logger: createLogger('silent'),
  cache: 10,
})

async function ask(query: string) {
  const operation = engine.operation(query)
  if (operation.kind === 'subscription') throw new Error('no subscription is asked here')
  const { data = 'null', errors } = await operation.run({ variables: {}, caller: { identity: { kind: 'anonymous' }, requestId: 'r' } }) // biome-ignore format: one call
  return {
    data: JSON.parse(data),
    errors: errors.map(({ path, extensions }) => [path?.join('.'), extensions?.code]),
  }
}

const fails = () => {
  throw new SubgraphError('connect ECONNREFUSED http://10.0.0.7')
}

const noAnswers: [string, () => string][] = [
  ['HTML', () => '<html>http://10.0.0.7</html>'],
  ['half a body', () => '{"data":{"lamps":[{"id":"1'],
  ['no body', () => ''],
  ['a list', () => '[]'],
  ['neither data nor errors', () => '{}'],
  ['data that is no object', () => '{"data":"yes"}'],
  ['errors that are no list', () => '{"data":{},"errors":"all"}'],
  ['nothing at all', fails],
]

test.each(noAnswers)(
  'a subgraph that answers %s costs its own fields, each of which says so',
  async (_, answer) => {
    answers.ratings = answer
    expect(await ask('{ count lamps { name stars: notes { by } lumen } }')).toEqual({
      data: {
        count: 3,
        lamps: [
          { name: 'desk', stars: null, lumen: null },
          { name: 'floor', stars: null, lumen: null },
          { name: 'desk', stars: null, lumen: null },
        ],
      },
      errors: [0, 1, 2].flatMap((index) => [
        [`lamps.${index}.stars`, 'UNAVAILABLE'],
        [`lamps.${index}.lumen`, 'UNAVAILABLE'],
      ]),
    })
  },
)

test.each(noAnswers)('so does one that answers %s for fields of the root', async (_, answer) => {
  answers.shop = answer
  expect(await ask('{ c: count lamp { name stars } }')).toEqual({
    data: { c: null, lamp: null },
    errors: [
      ['c', 'UNAVAILABLE'],
      ['lamp', 'UNAVAILABLE'],
    ],
  })
})

test('null goes up from where it cannot stand, with the path of where it came about', async () => {
  answers.ratings = fails
  expect(await ask('{ count lamp { name s: stars } }')).toEqual({
    data: { count: 3, lamp: null },
    errors: [['lamp.s', 'UNAVAILABLE']],
  })
})

test.each([
  ['fewer entities than were asked for', '{"data":{"_entities":[]}}'],
  ['no entities', '{"data":{}}'],
  ['entities that are no list', '{"data":{"_entities":{}}}'],
])('%s are no answer', async (_, text) => {
  answers.ratings = () => text
  expect(await ask('{ lamp { lumen } }')).toEqual({
    data: { lamp: { lumen: null } },
    errors: [['lamp.lumen', 'UNAVAILABLE']],
  })
})

test('an entity that is no object fails, and the others stand', async () => {
  answers.ratings = () => '{"data":{"_entities":[7,{"lumen":720}]}}'
  expect(await ask('{ lamps { lumen } }')).toEqual({
    data: { lamps: [{ lumen: null }, { lumen: 720 }, { lumen: null }] },
    errors: [
      ['lamps.0.lumen', 'UNAVAILABLE'],
      ['lamps.2.lumen', 'UNAVAILABLE'],
    ],
  })
})

test('an entity that is not there has no fields, and that is no error', async () => {
  answers.ratings = () => '{"data":{"_entities":[null,{"lumen":720}]}}'
  expect(await ask('{ lamps { lumen } }')).toEqual({
    data: { lamps: [{ lumen: null }, { lumen: 720 }, { lumen: null }] },
    errors: [],
  })
})

test('an error of an entity is told wherever the entity is, in the words of the client', async () => {
  answers.ratings = () =>
    JSON.stringify({
      data: { _entities: [{ notes: [null, { by: null }] }, { notes: null }] },
      errors: [
        { message: 'a', path: ['_entities', 0, 'notes', 0, 'text'], extensions: { code: 'NOT_FOUND' } },
        { message: 'b', path: ['_entities', 0, 'notes', 1, 'by'], extensions: { code: 'FORBIDDEN' } },
      ],
    })
  expect(await ask('{ bulbs: lamps { notes { words: text author: by } } }')).toMatchObject({
    errors: [
      ['bulbs.0.notes.0.words', 'NOT_FOUND'],
      ['bulbs.0.notes.1.words', 'INTERNAL_SERVER_ERROR'],
      ['bulbs.2.notes.0.words', 'NOT_FOUND'],
      ['bulbs.2.notes.1.words', 'INTERNAL_SERVER_ERROR'],
    ],
  })
})

test('what is computed from a value that failed fails for the same reason, and is not asked for', async () => {
  answers.shop = () =>
    JSON.stringify({
      data: {
        lamps: [
          { __typename: 'Lamp', id: '1', watts: null },
          { __typename: 'Lamp', id: '2', watts: null },
        ],
      },
      errors: [{ message: 'No power.', path: ['lamps', 0, 'watts'], extensions: { code: 'NOT_FOUND' } }],
    })
  const sent: unknown[] = []
  answers.ratings = (text, { variables }) => {
    sent.push(variables.representations)
    return text
  }
  expect(await ask('{ lamps { lumen } }')).toEqual({
    data: { lamps: [{ lumen: null }, { lumen: 0 }] },
    errors: [['lamps.0.lumen', 'NOT_FOUND']],
  })
  expect(sent).toEqual([[{ __typename: 'Lamp', id: '2', watts: null }]])
})

test.each([
  ['a list for a value', '{"data":{"count":[3],"lamp":{"__typename":"Lamp","id":"1","name":"x"}}}', 'count'],
  [
    'a text for a number',
    '{"data":{"count":"three","lamp":{"__typename":"Lamp","id":"1","name":"x"}}}',
    'count',
  ],
  [
    'an object for a text',
    '{"data":{"count":3,"lamp":{"__typename":"Lamp","id":"1","name":{}}}}',
    'lamp.name',
  ],
  ['a value for an object', '{"data":{"count":3,"lamp":7}}', 'lamp'],
  ['a list for an object', '{"data":{"count":3,"lamp":[]}}', 'lamp'],
])('%s is an error at its path', async (_, text, path) => {
  answers.shop = () => text
  const { errors } = await ask('{ count lamp { name } }')
  expect(errors).toEqual([[path, 'INTERNAL_SERVER_ERROR']])
})

test('an object of a type that is not known is an error at its path', async () => {
  answers.shop = () => '{"data":{"place":{"__typename":"Cellar","title":"dark"},"count":3}}'
  expect(await ask('{ place { title } count }')).toEqual({
    data: { place: null, count: 3 },
    errors: [['place', 'INTERNAL_SERVER_ERROR']],
  })
})

test('an answer with data and errors gives both, wherever the errors belong', async () => {
  answers.shop = () =>
    '{"data":{"count":3,"lamp":null},"errors":[{"message":"x"},{"message":"y","path":["lamp","watts"]},{}]}'
  expect(await ask('{ count lamp { power: watts } }')).toEqual({
    data: { count: 3, lamp: null },
    errors: [
      ['lamp.power', 'INTERNAL_SERVER_ERROR'],
      [undefined, 'INTERNAL_SERVER_ERROR'],
      [undefined, 'INTERNAL_SERVER_ERROR'],
    ],
  })
})

test('an answer cannot reach what every object inherits', async () => {
  answers.shop = () => '{"data":{"count":3,"__proto__":{"lamp":{"id":"1","name":"x"}}}}'
  expect(await ask('{ count lamp { name } }')).toMatchObject({ data: { count: 3, lamp: null } })
  expect(({} as { lamp?: unknown }).lamp).toBeUndefined()
})
