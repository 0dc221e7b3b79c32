import type { GatewayConfig } from '../platform/config.ts'
import { listen } from '../platform/listen.ts'
import { createLogger, type Logger } from '../platform/logger.ts'
import { createAddressOf } from './access/address.ts'
import { anonymousOnly, createAuthenticator } from './access/authenticate.ts'
import { mountExplorer } from './explorer.ts'
import { mountHealth } from './health.ts'
import { watchSessions } from './live/sessions.ts'
import { openSockets } from './live/sockets.ts'
import { openUpstream } from './live/upstream.ts'
import { openServer } from './server.ts'
import type { Served } from './supergraph/served.ts'
import { createLinkPool } from './supergraph/subgraph-links.ts'
import { openSupergraphs } from './supergraph/supergraphs.ts'
import type { LocalSubgraph } from './transport/in-process.ts'
import { openTransport } from './transport/open-transport.ts'
import { createSharing } from './transport/shared.ts'
import type { Transport } from './transport/transport.ts'

/** Longest that requests in flight may take once the gateway is asked to stop. */
const DRAIN = 5_000 // ms

type Options = {
  /** Subgraphs of this process, by name: they are asked without a socket between. */
  local?: Readonly<Record<string, LocalSubgraph>>
  /** What tests set: the clock that tokens and signatures are checked by, and times that are too long to wait for. */
  now?: () => Date
  /** How often a session that holds sockets is asked about, in ms. */
  sessionCheck?: number
  /** How long readers wait for a subgraph that is away, in ms. */
  patience?: number
  /** How often the file of the supergraph is read, in ms. */
  poll?: number
}

/**
 * Starts a gateway; `url` is where it serves GraphQL. Throws StartupError or ConfigError for what its starter can put
 * right.
 */
export async function startGateway(
  config: GatewayConfig,
  options: Options = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const { now = () => new Date(), sessionCheck = 30_000, patience = 30_000, local = {}, poll } = options
  const logger = createLogger(config.logLevel).child({ process: 'gateway' })

  const sharing = createSharing()
  const links = createLinkPool({
    transport: (subgraph) => openTransport(subgraph, { config, sharing, local, now, logger }),
    upstream: (subgraph) => openUpstream(subgraph, { now, logger, patience }),
  })
  const { current, close: closeSupergraphs } = await openSupergraphs({ config, links, logger, poll })
  const { jwksUrl } = config
  const authenticator = jwksUrl === null ? anonymousOnly : createAuthenticator({ jwksUrl, now, logger })
  const addressOf = createAddressOf(config.trustedProxies)
  const sessions = watchSessions({ users: () => issuerOf(current()), every: sessionCheck, logger })
  tellWhatIsOff(config, current(), logger)

  let isStopping = false
  const engine = () => current().engine
  const server = await openServer({ config, engine, authenticator, addressOf, logger })
  const { app } = server
  mountHealth(app, { subgraphs: () => current().subgraphs, isStopping: () => isStopping })
  if (!config.production) await mountExplorer(app)
  const origin = await listen(app, { host: config.host, port: config.port, setting: 'PORT' })
  // Once it listens: what fails before that is listen's to tell.
  const sockets = openSockets(app.server, {
    config,
    authenticator,
    addressOf,
    subscriptions: { prepare: (subscription) => current().subscriptions.prepare(subscription) },
    sessions,
    now,
    logger,
  })

  return {
    url: `${origin}/graphql`,
    async close() {
      isStopping = true
      const timer = setTimeout(() => app.server.closeAllConnections(), DRAIN)
      await Promise.all([closeSupergraphs(), sockets.close(), server.close()])
      clearTimeout(timer)
      sessions.close()
      authenticator.close()
      await links.close()
    },
  }
}

/** Who knows whether a session is over: the subgraph that began it. Foreign supergraphs have none. */
function issuerOf({ supergraph, transports }: Served): Transport | undefined {
  return supergraph.schema.getQueryType()?.getFields().viewer && transports.users
}

function tellWhatIsOff({ jwksUrl }: GatewayConfig, served: Served, logger: Logger): void {
  if (jwksUrl === null) logger.warn('JWKS_URL is not set: nobody can sign in, and everyone is anonymous')
  if (!issuerOf(served))
    logger.warn('no subgraph knows of sessions: a revoked one holds its sockets until its token expires')
}
