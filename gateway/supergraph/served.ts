import type { GatewayConfig } from '../../platform/config.ts'
import type { Logger } from '../../platform/logger.ts'
import { locateSubgraphs, type SubgraphAddress } from '../../platform/subgraph-addresses.ts'
import { createEngine, type Engine } from '../execution/engine.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import type { LinkPool, SubgraphLinks } from './subgraph-links.ts'
import { warmUp } from './warm-up.ts'

/** What serves the requests of one supergraph. */
export type Served = {
  supergraph: LoadedSupergraph
  subgraphs: readonly SubgraphAddress[]
  engine: Engine
} & SubgraphLinks

/**
 * Makes what serves a supergraph, warmed with what the one before it has kept. Throws ConfigError when the environment
 * lacks what one of its subgraphs needs.
 */
export async function serve(
  supergraph: LoadedSupergraph,
  options: { before: Served | undefined; config: GatewayConfig; links: LinkPool; logger: Logger },
): Promise<Served> {
  const { before, config, links, logger } = options
  const subgraphs = locateSubgraphs(supergraph.subgraphs, config.subgraphs)
  const { transports, upstreams } = links.to(subgraphs)
  const { limits, operationCache: cache } = config
  const { listSize } = limits
  // Those that share a secret with this gateway are of this service.
  const trusted = new Set(subgraphs.filter(({ secret }) => secret !== null).map(({ name }) => name))
  const engine = createEngine({ supergraph, transports, limits, logger, cache, trusted, listSize })
  if (before) await warmUp(engine, before.engine.kept())
  return { supergraph, subgraphs, transports, upstreams, engine }
}
