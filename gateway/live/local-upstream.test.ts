import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { pino } from 'pino'
import { anyone } from '../../platform/access.ts'
import { badUserInput } from '../../platform/errors.ts'
import type { Caller } from '../../platform/identity.ts'
import { requestId } from '../../platform/request-id.ts'
import { scalars } from '../../platform/scalars.ts'
import { type ServedSubgraph, serveSubgraph } from '../../platform/serve-subgraph.ts'
import { latest, queue } from '../../platform/streams.ts'
import { defineSubgraph } from '../../platform/subgraph.ts'
import { eventually } from '../test-support/gateway.ts'
import { createTopic } from '../test-support/topic.ts'
import { openLocalUpstream } from './local-upstream.ts'
import type { SubgraphOperation } from './resume.ts'
import { openUpstream, type Upstream } from './upstream.ts'

const secret = 'a secret that the gateway shares with the subgraph'
const anonymous: Caller = { identity: { kind: 'anonymous' }, requestId: 'r1' }
const ann: Caller = {
  identity: { kind: 'person', id: 'ann', role: 'USER', scopes: [], sessionId: 's1' },
  requestId: 'r2',
}
const board = { query: 'subscription ($id: ID!) { leaderboardChanged(competitionId: $id) { revision changedAt state } }', variables: { id: 'cup' } } // biome-ignore format: one line
const standing = {
  query: 'subscription { viewerStandingChanged(competitionId: "cup") { rank user { id } } }',
}

let revisions: ReturnType<typeof createTopic<number>>
let starting: Promise<void>
let seen: (string | undefined)[]
let logged: { requestId?: string; error?: string }[]
let served: ServedSubgraph
let local: Upstream
let remote: Upstream

beforeEach(async () => {
  revisions = createTopic()
  starting = Promise.resolve()
  seen = []
  logged = []
  const logger = pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) })
  const frame = (revision: number) => ({
    leaderboardChanged: { revision, state: 'LIVE', changedAt: new Date(revision) },
  })
  const subgraph = defineSubgraph({
    name: 'leaderboard',
    resolvers: {
      ...scalars,
      Subscription: {
        leaderboardChanged: {
          async subscribe(_: unknown, { competitionId }: { competitionId: string }) {
            await starting
            if (competitionId === 'broken') throw new Error('read ECONNRESET 10.0.0.7:6379')
            if (competitionId === 'short')
              return queue(2, (push, _, end) => {
                push(frame(1))
                end()
                return () => {}
              })
            if (competitionId === 'failing')
              return latest((_push, fail) => {
                queueMicrotask(() => fail(badUserInput('There is no more of it.')))
                return () => {}
              })
            if (competitionId === 'crashing')
              return latest((_push, fail) => {
                queueMicrotask(() => fail(new Error('connection terminated')))
                return () => {}
              })
            return latest((push) => {
              if (revisions.published.length > 0) push(frame(revisions.published.at(-1) ?? 0))
              return revisions.subscribe((revision) => push(frame(revision)))
            })
          },
        },
        viewerStandingChanged: {
          subscribe: (_: unknown, __: unknown, { viewer }: { viewer: { id: string } }) =>
            latest((push) => {
              push({ viewerStandingChanged: { rank: 1, user: viewer } })
              return () => {}
            }),
        },
      },
      LeaderboardFrame: {
        state({ revision }: { revision: number }) {
          seen.push(requestId.getStore())
          if (revision === 13) throw new Error('an unlucky number')
          return 'LIVE'
        },
      },
    },
    access: { Competition: anyone },
    context({ requestId }) {
      if (requestId === 'unlucky') throw new Error('no context')
      return {}
    },
    handlers: {},
  })
  const now = () => new Date()
  served = await serveSubgraph(subgraph, { host: '127.0.0.1', port: 0, secret, now, logger, ready: async () => {} }) // biome-ignore format: one call
  local = openLocalUpstream(served)
  remote = openUpstream({ name: 'leaderboard', url: served.url, secret }, { now, logger, patience: 5_000 })
})
afterEach(async () => {
  await Promise.all([local.close(), remote.close()])
  await served.close()
})

/** Watches and notes what comes. */
function watch(upstream: Upstream, operation: SubgraphOperation, caller = anonymous) {
  const came: object[] = []
  const unsubscribe = upstream.watch(() => operation, caller, {
    // Whoever watches takes an event without data as a failure of the whole.
    next: ({ data, errors }) => void came.push(data === undefined ? { failed: errors } : { data, errors }),
    error: (failed) => void came.push({ failed }),
    complete: () => void came.push({ complete: true }),
  })
  const first = (count: number) => eventually(() => came.length >= count).then(() => came.slice(0, count))
  return { came, unsubscribe, first }
}

