import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openGateway, type TestGateway } from './test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from './test-support/subgraphs.ts'

let subgraphs: TestSubgraphs
let gateway: TestGateway
beforeAll(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs)
})
afterAll(async () => {
  await gateway.close()
  await subgraphs.close()
})

test('a query is joined from several subgraphs, each of which verifies that the gateway sent it', async () => {
  const { status, headers, body } = await gateway.ask(
    '{ competition(id: "cup") { name organizer { displayName } } }',
  )
  expect(status).toBe(200)
  expect(headers.get('cache-control')).toBe('no-store')
  expect(body).toEqual({
    data: { competition: { name: 'The cup', organizer: { displayName: 'Person organizer' } } },
  })
})

test('a subgraph learns who asks', async () => {
  const query = '{ viewer { id role } }'
  expect((await gateway.ask(query)).body).toEqual({ data: { viewer: null } })
  const token = await subgraphs.issuer.token({ claims: { role: 'ADMIN' } })
  expect((await gateway.ask(query, { token })).body).toEqual({
    data: { viewer: { id: 'ann', role: 'ADMIN' } },
  })
})

test('an unexpected error is masked and names the request that its subgraph logged it under', async () => {
  const { headers, body } = await gateway.ask('{ user(id: "broken") { displayName } }')
  expect(body).toEqual({
    data: { user: null },
    errors: [
      {
        message: 'Something went wrong here. It is logged under the request id.',
        path: ['user'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: headers.get('x-request-id') },
      },
    ],
  })
  expect(subgraphs.logged).toMatchObject([
    { requestId: headers.get('x-request-id'), error: expect.stringContaining('ECONNREFUSED') },
  ])
})

test('where a request comes from is believed of trusted proxies alone', async () => {
  const addressSeenBy = async ({ url }: { url: string }) => {
    subgraphs.asked.length = 0
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.1, 203.0.113.1' }
    await fetch(url, { method: 'POST', headers, body: '{"query":"{ viewer { id } }"}' })
    return subgraphs.asked[0]?.address
  }
  expect(await addressSeenBy(gateway)).toBe('127.0.0.1')
  const behind = await openGateway(subgraphs, { config: { trustedProxies: ['127.0.0.1'] } })
  expect(await addressSeenBy(behind)).toBe('203.0.113.1')
  await behind.close()
})

