import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openProduction, type Production } from '../support/production.ts'
import { openSocket } from '../support/socket.ts'
import { requests, streams } from '../support/ways.ts'

let podium: Production
beforeAll(async () => {
  podium = await openProduction()
})
afterAll(() => podium.close())

const query = 'query Q($id: ID!) { user(id: $id) { displayName } }'
const board = 'subscription S($id: ID!) { leaderboardChanged(competitionId: $id) { revision } }'
const textFor = new Map([...requests.map(([way]) => [way, query] as const), ...streams.map(([way]) => [way, board] as const)]) // biome-ignore format: one line

const members: [string, string][] = [
  ['in variables', '"variables":{"id":"a","__proto__":{"polluted":1}}'],
  ['in a value of variables', '"variables":{"id":{"__proto__":{"polluted":1}}}'],
  ['in a list of variables', '"variables":{"id":[{"__proto__":{"polluted":1}}]}'],
  ['behind a constructor', '"variables":{"id":"a","constructor":{"prototype":{"polluted":1}}}'],
  ['hidden by an escape', '"variables":{"id":"a","\\u005f_proto__":{"polluted":1}}'],
  ['in extensions', '"variables":{"id":"a"},"extensions":{"__proto__":{"polluted":1}}'],
  [
    'in the hash of a query',
    '"variables":{"id":"a"},"extensions":{"persistedQuery":{"version":1,"__proto__":{"sha256Hash":"a"}}}',
  ],
  ['beside the query', '"variables":{"id":"a"},"__proto__":{"operationName":"Q"}'],
  ['too deep to be read', `"variables":{"id":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
]
const ways = [...requests, ...streams].filter(([way]) => way !== 'GET')
const everywhere = ways.flatMap(([way, send]) =>
  members.map(([where, member]) => [where, way, send, member] as const),
)

test.each(everywhere)(
  'a name that reaches into prototypes %s is refused over %s',
  async (_, way, send, member) => {
    const answer = await send(podium.url, `{"query":${JSON.stringify(textFor.get(way))},${member}}`)
    if (answer.closed !== undefined) return expect(answer.closed).toBe(4400)
    expect([answer.status, answer.errors?.[0]?.extensions?.code]).toEqual([400, 'BAD_REQUEST'])
  },
)

test.each(['variables', 'extensions'])('the same in the %s of a GET', async (name) => {
  const search = new URLSearchParams({ query, [name]: '{"id":"a","__proto__":{"polluted":1}}' })
  expect((await fetch(`${podium.url}?${search}`)).status).toBe(400)
})

test('the same in what a socket introduces itself with', async () => {
  const socket = await openSocket(podium.url)
  socket.say('{"type":"connection_init","payload":{"__proto__":{"authorization":"Bearer a"}}}')
  expect(await socket.closed).toBe(4400)
})

const names = ['__proto__', 'constructor', 'prototype'].flatMap((name) => [
  ['an alias', name, `{ ${name}: viewer { id } }`, `subscription { ${name}: leaderboardChanged(competitionId: "cup") { revision } }`], // biome-ignore format: one line
  ['a variable', name, `query ($${name}: ID!) { user(id: $${name}) { id } }`, `subscription ($${name}: ID!) { leaderboardChanged(competitionId: $${name}) { revision } }`], // biome-ignore format: one line
])
test.each(names)('%s cannot be named %s, over any way', async (_, __, asked = '', watched = '') => {
  for (const [way, send] of [...requests, ...streams]) {
    const text = textFor.get(way) === query ? asked : watched
    const { status = 400, errors } = await send(podium.url, { query: text })
    const { code } = errors?.[0]?.extensions ?? {}
    // Over server-sent events what is wrong with an operation is told within an answer.
    expect([way, status]).toEqual([way, way === 'server-sent events' ? 200 : 400])
    expect(code).toMatch(/^(BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/)
  }
})

test('afterwards everything is as it was', async () => {
  const [, post] = requests[0] ?? []
  const answer = await post?.(podium.url, { query, variables: { id: 'ada' } })
  expect(answer).toEqual({ status: 200, data: { user: { displayName: 'Person ada' } } })
})
