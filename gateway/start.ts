import type { GatewayConfig } from '../platform/config.ts'
import { listen } from '../platform/listen.ts'
import { createLogger, type Logger } from '../platform/logger.ts'
import { openRedis } from '../platform/redis.ts'
import { createAddressOf } from './access/address.ts'
import { anonymousOnly, createAuthenticator } from './access/authenticate.ts'
import { openBudget } from './access/budget.ts'
import { openEndedSessions, refuseEnded } from './access/ended-sessions.ts'
import { createSocketQuota } from './access/socket-quota.ts'
import { openTrustedDocuments } from './documents/open.ts'
import { mountExplorer, mountExplorerNotice } from './explorer.ts'
import { mountHealth } from './health.ts'
import { createLiveCounters } from './live/counters.ts'
import { openLocalUpstream } from './live/local-upstream.ts'
import { watchSessions } from './live/sessions.ts'
import { createStreams } from './live/streams.ts'
import { openUpstream } from './live/upstream.ts'
import { mountMetrics } from './metrics.ts'
import { openServer } from './server.ts'
import type { Served } from './supergraph/served.ts'
import { createLinkPool } from './supergraph/subgraph-links.ts'
import { openSupergraphs } from './supergraph/supergraphs.ts'
import type { LocalSubgraph } from './transport/in-process.ts'
import { openTransport } from './transport/open-transport.ts'
import { createSharing } from './transport/shared.ts'
import type { Transport } from './transport/transport.ts'
import { openSockets } from './websocket/sockets.ts'

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
  /** How often who reads a shared stream is judged again, in ms. */
  admissionCheck?: number
  /** Within how many ms streams begin anew under another supergraph. */
  spread?: number
  /** How often the files of the supergraph and of trusted documents are read, in ms. */
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
  const {
    now = () => new Date(),
    sessionCheck = 30_000,
    patience = 30_000,
    admissionCheck = 40_000,
    spread = 3_000,
    local = {},
    poll,
  } = options
  const logger = createLogger(config.logLevel).child({ process: 'gateway' })

  const sharing = createSharing()
  const links = createLinkPool({
    transport: (subgraph) => openTransport(subgraph, { config, sharing, local, now, logger }),
    upstream(subgraph) {
      const here = local[subgraph.name]
      return here ? openLocalUpstream(here) : openUpstream(subgraph, { now, logger, patience })
    },
  })
  const { current, ...supergraphs } = await openSupergraphs({ config, links, logger, poll })
  const { jwksUrl } = config
  const redis = config.redis && openRedis({ ...config.redis, logger })
  const ended = openEndedSessions({ redis, now, logger })
  const authenticator =
    jwksUrl === null ? anonymousOnly : refuseEnded(createAuthenticator({ jwksUrl, now, logger }), ended)
  const addressOf = createAddressOf(config.trustedProxies)
  const sessions = watchSessions({ users: () => issuerOf(current()), every: sessionCheck, ended, logger })
  const counters = createLiveCounters()
  const streams = createStreams({
    served: current,
    isSharing: config.sharing.streams,
    admissionCheck,
    spread,
    counters,
    logger,
  })
  supergraphs.onChange(streams.changed)
  tellWhatIsOff(config, current(), logger)

  let isStopping = false
  const engine = () => current().engine
  const quota = createSocketQuota(config.limits)
  const budget = openBudget({ limits: config.limits, redis })
  const schema = () => engine().schema
  const trusted = await openTrustedDocuments({ config, schema, logger, poll })
  const live = { streams, quota, sessions, now }
  const server = await openServer({ config, engine, authenticator, addressOf, budget, trusted, live, logger })
  const { app } = server
  mountHealth(app, { subgraphs: () => current().subgraphs, isStopping: () => isStopping })
  if (config.metrics) mountMetrics(app, { counters })
  if (config.explorer) await (config.trustedDocuments?.only ? mountExplorerNotice : mountExplorer)(app)
  const origin = await listen(app, { host: config.host, port: config.port, setting: 'PORT' })
  // Once it listens: what fails before that is listen's to tell.
  const sockets = openSockets(app.server, {
    config,
    authenticator,
    addressOf,
    budget,
    trusted,
    ...live,
    logger,
  })

  return {
    url: `${origin}/graphql`,
    async close() {
      isStopping = true
      const timer = setTimeout(() => app.server.closeAllConnections(), DRAIN)
      await Promise.all([supergraphs.close(), trusted.close(), sockets.close(), server.close()])
      clearTimeout(timer)
      sessions.close()
      ended.close()
      await budget.close()
      redis?.close()
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
