import type { GatewayConfig } from '../platform/config.ts'
import { listen } from '../platform/listen.ts'
import { createLogger } from '../platform/logger.ts'
import type { SubgraphName } from '../platform/names.ts'
import { createAddressOf } from './access/address.ts'
import { createAuthenticator } from './access/authenticate.ts'
import { createDataSource } from './execution/data-source.ts'
import { createExecutor } from './execution/gateway.ts'
import { createSubgraphClient } from './execution/subgraph-client.ts'
import { mountExplorer } from './explorer.ts'
import { mountHealth } from './health.ts'
import { watchSessions } from './live/sessions.ts'
import { openSockets } from './live/sockets.ts'
import { createSubscriptions } from './live/subscriptions.ts'
import { openUpstream } from './live/upstream.ts'
import { openServer } from './server.ts'
import { composeSupergraph, loadSupergraph } from './supergraph.ts'

/** Longest that requests in flight may take once the gateway is asked to stop. */
const DRAIN = 5_000 // ms

/** What tests set: the clock that tokens and signatures are checked by, and times that are too long to wait for. */
type Options = {
  now?: () => Date
  /** How often a session that holds sockets is asked about, in ms. */
  sessionCheck?: number
  /** How long readers wait for a subgraph that is away, in ms. */
  patience?: number
}

/** Starts a gateway; `url` is where it serves GraphQL. Throws StartupError for what its starter can put right. */
export async function startGateway(
  config: GatewayConfig,
  options: Options = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const { now = () => new Date(), sessionCheck = 30_000, patience = 30_000 } = options
  const logger = createLogger(config.logLevel).child({ process: 'gateway' })
  const { subgraphs, limits } = config

  const supergraph = loadSupergraph(composeSupergraph(bySubgraph(({ url }) => url)))
  const clients = bySubgraph((subgraph) => createSubgraphClient(subgraph, { now, logger }))
  const sources = bySubgraph(({ name }) => createDataSource(name, clients[name], logger))
  const upstreams = bySubgraph((subgraph) => openUpstream(subgraph, { now, logger, patience }))
  const authenticator = createAuthenticator({ jwksUrl: config.jwksUrl, now, logger })
  const addressOf = createAddressOf(config.trustedProxies)
  const sessions = watchSessions({ users: clients.users, every: sessionCheck, logger })

  let isStopping = false
  const executor = createExecutor(supergraph, sources, logger)
  const server = await openServer({ config, executor, authenticator, addressOf, logger })
  const { app } = server
  mountHealth(app, { subgraphs, isStopping: () => isStopping })
  if (!config.production) await mountExplorer(app)
  const subscriptions = createSubscriptions({ supergraph, sources, upstreams, limits, logger })
  const origin = await listen(app, { host: config.host, port: config.port, setting: 'PORT' })
  // Once it listens: what fails before that is listen's to tell.
  const sockets = openSockets(app.server, {
    config,
    authenticator,
    addressOf,
    subscriptions,
    sessions,
    now,
    logger,
  })

  return {
    url: `${origin}/graphql`,
    async close() {
      isStopping = true
      const timer = setTimeout(() => app.server.closeAllConnections(), DRAIN)
      await Promise.all([sockets.close(), server.close()])
      clearTimeout(timer)
      sessions.close()
      authenticator.close()
      await Promise.all(Object.values(upstreams).map((upstream) => upstream.close()))
    },
  }

  function bySubgraph<T>(make: (subgraph: GatewayConfig['subgraphs'][number]) => T): Record<SubgraphName, T> {
    // Object.fromEntries forgets its keys; the configuration has every subgraph.
    return Object.fromEntries(subgraphs.map((subgraph) => [subgraph.name, make(subgraph)])) as Record<
      SubgraphName,
      T
    >
  }
}
