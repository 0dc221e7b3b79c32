import { hash, randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { type AccessRule, anyone } from '../../platform/access.ts'
import type { GatewayConfig } from '../../platform/config.ts'
import { badUserInput, unauthenticated } from '../../platform/errors.ts'
import type { Person } from '../../platform/identity.ts'
import { type SubgraphName, subgraphNames } from '../../platform/names.ts'
import type { RequestInfo } from '../../platform/request.ts'
import { scalars } from '../../platform/scalars.ts'
import { serveSubgraph } from '../../platform/serve-subgraph.ts'
import { variablePrefix } from '../../platform/settings/subgraph-addresses.ts'
import { latest, queue } from '../../platform/streams.ts'
import { defineSubgraph } from '../../platform/subgraph.ts'
import { freePort } from '../../test/support/ports.ts'
import { createIssuer } from './issuer.ts'
import { createTopic } from './topic.ts'

/** Small subgraphs with the real schemas, on real sockets, and what a test moves them with. */
export async function openSubgraphs() {
  const issuer = await createIssuer()
  const secrets = bySubgraph(() => randomBytes(24).toString('base64url'))
  /** Revisions of the one board, which is `world.cup`'s and has `world.size` people. */
  const board = createTopic<number>()
  /** The ids of notifications. */
  const feed = createTopic<string>()
  const ended = new Set<string>()
  const keys = new Map<string, TestKey>()
  const lookedUp: string[] = []
  const signedIn: { subject: string }[] = []
  const asked: RequestInfo[] = []
  const named: string[] = []
  const logged: { requestId?: string; error?: string }[] = []
  const logger = pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) })
  const world = {
    cup: 'cup',
    size: 2,
    body: '',
    bio: async () => 'short',
    passed: 0, // ms
    /** Why whom an outside issuer vouches for is refused; null: nobody is. */
    refusal: null as string | null,
    /** Whether a viewer may see competitions and their boards; null: anonymous. */
    seesBoards: (_viewer: string | null) => true,
    /** The same of people. */
    seesPeople: (_viewer: string | null) => true,
  }
  const now = () => new Date(Date.now() + world.passed)

  const seesBoards: AccessRule<unknown> = (_, viewer) => world.seesBoards(viewer?.id ?? null)
  const seesPeople: AccessRule<unknown> = (_, viewer) => world.seesPeople(viewer?.id ?? null)

  const resolvers: Record<SubgraphName, { resolvers: object; access: Record<string, AccessRule<unknown>> }> =
    {
      users: {
        access: {
          User: seesPeople,
          'Query.apiKeyBearer': () => false,
          'Mutation.signInFromIssuer': () => false,
        },
        resolvers: {
          Query: {
            viewer(_: unknown, __: unknown, { viewer }: { viewer: Person | null }) {
              if (viewer && ended.has(viewer.sessionId)) throw unauthenticated('This session has ended.')
              return viewer && { id: viewer.id, email: `${viewer.id}@example.com`, role: viewer.role }
            },
            user: (_: unknown, { id }: { id: string }) => person(id),
            apiKeyBearer(_: unknown, { secretHash }: { secretHash: string }) {
              lookedUp.push(secretHash)
              const key = keys.get(secretHash)
              return key && !ended.has(key.sessionId) ? key : null
            },
          },
          Mutation: {
            signInFromIssuer(_: unknown, { input }: { input: { subject: string; session: string } }) {
              signedIn.push({ ...input })
              if (world.refusal) return { userErrors: [{ code: 'SUSPENDED', message: world.refusal }] }
              const { subject: userId, session: sessionId } = input
              return { bearer: { userId, role: 'USER', scopes: [], sessionId }, userErrors: [] }
            },
          },
          User: {
            __resolveReference({ id }: { id: string }) {
              named.push(id)
              return person(id)
            },
            bio: () => world.bio(),
          },
        },
      },
      competitions: {
        access: { Competition: seesBoards, User: anyone },
        resolvers: {
          Query: {
            competition: (_: unknown, { id }: { id: string }) => competition(id),
            competitions: () => ({ edges: [], totalCount: 0 }),
          },
          Competition: {
            __resolveReference: ({ id }: { id: string }) => competition(id),
            viewerParticipation: (_: unknown, __: unknown, { viewer }: { viewer: Person | null }) =>
              viewer && { user: { id: viewer.id }, joinedAt: new Date(0), status: 'JOINED' },
          },
        },
      },
      leaderboard: {
        access: { Competition: seesBoards, 'Subscription.leaderboardChanged': seesBoards },
        resolvers: {
          Subscription: {
            leaderboardChanged: {
              subscribe: () =>
                latest((push) => {
                  push({ leaderboardChanged: frame(board.published.at(-1) ?? 0) })
                  return board.subscribe((revision) => push({ leaderboardChanged: frame(revision) }))
                }),
            },
          },
        },
      },
      fitness: { access: {}, resolvers: {} },
      notifications: {
        access: {},
        resolvers: {
          Subscription: {
            notificationReceived: {
              subscribe(_: unknown, { after }: { after?: string | null }) {
                if (after === 'broken') throw new Error('read ECONNRESET 10.0.0.7:6379')
                if (after === 'unknown') throw badUserInput('There is no such notification.')
                return queue(100, (push) => {
                  const known = after ? feed.published.slice(feed.published.indexOf(after) + 1) : []
                  for (const id of known) push({ notificationReceived: notification(id, world.body) })
                  return feed.subscribe((id) => push({ notificationReceived: notification(id, world.body) }))
                })
              },
            },
          },
        },
      },
    }

  const frame = (revision: number) => ({
    competition: { id: world.cup },
    revision,
    state: 'LIVE',
    changedAt: now(),
    standings: Array.from({ length: world.size }, (_, index) => ({ user: { id: `p${index}` }, rank: index + 1, score: revision })), // biome-ignore format: one thought
  })
  const running = new Map<SubgraphName, Awaited<ReturnType<typeof serveSubgraph>>>()
  const ports = new Map<SubgraphName, number>()
  const connections = new Map<SubgraphName, number>()

  async function start(name: SubgraphName): Promise<void> {
    const { resolvers: own, access } = resolvers[name]
    const subgraph = defineSubgraph({
      name,
      resolvers: { ...scalars, ...own },
      access,
      context(request) {
        asked.push(request)
        return {}
      },
      handlers: {},
      routes(app) {
        app.server.on('upgrade', () => connections.set(name, (connections.get(name) ?? 0) + 1))
        if (name === 'users') app.get('/.well-known/jwks.json', () => issuer.jwks)
      },
    })
    const port = ports.get(name) ?? (await freePort())
    const server = await serveSubgraph(subgraph, { host: '127.0.0.1', port, secret: secrets[name], now, logger, ready: async () => {} }) // biome-ignore format: one call
    running.set(name, server)
    ports.set(name, port)
  }

  async function stop(name: SubgraphName): Promise<void> {
    await running.get(name)?.close()
    running.delete(name)
  }

  await Promise.all(subgraphNames.map(start))
  const config: GatewayConfig = {
    production: false,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    supergraph: null,
    subgraphs: {
      signing: true,
      production: false,
      variables: Object.fromEntries(
        subgraphNames.flatMap((name) => [
          [`${variablePrefix(name)}_URL`, running.get(name)?.url ?? ''],
          [`${variablePrefix(name)}_SECRET`, secrets[name]],
        ]),
      ),
    },
    subgraphTimeout: 30_000, // ms
    introspection: true,
    publicDocs: true,
    explorer: true,
    trustedDocuments: null,
    metrics: true,
    sharing: { subgraphRequests: true, clientRequests: true, streams: true },
    redis: null,
    operationCache: 1_000,
    outsideIssuer: null,
    jwksUrl: `http://127.0.0.1:${ports.get('users')}/.well-known/jwks.json`,
    origins: ['https://podium.example'],
    trustedProxies: [],
    limits: { bodyBytes: 10_000, tokens: 1_000, depth: 12, aliases: 30, rootFields: 20, selections: 2_000, cost: 10_000, costPerKey: 50_000, listSize: 10, perMinute: { person: { requests: null, cost: null }, key: { requests: null, cost: null }, address: { requests: null, cost: null } }, subscriptionsPerSocket: 3, socketsPerPerson: 2, socketsPerKey: 3, socketsPerAddress: 4 }, // biome-ignore format: one line
  }
  return {
    config,
    issuer,
    board,
    feed,
    world,
    now,
    /** The secret of a new API key of Ann's with these scopes; `change` is what else is told of it. */
    key(scopes: string[], change: Partial<TestKey> = {}): string {
      const secret = `podium_${randomBytes(32).toString('base64url')}`
      keys.set(hash('sha256', secret, 'base64url'), { userId: 'ann', role: 'USER', scopes, sessionId: `key ${keys.size}`, expiresAt: null, ...change }) // biome-ignore format: one call
      return secret
    },
    /** The hashes of the keys that were asked about. */
    lookedUp,
    /** Whom an outside issuer vouched for. */
    signedIn,
    /** Ids of sessions, and of keys, that are over. */
    ended,
    /** What came to any of them, and from where. */
    asked,
    /** Whom users was asked for by other subgraphs. */
    named,
    /** What they logged. */
    logged,
    /** How many WebSockets a subgraph has been opened. */
    connections,
    start,
    /** Stops a subgraph, which `start` brings back at the same address. */
    stop,
    close: async () => void (await Promise.all(subgraphNames.map(stop))),
  }
}

/** What users tells of an API key. */
type TestKey = { userId: string; role: string; scopes: string[]; sessionId: string; expiresAt: Date | null }

export type TestSubgraphs = Awaited<ReturnType<typeof openSubgraphs>>

const person = (id: string) => {
  if (id === 'broken') throw new Error('connect ECONNREFUSED 10.0.0.7:5432: select * from people')
  return id === 'nobody' ? null : { id, displayName: `Person ${id}`, joinedAt: new Date(0) }
}

const competition = (id: string) => {
  if (id === 'broken') throw new Error('duplicate key value violates unique constraint')
  return { id, name: `The ${id}`, organizer: { id: id === 'orphan' ? 'nobody' : 'organizer' } }
}

const notification = (id: string, body: string) => ({
  id,
  category: 'RANK',
  title: `Title ${id}`,
  body,
  at: new Date(0),
  competition: { id: 'cup' },
})

function bySubgraph<T>(make: (name: SubgraphName) => T): Record<SubgraphName, T> {
  // Object.fromEntries forgets its keys.
  return Object.fromEntries(subgraphNames.map((name) => [name, make(name)])) as Record<SubgraphName, T>
}
