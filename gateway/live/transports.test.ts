import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { EventSource } from 'eventsource'
import { eventually, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

// The names of types are what Apollo Client asks for in any case.
const query = `subscription {
  leaderboardChanged(competitionId: "cup") { revision standings { user { displayName __typename } __typename } __typename }
}`

let subgraphs: TestSubgraphs
let gateway: TestGateway
const leaving: (() => unknown)[] = []
beforeEach(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs)
})
afterEach(async () => {
  for (const leave of leaving.splice(0)) await leave()
  await gateway.close()
  await subgraphs.close()
})

type Data = { leaderboardChanged: { revision: number } }

/** What comes to a reader, the data of each result, in whatever way its client subscribes. */
const clients: Record<string, (take: (data: Data) => void) => void> = {
  websocket(take) {
    const client = gateway.watch()
    leaving.push(() => client.dispose())
    client.subscribe<Data>({ query }, { next: ({ data }) => data && take(data), error() {}, complete() {} })
  },
  sse(take) {
    const source = new EventSource(`${gateway.url}?${new URLSearchParams({ query })}`)
    leaving.push(() => source.close())
    source.addEventListener('next', ({ data }) => take(JSON.parse(data).data))
  },
  multipart(take) {
    const client = new ApolloClient({ link: new HttpLink({ uri: gateway.url }), cache: new InMemoryCache() })
    const reading = client
      .subscribe<Data>({ query: gql(query), fetchPolicy: 'no-cache' })
      .subscribe({ next: ({ data }) => data && take(data) })
    leaving.push(() => {
      reading.unsubscribe()
      client.stop()
    })
  },
}

/** What /metrics counts under a name. */
async function counted(name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${gateway.origin}/metrics`)).text()
  const samples = text.matchAll(new RegExp(`^podium_live_${name}(?:{\\w+="(\\w+)"})? (\\d+)$`, 'gm'))
  return Object.fromEntries([...samples].map(([, label = 'all', value]) => [label, Number(value)]))
}

test('readers over WebSocket, server-sent events and in parts are one group', async () => {
  const read = Object.values(clients).map((subscribe) => {
    const frames: Data[] = []
    subscribe((data) => frames.push(data))
    return frames
  })
  const all = (count: number) => eventually(() => read.every((frames) => frames.length === count))
  await all(1)
  const readers = { websocket: 1, sse: 1, multipart: 1 }
  await eventually(() => subgraphs.board.readers.size === 1)
  expect([await counted('groups'), await counted('readers')]).toEqual([{ all: 1 }, readers])
  const { all: executions = 0 } = await counted('executions_total')

  subgraphs.named.length = 0
  subgraphs.board.publish(1)
  await all(2)
  expect(subgraphs.named).toEqual(['p0', 'p1'])
  expect(await counted('executions_total')).toEqual({ all: executions + 1 })
  expect(await counted('frames_sent_total')).toEqual({ websocket: 2, sse: 2, multipart: 2 })
  // The first frame of each shows no change.
  expect(await counted('frame_delay_seconds_count')).toEqual({ all: 3 })
  const [frames] = read
  expect(frames?.map(({ leaderboardChanged }) => leaderboardChanged.revision)).toEqual([0, 1])
  expect(read).toEqual(read.map(() => frames))

  for (const leave of leaving.splice(0)) await leave()
  await eventually(() => subgraphs.board.readers.size === 0)
  expect(await counted('groups')).toEqual({ all: 0 })
})

test('they share the places of one address', async () => {
  const places = subgraphs.config.limits.socketsPerAddress
  const subscribe = Object.values(clients)
  let begun = 0
  for (let index = 0; index < places; index++) subscribe[index % subscribe.length]?.(() => begun++)
  await eventually(() => begun === places)
  const headers = { accept: 'text/event-stream' }
  const { status } = await fetch(`${gateway.url}?${new URLSearchParams({ query })}`, { headers })
  expect(status).toBe(429)
  const closed = Promise.withResolvers<unknown>()
  const client = gateway.watch({ lazy: false, on: { closed: closed.resolve }, onNonLazyError() {} })
  expect(await closed.promise).toMatchObject({ code: 1013 })
  await client.dispose()
})
