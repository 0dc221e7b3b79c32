import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openProduction, type Production } from '../support/production.ts'
import { requests, streams } from '../support/ways.ts'

let podium: Production
beforeAll(async () => {
  podium = await openProduction()
})
afterAll(() => podium.close())

const viewer = { query: '{ viewer { id } }' }
const json = { 'content-type': 'application/json' }

async function send(init: RequestInit, search = '') {
  const response = await fetch(podium.url + search, init)
  const body = await response.text()
  return { status: response.status, headers: response.headers, body }
}

const codeOf = (body: string) => JSON.parse(body).errors[0].extensions.code

test.each([...requests, ...streams])('over %s operations are not taken in a list', async (way, send) => {
  const list = JSON.stringify([viewer, viewer])
  if (way === 'GET') return
  const { status, errors, closed } = await send(podium.url, list)
  expect(closed ?? [status, errors?.[0]?.extensions?.code]).toEqual(closed ? 4400 : [400, 'BAD_REQUEST'])
})

test('a list within the parameters of a GET is no list of operations', async () => {
  const list = encodeURIComponent(JSON.stringify([viewer]))
  for (const search of [`?query=${list}`, `?${list}`, '?query={viewer{id}}&query={viewer{id}}']) {
    expect((await send({}, search)).status).toBe(400)
  }
})

test.each(['GET', 'HEAD'])('a mutation changes nothing by %s, whatever hides it', async (method) => {
  const mutation = 'mutation M { logOut { userErrors { code } } }'
  for (const search of [
    `?query=${encodeURIComponent(mutation)}`,
    `?query=${encodeURIComponent(`query Q { viewer { id } } ${mutation}`)}&operationName=M`,
    `?query=${encodeURIComponent(`# query { viewer { id } }\n${mutation}`)}`,
  ]) {
    const { status, headers } = await send({ method }, search)
    expect([status, headers.get('allow')]).toEqual([405, 'POST'])
  }
})

test.each([
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=a',
  'text/plain',
  'text/plain; application/json',
  'application/jsonp',
  'application/graphql',
])('a page of another site cannot have a form of %s taken', async (type) => {
  const { status, body } = await send({
    method: 'POST',
    headers: { 'content-type': type },
    body: JSON.stringify(viewer),
  })
  expect([status, codeOf(body)]).toEqual([415, 'BAD_REQUEST'])
})

test('a page of another site cannot have a link taken, nor read an answer', async () => {
  const from = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  const link = await send({ headers: from }, `?query=${encodeURIComponent(viewer.query)}`)
  expect([link.status, codeOf(link.body)]).toEqual([400, 'BAD_REQUEST'])
  const { headers } = await send({ method: 'POST', headers: { ...json, ...from }, body: JSON.stringify(viewer) }) // biome-ignore format: one line
  expect(headers.get('access-control-allow-origin')).toBeNull()
  const asked = { ...from, 'access-control-request-method': 'POST' }
  const preflight = await send({ method: 'OPTIONS', headers: asked })
  expect(preflight.headers.get('access-control-allow-origin')).not.toBe('https://evil.example')
})

test('answers tell browsers to guess, embed and send on nothing, whatever they answer', async () => {
  for (const [init, path] of [
    [{ method: 'POST', headers: json, body: JSON.stringify(viewer) }, ''],
    [{ method: 'POST', headers: json, body: '{' }, ''],
    [{}, '/../nowhere'],
  ] as const) {
    const { headers } = await send(init, path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toMatch("default-src 'none'")
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('strict-transport-security')).toMatch('max-age=')
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('server')).toBeNull()
  }
})

test.each(['/', '/explorer/', '/metrics', '/graphiql', '/playground', '/.env', '/schema/partner.graphql/..'])(
  'there is nothing at %s',
  async (path) => {
    const { status } = await fetch(podium.origin + path)
    expect(status).toBe(404)
  },
)

/** What a server answers to bytes that no client library sends. */
async function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(podium.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.on('error', () => {}) // it may be ended while it still writes
  socket.end(bytes, 'latin1')
  return text(socket)
}

const request = (head: string, body = JSON.stringify(viewer)) =>
  `POST /graphql HTTP/1.1\r\nhost: podium\r\nconnection: close\r\ncontent-type: application/json\r\n${head}content-length: ${body.length}\r\n\r\n${body}`

test.each([
  ['headers without end', request(`x-long: ${'x'.repeat(20_000)}\r\n`), 431],
  ['a token without end', request(`authorization: Bearer ${'x'.repeat(20_000)}\r\n`), 431],
  ['a URL without end', `GET /graphql?query=${'x'.repeat(20_000)} HTTP/1.1\r\nhost: podium\r\n\r\n`, 431],
  ['a header that goes on in the next line', request('x-request-id: a\r\n b\r\n'), 400],
  ['a line feed in a header', request('user-agent: a\nx-injected: b\r\n'), 400],
  ['a NUL in a header', request('user-agent: a\0b\r\n'), 400],
  ['a header of two lengths', request('content-length: 3\r\n'), 400],
  ['a length and chunks', request('transfer-encoding: chunked\r\n'), 400],
  ['no HTTP at all', 'query { viewer { id } }\r\n\r\n', 400],
])('%s is refused before anything reads it', async (_, bytes, status) => {
  expect(await raw(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
})

test.each([
  ['a token of other characters', { authorization: 'Bearer a.b.\u00e9' }, 401],
  ['two tokens in one', { authorization: 'Bearer a, Bearer b' }, 401],
  ['a wish for what is not there', { accept: 'text/html' }, 406],
  ['another method in a header', { 'x-http-method-override': 'DELETE' }, 200],
])('%s is answered as what it is', async (_, headers, status) => {
  const body = JSON.stringify(viewer)
  expect((await send({ method: 'POST', headers: { ...json, ...headers }, body })).status).toBe(status)
})

test('what a request says of itself comes back in no header', async () => {
  const mark = 'evil-3f1'
  const marked = {
    origin: `https://${mark}.example`,
    'x-request-id': mark,
    'x-forwarded-host': mark,
    host: mark,
  }
  const body = JSON.stringify({ ...viewer, operationName: mark })
  const { headers } = await send(
    { method: 'POST', headers: { ...json, ...marked }, body },
    `?${mark}%0d%0aset-cookie:a=b`,
  )
  expect(JSON.stringify([...headers])).not.toMatch(mark)
  expect(headers.get('set-cookie')).toBeNull()
})
