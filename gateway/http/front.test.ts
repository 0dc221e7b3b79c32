import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema, GraphQLError } from 'graphql'
import { unauthenticated, unavailable } from '../../platform/errors.ts'
import type { Authenticator } from '../access/credentials.ts'
import { engineOf, type Front, openFront } from '../test-support/front.ts'

const schema = buildSchema(`
  type Query { hello(name: String): String broken: String must: String! }
  type Mutation { change: Int }
  type Subscription { ticks: Int }
`)
const rootValue = {
  hello: ({ name = 'you' }) => `hello ${name}`,
  change: 1,
  broken() {
    throw new GraphQLError('select * from people', { extensions: { code: '23505' } })
  },
  must: null,
}
const authenticator: Authenticator = {
  async authenticate(authorization) {
    if (authorization === 'Bearer late') throw unavailable()
    if (authorization) throw unauthenticated()
    return { identity: { kind: 'anonymous' }, expiresAt: null }
  },
  close() {},
}

let front: Front
const { engine } = engineOf(schema, { rootValue })
beforeAll(async () => {
  front = await openFront(() => engine, { authenticator })
})
afterAll(() => front.close())

const GRAPHQL = 'application/graphql-response+json'
const known = { query: '{ hello }' }
beforeAll(() => front.post(known))

/** Everything of an answer that does not differ from one request to the next. */
async function stable(answer: Awaited<ReturnType<Front['post']>>) {
  const { 'x-request-id': id = '', date: _, ...headers } = Object.fromEntries(answer.headers)
  return { status: answer.status, headers, text: answer.text.replaceAll(id, 'the id') }
}

test.each<[string, unknown, Record<string, string>?]>([
  ['a query', { query: '{ hello #1\n}' }],
  ['a query of the new media type', { query: '{ hello #2\n}' }, { accept: GRAPHQL }],
  [
    'one with variables',
    { query: 'query Q($n: String) { hello(name: $n) }', variables: { n: 'ann' }, operationName: 'Q' },
  ],
  [
    'one whose variables do not fit',
    { query: 'query Q($n: String!) { hello(name: $n) }', variables: {} },
    { accept: GRAPHQL },
  ],
  ['one that fails in part', { query: '{ hello broken }' }, { accept: GRAPHQL }],
  ['one that fails in part, as plain JSON', { query: '{ hello broken #\n}' }],
  ['one that comes to nothing', { query: '{ hello must }' }, { accept: GRAPHQL }],
  ['a mutation', { query: 'mutation { change }' }],
  ['a subscription', { query: 'subscription { ticks }' }],
  ['one from another origin', { query: '{ hello #3\n}' }, { origin: 'https://podium.example' }],
  ['one from a stranger’s', { query: '{ hello #4\n}' }, { origin: 'https://evil.example' }],
])('%s is answered alike when it is known and when it is not', async (_, parameters, headers = {}) => {
  const first = await stable(await front.post(parameters, headers))
  const second = await stable(await front.post(parameters, headers))
  expect(second).toEqual(first)
})

test('errors come first, masked, under the id of the request', async () => {
  const { status, headers, text } = await front.post({ query: '{ hello broken }' }, { accept: GRAPHQL })
  const id = headers.get('x-request-id')
  expect(status).toBe(294)
  expect(text).toMatch(/^{"errors":.*,"data":{"hello":"hello you","broken":null}}$/)
  expect(JSON.parse(text).errors).toEqual([
    {
      message: 'Something went wrong here. It is logged under the request id.',
      path: ['broken'],
      locations: [{ line: 1, column: 9 }],
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: id },
    },
  ])
  expect(front.logged.at(-1)).toMatchObject({ requestId: id, error: expect.stringContaining('people') })
})

test('a client of application/json alone gets its errors under 200 when its request was in order', async () => {
  const headers = { accept: 'application/json' }
  for (const query of [
    '{',
    '{ none }',
    'query A { hello } query B { hello }',
    'query ($n: String!) { hello(name: $n) }',
  ]) {
    expect((await front.post({ query }, headers)).status).toBe(200)
    const { status, headers: own } = await front.post({ query })
    expect([status, own.get('content-type')]).toEqual([400, `${GRAPHQL}; charset=utf-8`])
  }
  expect((await front.post({ query: 7 }, headers)).status).toBe(400)
})

test.each<[string, number, Record<string, string>, unknown?]>([
  ['a token that is not valid', 401, { authorization: 'Bearer forged' }],
  ['a token while no keys can be had', 503, { authorization: 'Bearer late' }],
  ['a body that is too large', 413, {}, JSON.stringify({ ...known, pad: 'x'.repeat(100_000) })],
  ['a body that is not JSON', 400, {}, '{'],
  ['a body of nothing', 400, {}, ''],
  ['a batch', 400, {}, [known]],
  [
    'a name that reaches into prototypes',
    400,
    {},
    '{"query":"{ hello }","variables":{"a":{"__proto__":{}}}}',
  ],
  ['one that is hidden', 400, {}, '{"query":"{ hello }","variables":{"\\u005f_proto__":{}}}'],
  [
    'values that are too deep',
    400,
    {},
    { ...known, variables: { a: JSON.parse('['.repeat(300) + ']'.repeat(300)) } },
  ],
  ['a form', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
  ['a form that says it is text', 415, { 'content-type': 'text/plain' }],
  ['another charset', 415, { 'content-type': 'application/json; charset=utf-16' }],
  ['a compressed body', 415, { 'content-encoding': 'gzip' }],
  ['a wish for HTML', 406, { accept: 'text/html' }],
  [
    'a hash of another text',
    400,
    {},
    { ...known, extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } },
  ],
])(
  '%s is refused with %i, the operation being known or not',
  async (_, status, headers, parameters = known) => {
    const answer = await front.post(parameters, headers)
    expect(answer.status).toBe(status)
    expect(answer.body.data).toBeUndefined()
    expect(answer.body.errors[0].extensions.code).toEqual(expect.any(String))
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  },
)