test('a value that a subgraph refuses is the fault of who sent it', async () => {
  const literal = await gateway.ask('{ competitions(filter: { startsAfter: "soon" }) { totalCount } }')
  expect(literal.body.errors?.[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED')
  expect(literal.body.errors?.[0]?.message).toContain('DateTime cannot represent')
  const variable = await gateway.ask(
    'query ($at: DateTime) { competitions(filter: { startsAfter: $at }) { totalCount } }',
    { variables: { at: 'soon' } },
  )
  expect(variable.body.errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT')
})

test('errors suggest no names of the schema', async () => {
  const field = await gateway.ask('{ viewers { id } }')
  const value = await gateway.ask(
    'query ($m: [Metric!]) { competitions(filter: { metric: $m }) { totalCount } }',
    {
      variables: { m: ['STEP'] },
    },
  )
  expect(field.body.errors?.[0]?.message).toBe('Cannot query field "viewers" on type "Query".')
  expect(value.body.errors?.[0]?.message).toMatch(/does not exist in "Metric" enum\.$/)
})

test('a subgraph that is away costs its own fields, and is not told about', async () => {
  await subgraphs.stop('users')
  const { status, body } = await gateway.ask(
    '{ user(id: "ann") { displayName } competitions { totalCount } }',
  )
  await subgraphs.start('users')
  expect(status).toBe(200)
  expect(body).toEqual({
    data: { user: null, competitions: { totalCount: 0 } },
    errors: [
      {
        message: 'This part of the service is not available now. Try again later.',
        path: ['user'],
        extensions: { code: 'UNAVAILABLE' },
      },
    ],
  })
})

test('a null that cannot stand is told as an error', async () => {
  const { body } = await gateway.ask('{ competition(id: "orphan") { organizer { displayName } } }')
  expect(body.data).toEqual({ competition: { organizer: null } })
  expect(body.errors).toMatchObject([
    { path: ['competition', 'organizer', 'displayName'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
  ])
})

test.each([
  ['several operations and no name', 'query A { viewer { id } } query B { viewer { id } }', undefined],
  ['a name that no operation has', 'query A { viewer { id } }', 'C'],
])('a document with %s is refused', async (_, query, operationName) => {
  const { status, body } = await gateway.ask(query, { operationName })
  expect(status).toBe(400)
  expect(body.errors?.[0]?.extensions?.code).toBe('OPERATION_RESOLUTION_FAILURE')
})

test('a subscription over HTTP is told where to go', async () => {
  const { status, body } = await gateway.ask('subscription { todayChanged { steps } }')
  expect(status).toBe(400)
  expect(body.errors?.[0]?.message).toContain('WebSocket')
})

test('a persisted query is taken by its hash once it is known', async () => {
  const query = '{ user(id: "hashed") { displayName } }'
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(query))
  const extensions = { persistedQuery: { version: 1, sha256Hash: Buffer.from(digest).toString('hex') } }
  const send = async (body: object) => {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(gateway.url, { method: 'POST', headers, body: JSON.stringify(body) })).json()
  }
  expect(await send({ extensions })).toMatchObject({
    errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
  })
  const answer = { data: { user: { displayName: 'Person hashed' } } }
  expect(await send({ query, extensions })).toEqual(answer)
  expect(await send({ extensions })).toEqual(answer)
  expect(await send({ query: '{ __typename }', extensions })).toEqual({
    errors: [{ message: 'provided sha does not match query', extensions: { code: 'BAD_REQUEST' } }],
  })
})

test('a page of another site can neither send a form nor read an answer', async () => {
  const form = await fetch(gateway.url, { method: 'POST', body: '{"query":"{ __typename }"}' })
  expect(form.status).toBe(415)
  const get = await fetch(`${gateway.url}?query={__typename}`, {
    headers: { 'sec-fetch-site': 'cross-site' },
  })
  expect(get.status).toBe(400)

  const preflight = (origin: string) =>
    fetch(gateway.url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
  const stranger = await preflight('https://evil.example')
  expect(stranger.headers.get('access-control-allow-origin')).toBeNull()
  const known = await preflight('https://podium.example')
  expect(known.headers.get('access-control-allow-origin')).toBe('https://podium.example')
})

test('a mutation cannot be sent by GET', async () => {
  const response = await fetch(`${gateway.url}?query=mutation{logOut{__typename}}`, {
    headers: { 'apollo-require-preflight': 'yes' },
  })
  expect(response.status).toBe(405)
})

test.each([
  ['a body that is too large', JSON.stringify({ query: `{ __typename } #${'x'.repeat(10_000)}` }), 413],
  ['a body that is not JSON', '{', 400],
  ['a batch', '[{"query":"{ __typename }"}]', 400],
])('%s is refused in the form of GraphQL', async (_, body, status) => {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
})

test('in production there is no introspection and no explorer', async () => {
  const production = await openGateway(subgraphs, {
    config: { production: true, introspection: false, explorer: false },
  })
  const { status, body } = await production.ask('{ __schema { types { name } } }')
  expect(status).toBe(400)
  expect(body).toEqual({
    errors: [
      {
        message: 'Introspection is off here, save with an API key that has the scope schema:read.',
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ],
  })
  expect((await fetch(production.origin)).status).toBe(404)
  const { headers } = await production.ask('{ __typename }')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('x-powered-by')).toBeNull()
  await production.close()
})

test.each(['not known', 'known'])('what is put off comes in parts when its operation is %s', async () => {
  const query = '{ competition(id: "cup") { name ... @defer(label: "who") { organizer { displayName } } } }'
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'multipart/mixed;deferSpec=20220824,application/json',
    },
    body: JSON.stringify({ query }),
  })
  const parts = (await response.text())
    .split(/\r\n---(?:--)?/)
    .map((part) => part.split('\r\n\r\n')[1])
    .flatMap((json) => (json ? [JSON.parse(json)] : []))
  expect(parts).toEqual([
    { data: { competition: { name: 'The cup' } }, hasNext: true },
    {
      incremental: [
        {
          data: { organizer: { displayName: 'Person organizer' } },
          path: ['competition'],
          label: 'who',
        },
      ],
      hasNext: false,
    },
  ])
  expect((await gateway.ask(query)).body).toEqual({
    data: { competition: { name: 'The cup', organizer: { displayName: 'Person organizer' } } },
  })
})

test('the keys that access tokens are signed with are published where everything else is', async () => {
  const response = await fetch(`${gateway.origin}/.well-known/jwks.json`)
  expect([response.status, await response.json()]).toEqual([200, subgraphs.issuer.jwks])
})

test('an address that cannot be decoded is answered as one where nothing is', async () => {
  for (const path of ['/docs/%zz', '/%c0']) {
    const response = await fetch(`${gateway.origin}${path}`)
    expect([response.status, await response.json()]).toEqual([
      404,
      { errors: [{ message: 'There is nothing here.', extensions: { code: 'NOT_FOUND' } }] },
    ])
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
  }
})
