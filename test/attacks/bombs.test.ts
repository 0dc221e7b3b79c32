import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bombs } from '../../gateway/test-support/bombs.ts'
import { openProduction, type Production } from '../support/production.ts'
import { requests, streams } from '../support/ways.ts'

let podium: Production
beforeAll(async () => {
  podium = await openProduction()
})
afterAll(() => podium.close())

/** What closes a socket that sends too much, or what is no message. */
const closes = [1009, 4400]
const refusals = ['BAD_REQUEST', 'GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'OPERATION_TOO_COMPLEX']

// A URL cannot be as long as most of them.
const ways = [...requests, ...streams].filter(([name]) => name !== 'GET')
const cases = ways.flatMap(([way, send]) => bombs.map((bomb) => ({ way, send, ...bomb })))

test.each(cases)('over $way $name are refused', async ({ way, send, body }) => {
  const { status = 400, data, errors, closed } = await send(podium.url, body)
  expect(data).toBeUndefined()
  if (closed !== undefined) return expect(closes).toContain(closed)
  // Faults of an operation are events of its stream.
  expect(way === 'server-sent events' ? [200, 400, 413] : [400, 413]).toContain(status)
  for (const { extensions } of errors ?? []) expect(refusals).toContain(extensions?.code)
  expect(errors?.length).toBeGreaterThan(0)
})

test('after all of them the gateway asks its subgraphs and nobody else has waited', async () => {
  expect(podium.subgraphs.asked).toEqual([])
  const answer = await fetch(podium.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ viewer { id } }"}',
  })
  expect(await answer.json()).toEqual({ data: { viewer: null } })
  expect(podium.logged().filter((line) => JSON.parse(line).level >= 50)).toEqual([])
})
