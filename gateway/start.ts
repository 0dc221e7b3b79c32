import type { GatewayConfig } from '../platform/config.ts'
import { listen } from '../platform/listen.ts'
import { createLogger, type Logger } from '../platform/logger.ts'
import { openRedis } from '../platform/redis.ts'
import { createAddressOf } from './access/address.ts'
import type { Api } from './access/api.ts'
import { withApiKeys } from './access/api-keys.ts'
import { anonymousOnly, createAuthenticator } from './access/authenticate.ts'
import { openBudget } from './access/budget.ts'
import { openEndedSessions, refuseEnded } from './access/ended-sessions.ts'
import { openIssuers } from './access/issuers.ts'
import { createSocketQuota } from './access/socket-quota.ts'
import { mountDocs } from './docs/mount.ts'
import { openTrustedDocuments } from './documents/open.ts'
import { noneTrusted } from './documents/trusted.ts'
import { mountExplorer, mountExplorerNotice } from './explorer.ts'
import { mountHealth } from './health.ts'
import { createLiveCounters } from './live/counters.ts'
import { openLocalUpstream } from './live/local-upstream.ts'
import { watchSessions } from './live/sessions.ts'
import { createStreams } from './live/streams.ts'
import { openUpstream } from './live/upstream.ts'
import { mountMetrics } from './metrics.ts'
import { mountPartnerSchema } from './partner-schema.ts'
import { passOn } from './pass-on.ts'
import { openServer } from './server.ts'
import { issuerOf, keepsKeys, originOf, takesIn } from './supergraph/own-subgraphs.ts'
import { engineFor, type Served } from './supergraph/served.ts'
import { createLinkPool } from './supergraph/subgraph-links.ts'
import { openSupergraphs } from './supergraph/supergraphs.ts'
import type { LocalSubgraph } from './transport/in-process.ts'
import { openTransport } from './transport/open-transport.ts'
import { createSharing } from './transport/shared.ts'
import { openSockets } from './websocket/sockets.ts'

/** Longest that requests in flight may take once the gateway is asked to stop. */
const DRAIN = 5_000 // ms

/** Most that a file may have that a client sends. */
const MAX_UPLOAD = 5 * 1_048_576 // bytes

type Options = {
  /** Subgraphs of this process, by name: they are asked without a socket between. */
  local?: Readonly<Record<string, LocalSubgraph>>
  /** What tests set: the clock that tokens and signatures are checked by, and times that are too long to wait for. */
  now?: () => Date
  /** How often the keys of issuers are fetched again, in ms. */
  keysRefresh?: number
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
    keysRefresh = 300_000,
    sessionCheck,
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
  const redis = config.redis && openRedis({ ...config.redis, logger })
  const ended = openEndedSessions({ redis, now, logger })
  const issuers = openIssuers({ config, users: () => takesIn(current()), now, logger, keysRefresh })
  const authenticator =
    issuers.length === 0
      ? anonymousOnly
      : withApiKeys(refuseEnded(createAuthenticator({ issuers, ended, now }), ended), { users: () => keepsKeys(current()), ended, now, logger }) // biome-ignore format: one thought
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
  const engine = (api: Api) => engineFor(current(), api)
  const quota = createSocketQuota(config.limits)
  const budget = openBudget({ limits: config.limits, redis })
  const schema = () => current().supergraph.schema
  const documents = await openTrustedDocuments({ config, schema, logger, poll })
  // They are those of our own apps. What partners may ask is what their contract shows.
  const trusted = { whole: documents, partner: noneTrusted }
  const live = { streams, quota, sessions, now }
  const server = await openServer({ config, engine, authenticator, addressOf, budget, trusted, live, logger })
  const { app } = server
  mountHealth(app, { subgraphs: () => current().subgraphs, isStopping: () => isStopping })
  const toUsers = { to: () => originOf(current(), 'users'), addressOf, budget, logger }
  passOn(app, { ...toUsers, path: '/files/*', methods: ['GET', 'HEAD', 'PUT'], bodyLimit: MAX_UPLOAD })
  passOn(app, { ...toUsers, path: '/.well-known/jwks.json', methods: ['GET', 'HEAD'], bodyLimit: 0 })
  const contract = () => current().supergraph.contract
  mountPartnerSchema(app, { contract, authenticator, addressOf, budget, logger })
  mountDocs(app, { supergraph: () => current().supergraph, limits: config.limits, isPublic: config.publicDocs, authenticator, addressOf, budget, logger }) // biome-ignore format: one call
  if (!config.production) {
    const outbox = { ...toUsers, to: () => originOf(current(), 'notifications'), bodyLimit: 0 }
    for (const path of ['/outbox', '/outbox.json']) passOn(app, { ...outbox, path, methods: ['GET'] })
  }
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
      await Promise.all([supergraphs.close(), documents.close(), sockets.close(), server.close()])
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

function tellWhatIsOff({ jwksUrl, outsideIssuer }: GatewayConfig, served: Served, logger: Logger): void {
  if (jwksUrl === null && outsideIssuer === null) {
    logger.warn('JWKS_URL is not set: nobody can sign in, and everyone is anonymous')
  }
  if (!issuerOf(served))
    logger.warn('no subgraph knows of sessions: a revoked one holds its sockets until its token expires')
}