test.each<[number, Record<string, string>]>([
  [200, {}],
  [200, { 'sec-fetch-site': 'none' }],
  [200, { 'sec-fetch-site': 'same-origin' }],
  [200, { 'sec-fetch-site': 'cross-site', origin: 'https://podium.example' }],
  [200, { 'sec-fetch-site': 'cross-site', 'apollo-require-preflight': 'yes' }],
  [200, { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }],
  [400, { 'sec-fetch-site': 'cross-site' }],
  [400, { 'sec-fetch-site': 'same-site' }],
  [400, { 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' }],
  [400, { origin: 'https://evil.example' }],
  [400, { origin: 'null' }],
])('a GET is answered with %i when a browser says %j of its page', async (status, headers) => {
  expect((await front.get(known, headers)).status).toBe(status)
})

test('an answer is for pages of the origins that are listed', async () => {
  const allowed = async (origin: string) =>
    (await front.post(known, { origin })).headers.get('access-control-allow-origin')
  expect(await allowed('https://podium.example')).toBe('https://podium.example')
  expect(await allowed('https://evil.example')).toBeNull()
})

test('the headers are those that Fastify’s plugins send elsewhere', async () => {
  const names = (headers: Headers) => [...headers.keys()].filter((name) => name !== 'cache-control')
  const [ours, theirs] = [await front.get(known), await fetch(front.origin)]
  expect(names(ours.headers)).toEqual(names(theirs.headers))
  expect(ours.headers.get('content-security-policy')).toBe(theirs.headers.get('content-security-policy'))
})

test('a body may say that it is not encoded', async () => {
  expect((await front.post(known, { 'content-encoding': 'identity' })).status).toBe(200)
})

test('a GET has its parameters in the URL, where empty is as if not given', async () => {
  const query = 'query Q($n: String) { hello(name: $n) }'
  const given = await front.get({ query, variables: '{"n":"ann"}', operationName: 'Q', extensions: '{}' })
  expect(given.text).toBe('{"data":{"hello":"hello ann"}}')
  expect((await front.get({ query, variables: '', operationName: '' })).body.data.hello).toBe('hello you')
  expect((await front.get({ query, variables: '[]' })).status).toBe(400)
  expect((await fetch(`${front.url}?query={hello}&query={hello}`)).status).toBe(400)
  expect((await fetch(front.url)).status).toBe(400)
})

test.each(['variables', 'extensions'])('of a GET’s %s is told that they are not JSON', async (name) => {
  const { status, body } = await front.get({ ...known, [name]: '{n' })
  expect([status, body.errors[0].message]).toEqual([400, `${name} must be a JSON object.`])
})

test.each(['GET', 'HEAD'])('a mutation cannot be sent by %s, known or not', async (method) => {
  for (const name of ['a', 'a']) {
    const response = await fetch(`${front.url}?query=mutation ${name}{change}`, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
  }
})

test('a HEAD gives the head of what a GET gives', async () => {
  const response = await fetch(`${front.url}?query={hello}`, { method: 'HEAD' })
  expect(response.headers.get('content-length')).toBe('30')
  expect(await response.text()).toBe('')
})

test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is not a method of it', async (method) => {
  const response = await fetch(front.url, { method })
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET, HEAD, POST')
})

test('an operation that only the engine knows is judged first', async () => {
  const { engine: other } = engineOf(schema, { rootValue })
  const production = await openFront(() => other, { config: { introspection: false } })
  const query = '{ __schema { types { name } } }'
  other.operation(query) // as it comes over a socket, or to a new engine from an old one
  expect((await production.post({ query })).status).toBe(400)
  await production.close()
})

test('another engine takes over between two requests', async () => {
  let current = engine
  const swapping = await openFront(() => current)
  expect((await swapping.post({ query: '{ added }' })).status).toBe(400)
  current = engineOf(buildSchema('type Query { added: Int }'), { rootValue: { added: 1 } }).engine
  expect((await swapping.post({ query: '{ added }' })).body).toEqual({ data: { added: 1 } })
  expect((await swapping.post(known)).status).toBe(400)
  await swapping.close()
})

test('while it stops, what is in flight is answered and its connection ends', async () => {
  let finish = () => {}
  const asked = new Promise<void>((begun) => {
    rootValue.hello = () =>
      new Promise((resolve) => {
        finish = () => resolve('at last')
        begun()
      }) as unknown as string // graphql-js waits for it
  })
  const stopping = await openFront(() => engine)
  const answer = stopping.post(known)
  await asked
  const closed = stopping.close()
  await new Promise(setImmediate)
  finish()
  const { headers, body } = await answer
  expect(headers.get('connection')).toBe('close')
  expect(body.data.hello).toBe('at last')
  await closed
})

test('half a body leaves nothing behind', async () => {
  const half = httpRequest(front.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 100 },
  })
  half.on('error', () => {})
  half.write('{')
  await new Promise((resolve) => setTimeout(resolve, 20))
  half.destroy()
  expect((await front.post({ query: '{ __typename }' })).status).toBe(200)
})