test.each([
  ['frames, with values as they are written', board, anonymous],
  ['who asks', standing, ann],
  ['that one has to sign in', standing, anonymous],
  [
    'a field that does not exist',
    { query: 'subscription { leaderboardChanged(competitionId: "a") { score } }' },
    ann,
  ],
  ['a fault of syntax', { query: 'subscription {' }, ann],
  ['a variable that is missing', { ...board, variables: {} }, ann],
  ['a stream that cannot start', { ...board, variables: { id: 'broken' } }, ann],
  ['a stream that fails with a code', { ...board, variables: { id: 'failing' } }, ann],
  ['a stream that crashes', { ...board, variables: { id: 'crashing' } }, ann],
  ['no context', board, { ...ann, requestId: 'unlucky' }],
])('%s comes in the process as over the socket', async (_, operation, caller: Caller) => {
  revisions.publish(7)
  const [here, there] = [watch(local, operation, caller), watch(remote, operation, caller)]
  const [first] = await here.first(1)
  expect([first]).toEqual(await there.first(1))
  expect(JSON.stringify(first)).not.toMatch(/ECONNRESET|terminated|no context/)
})

test('a stream that is at an end is complete, after its last event', async () => {
  const operation = { ...board, variables: { id: 'short' } }
  const here = await watch(local, operation).first(2)
  expect(here).toEqual([
    { data: expect.objectContaining({ leaderboardChanged: expect.anything() }) },
    { complete: true },
  ])
  expect(here).toEqual(await watch(remote, operation).first(2))
})

test('an error of an event is masked, and logged under the id of the request', async () => {
  revisions.publish(13)
  const [event] = await watch(local, board).first(1)
  expect(event).toMatchObject({
    data: null,
    errors: [
      {
        path: ['leaderboardChanged', 'state'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r1' },
      },
    ],
  })
  expect(logged).toEqual([
    expect.objectContaining({ requestId: 'r1', error: expect.stringContaining('an unlucky number') }),
  ])
})

test('what runs for an event knows the id of the request, whoever brought the event about', async () => {
  const watching = watch(local, board)
  await eventually(() => revisions.readers.size === 1)
  requestId.run('another', () => revisions.publish(1))
  await watching.first(1)
  expect(seen).toEqual(['r1'])
})

test('who leaves while nothing comes has left', async () => {
  const { unsubscribe, came } = watch(local, board)
  await eventually(() => revisions.readers.size === 1)
  unsubscribe()
  await eventually(() => revisions.readers.size === 0)
  expect(came).toEqual([])
})

test('who leaves before the stream has started has left, too', async () => {
  let start = () => {}
  starting = new Promise((resolve) => (start = resolve))
  const early = watch(local, board)
  early.unsubscribe()
  const late = watch(local, board)
  await new Promise(setImmediate)
  late.unsubscribe()
  start()
  await new Promise(setImmediate)
  expect(revisions.readers.size).toBe(0)
  revisions.publish(1)
  await new Promise(setImmediate)
  expect([...early.came, ...late.came]).toEqual([])
})

test('one of two watches of the same may leave', async () => {
  const [one, other] = [watch(local, board), watch(local, board)]
  await eventually(() => revisions.readers.size === 2)
  one.unsubscribe()
  revisions.publish(5)
  expect(await other.first(1)).toMatchObject([{ data: { leaderboardChanged: { revision: 5 } } }])
  expect(one.came).toEqual([])
})

test('nothing queues: of what comes at once the latest is kept', async () => {
  const watching = watch(local, board)
  await eventually(() => revisions.readers.size === 1)
  for (let revision = 1; revision <= 1_000; revision++) revisions.publish(revision)
  await eventually(() => JSON.stringify(watching.came.at(-1))?.includes('"revision":1000') ?? false)
  expect(watching.came.length).toBeLessThan(5)
})

test('closing the upstream ends what is watched', async () => {
  const watching = watch(local, board)
  await eventually(() => revisions.readers.size === 1)
  await local.close()
  expect(watching.came).toEqual([{ complete: true }])
  await eventually(() => revisions.readers.size === 0)
})

test('a subgraph that closes is not available, to who watches and to who comes', async () => {
  const watching = watch(local, board)
  await eventually(() => revisions.readers.size === 1)
  await served.close()
  served.close = async () => {}
  const unavailable = [{ failed: [expect.objectContaining({ extensions: { code: 'UNAVAILABLE' } })] }]
  expect(watching.came).toEqual(unavailable)
  expect(await watch(local, board).first(1)).toEqual(unavailable)
  await eventually(() => revisions.readers.size === 0)
})
