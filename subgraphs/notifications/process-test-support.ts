import { randomUUID } from 'node:crypto'
import { type ExecutionResult, graphql, parse, subscribe } from 'graphql'
import type { EventHandlers } from '../../platform/events.ts'
import type { Identity } from '../../platform/identity.ts'
import { type OpenRedis, openRedis } from '../../platform/redis.ts'
import type { Resources } from '../../platform/resources.ts'
import type { Subgraph } from '../../platform/subgraph.ts'
import { openTestStore, silent, testPrefix, testRedisUrl } from '../../test/support/stores.ts'
import { openNotifications } from './index.ts'
import { noon } from './test-support.ts'

type Notification = { id: string; title: string }
type Stream = AsyncIterableIterator<ExecutionResult<{ notificationReceived: Notification }>>

/** A process of the subgraph: each has connections to Redis of its own. */
export type Process = { redis: OpenRedis; subgraph: Subgraph }

export const person = (id: string): Identity => ({
  kind: 'person',
  id,
  role: 'USER',
  scopes: [],
  sessionId: 'session',
})

/** The subgraph on a fresh database, asked through its schema as a gateway asks; `main` is where nothing else is said. */
export async function openProcesses() {
  const store = await openTestStore('notifications')
  const prefix = testPrefix()
  const processes: Process[] = []
  const streams: Stream[] = []

  async function open(): Promise<Process> {
    const redis = openRedis({ urls: [testRedisUrl()], prefix, logger: silent })
    await new Promise((resolve) => redis.commands.once('ready', resolve))
    // The rest of the configuration is not looked at here.
    const config = { mail: { kind: 'off' } }
    const resources = { config, db: store.db, redis, logger: silent, now: () => noon } as Resources
    const process = { redis, subgraph: await openNotifications(resources) }
    processes.push(process)
    return process
  }

  const main = await open()
  // defineSubgraph's handlers are those of platform/events.ts, whole.
  const handle = main.subgraph.handlers as Required<EventHandlers>

  async function send<Data>(identity: Identity, source: string, variableValues = {}): Promise<Data> {
    const contextValue = main.subgraph.contextOf({ identity, requestId: 'request' })
    const { data, errors } = await graphql({
      schema: main.subgraph.schema,
      source,
      variableValues,
      contextValue,
    })
    if (errors) throw errors[0]
    // What the query asked for is what came.
    return data as Data
  }

  async function listen(
    userId: string,
    after: string | null = null,
    { subgraph }: Process = main,
  ): Promise<Stream> {
    const stream = await subscribe({
      schema: subgraph.schema,
      document: parse('subscription ($after: ID) { notificationReceived(after: $after) { id title } }'),
      variableValues: { after },
      contextValue: subgraph.contextOf({ identity: person(userId), requestId: 'request' }),
    })
    if (!(Symbol.asyncIterator in stream)) throw stream.errors?.[0]
    streams.push(stream as Stream)
    return stream as Stream
  }

  /** A competition that this person organizes; every one of its announcements is an item. */
  async function competitionOf(organizerId: string, name = 'Spring Steps'): Promise<string> {
    const competitionId = randomUUID()
    await handle['competition.opened']({
      competitionId,
      name,
      organizerId,
      metric: 'STEPS',
      visibility: 'PUBLIC',
      startsAt: noon.toISOString(),
      endsAt: noon.toISOString(),
    })
    return competitionId
  }

  async function tell(userId: string, name: string): Promise<void> {
    await handle['competition.started']({ competitionId: await competitionOf(userId, name) })
  }

  /** The newest items of a person's feed. */
  async function newest(userId: string, first: number): Promise<Notification[]> {
    const { _entities } = await send<{
      _entities: { notifications: { edges: { node: Notification }[] } }[]
    }>(
      person(userId),
      `query ($viewer: _Any!, $first: Int!) {
        _entities(representations: [$viewer]) { ... on Viewer { notifications(first: $first) { edges { node { id title } } } } }
      }`,
      { viewer: { __typename: 'Viewer', id: userId }, first },
    )
    return _entities.flatMap(({ notifications: { edges } }) => edges.map(({ node }) => node))
  }

  return {
    handle,
    open,
    send,
    listen,
    competitionOf,
    tell,
    newest,

    returnStreams: () => Promise.all(streams.splice(0).map((stream) => stream.return?.())),

    async close(): Promise<void> {
      for (const { redis, subgraph } of processes) {
        await subgraph.close()
        redis.close()
      }
      await store.close()
    },
  }
}

export type Processes = Awaited<ReturnType<typeof openProcesses>>

export async function next(stream: Stream): Promise<Notification> {
  const { value } = await stream.next()
  return value.data.notificationReceived
}
