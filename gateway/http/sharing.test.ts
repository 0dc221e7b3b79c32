import { expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import type { Authenticator } from '../access/credentials.ts'
import { engineOf, openFront } from '../test-support/front.ts'

const schema = buildSchema('type Query { a(b: Int): Int } type Mutation { change: Int }')
const query = 'query Q($b: Int) { a(b: $b) }'
const mutation = 'mutation { change }'

/** Whoever says so is that person. */
const authenticator: Authenticator = {
  authenticate: async (name) => ({
    identity: name
      ? { kind: 'person', id: String(name), role: 'USER', scopes: [], sessionId: 's' }
      : { kind: 'anonymous' },
    expiresAt: null,
  }),
  close() {},
}

/** A front whose runs wait until they are let go; each answers with its number. */
async function open({ shared = true } = {}) {
  let waiting: { kind: string; answer: () => void }[] = []
  const { engine, counted } = engineOf(schema, {
    run: ({ kind }) =>
      new Promise((resolve) => {
        const data = `{"a":${counted.runs}}`
        waiting.push({ kind, answer: () => resolve({ data, errors: [] }) })
      }),
  })
  const front = await openFront(() => engine, {
    authenticator,
    config: { sharing: { subgraphRequests: true, clientRequests: shared, streams: true } },
  })
  let seen = 0
  front.app.server.on('request', () => seen++)

  /** Once so many requests have come in, lets the runs of this kind go, or all. */
  async function release(requests: number, kind?: string): Promise<void> {
    while (seen < requests) await new Promise(setImmediate)
    for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate) // nothing is on its way any more
    seen = 0
    const released = waiting.filter((run) => !kind || run.kind === kind)
    waiting = waiting.filter((run) => !released.includes(run))
    for (const { answer } of released) answer()
  }

  for (const text of [query, mutation]) {
    const answered = front.post({ query: text })
    await release(1)
    await answered
  }
  counted.runs = 0
  return { front, counted, release }
}

test('identical queries in flight are one run and the same bytes', async () => {
  const { front, release } = await open()
  const answers = [1, 2, 3].map(() => front.post({ query, variables: { b: 1 } }))
  await release(3)
  expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(Array(3).fill('{"data":{"a":1}}'))
  const later = front.post({ query, variables: { b: 1 } })
  await release(1)
  expect((await later).text).toBe('{"data":{"a":2}}')
  await front.close()
})

test('what differs in variables or in who asks is not shared, nor is a mutation', async () => {
  const { front, counted, release } = await open()
  const answers = [
    front.post({ query, variables: { b: 1 } }),
    front.post({ query, variables: { b: 2 } }),
    front.post({ query, variables: { b: 1 } }, { authorization: 'ann' }),
    front.post({ query, variables: { b: 1 } }, { authorization: 'ben' }),
    front.post({ query: mutation }),
    front.post({ query: mutation }),
  ]
  await release(6)
  await Promise.all(answers)
  expect(counted.runs).toBe(6)
  await front.close()
})

test('who asks after a mutation gets nothing that began before it', async () => {
  const { front, release } = await open()
  const before = front.post({ query })
  await release(1, 'nothing yet')
  const change = front.post({ query: mutation })
  await release(1, 'mutation')
  await change
  const after = front.post({ query })
  await release(1)
  expect([(await before).text, (await after).text]).toEqual(['{"data":{"a":1}}', '{"data":{"a":3}}'])
  await front.close()
})

test('sharing can be turned off', async () => {
  const { front, counted, release } = await open({ shared: false })
  const answers = [front.post({ query }), front.post({ query })]
  await release(2)
  await Promise.all(answers)
  expect(counted.runs).toBe(2)
  await front.close()
})
