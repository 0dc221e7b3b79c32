import { once } from 'node:events'
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { EventSource, type FetchLike } from 'eventsource'
import { buildSchema } from 'graphql'
import { createClient, NetworkError } from 'graphql-sse'
import { freePort } from '../../test/support/ports.ts'
import { createTestStreams, engineOf, type Front, openFront } from '../test-support/front.ts'
import { eventually } from '../test-support/gateway.ts'

const schema = buildSchema('type Query { hello: String } type Subscription { ticks: Int }')
const query = 'subscription { ticks }'
const ticks = (ticks: number) => JSON.stringify({ data: { ticks } })
const away = { message: 'away', extensions: { code: 'UNAVAILABLE' } }

let streams: ReturnType<typeof createTestStreams>
let front: Front
const start = async (port: number) => {
  streams = createTestStreams()
  const { engine } = engineOf(schema, { rootValue: { hello: 'hello' } })
  front = await openFront(() => engine, { port, live: { streams: streams.streams } })
}
beforeEach(async () => start(await freePort()))
afterEach(() => front.close())

/** A browser's EventSource, with what has come over it. */
function listen(query: string, fetch?: FetchLike) {
  const source = new EventSource(`${front.url}?${new URLSearchParams({ query })}`, fetch && { fetch })
  const results: unknown[] = []
  source.addEventListener('next', ({ data }) => results.push(JSON.parse(data)))
  return { source, results }
}

test('EventSource tells results and the end', async () => {
  const sent: unknown[] = []
  const { source, results } = listen(query, (url, init) => {
    sent.push(init.headers)
    return fetch(url, { ...init, headers: { ...init.headers, 'x-apollo-operation-name': 'A' } })
  })
  await once(source, 'open')
  streams.show(ticks(1))
  await eventually(() => results.length === 1)
  const completed = once(source, 'complete')
  streams.readers[0]?.complete()
  const [{ data }] = await completed
  source.close()
  expect(data).toBe('')
  expect(results).toEqual([{ data: { ticks: 1 } }])
  expect(sent).toEqual([{ Accept: 'text/event-stream' }])
})

test('EventSource tells what is wrong with an operation', async () => {
  const { source, results } = listen('subscription { none }')
  await once(source, 'complete')
  source.close()
  expect(results).toMatchObject([{ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] }])
})

test('EventSource comes back by itself when the server is another one', async () => {
  const { source, results } = listen(query)
  await once(source, 'open')
  const { port } = new URL(front.url)
  const opened = once(source, 'open')
  await front.close()
  await start(Number(port))
  await opened
  streams.show(ticks(2))
  await eventually(() => results.length === 1)
  source.close()
})

test('graphql-sse subscribes, and asks queries', async () => {
  const client = createClient({ url: front.url })
  const events = client.iterate({ query })
  const first = events.next()
  await eventually(() => streams.readers.length === 1)
  streams.show(ticks(1))
  expect(await first).toEqual({ done: false, value: { data: { ticks: 1 } } })
  streams.readers[0]?.fail([away])
  expect(await events.next()).toEqual({ done: false, value: { errors: [away] } })
  expect((await events.next()).done).toBe(true)
  const answer = client.iterate({ query: '{ hello }' })
  expect((await answer.next()).value).toEqual({ data: { hello: 'hello' } })
  expect((await answer.next()).done).toBe(true)
  client.dispose()
})

test('graphql-sse closes the stream that it leaves, and takes a stopping server for a lost connection', async () => {
  const client = createClient({ url: front.url, retryAttempts: 0 })
  const leaving = client.iterate({ query })
  const reading = leaving.next()
  await eventually(() => streams.readers.length === 1)
  await Promise.all([leaving.return?.(), reading])
  await eventually(() => streams.readers.length === 0)
  const lost = client.iterate({ query }).next()
  await eventually(() => streams.readers.length === 1)
  await Promise.all([front.close(), expect(lost).rejects.toBeInstanceOf(NetworkError)])
})

/** A subscription by Apollo Client, with what has come of it. */
function observe() {
  const client = new ApolloClient({ link: new HttpLink({ uri: front.url }), cache: new InMemoryCache() })
  const told: { results: unknown[]; errors: unknown[]; isComplete: boolean } = {
    results: [],
    errors: [],
    isComplete: false,
  }
  const subscription = client.subscribe({ query: gql(query) }).subscribe({
    next({ data, error }) {
      if (error) told.errors.push(error)
      else told.results.push(data)
    },
    error: (error) => told.errors.push(error),
    complete() {
      told.isComplete = true
    },
  })
  return { told, subscription, client }
}

test('Apollo Client subscribes in parts', async () => {
  const { told, client } = observe()
  await eventually(() => streams.readers.length === 1)
  expect(streams.readers.map(({ caller }) => caller.identity.kind)).toEqual(['anonymous'])
  streams.show(ticks(1))
  await eventually(() => told.results.length === 1)
  streams.show(ticks(2))
  await eventually(() => told.results.length === 2)
  streams.readers[0]?.complete()
  await eventually(() => told.isComplete)
  expect(told).toEqual({ results: [{ ticks: 1 }, { ticks: 2 }], errors: [], isComplete: true })
  client.stop()
})

test('Apollo Client is told why a stream fails, and leaves', async () => {
  const failing = observe()
  await eventually(() => streams.readers.length === 1)
  streams.readers[0]?.fail([away])
  await eventually(() => failing.told.errors.length === 1)
  expect(String(failing.told.errors[0])).toContain('away')
  const leaving = observe()
  await eventually(() => streams.readers.length === 1)
  leaving.subscription.unsubscribe()
  await eventually(() => streams.readers.length === 0)
  for (const { client } of [failing, leaving]) client.stop()
})
