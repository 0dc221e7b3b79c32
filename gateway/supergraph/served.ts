import type { GraphQLSchema } from 'graphql'
import type { GatewayConfig } from '../../platform/config.ts'
import { forbidden } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import { locateSubgraphs, type SubgraphAddress } from '../../platform/settings/subgraph-addresses.ts'
import type { Api } from '../access/api.ts'
import { createEngine, type Engine } from '../execution/engine.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import type { LinkPool, SubgraphLinks } from './subgraph-links.ts'
import { warmUp } from './warm-up.ts'

/** What serves the requests of one supergraph. */
export type Served = {
  supergraph: LoadedSupergraph
  subgraphs: readonly SubgraphAddress[]
  engines: Engines
} & SubgraphLinks

/** What runs operations, by what their callers see; null: there is no such thing to see. */
type Engines = { whole: Engine; partner: Engine | null }

/** What runs the operations of callers who see this. Throws FORBIDDEN where there is nothing of it to see. */
export function engineFor({ engines }: Pick<Served, 'engines'>, api: Api): Engine {
  const engine = engines[api]
  if (!engine) throw noContract()
  return engine
}

/** Whoever is held to the contract sees nothing without one. */
export const noContract = () => forbidden('This service has no partner contract.')

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
  const { schema, contract } = supergraph
  // A contract is planned and fetched for as all else is: what may be asked, and what is completed and told, is its own.
  const seeing = (schema: GraphQLSchema) =>
    createEngine({
      supergraph: { ...supergraph, schema },
      transports,
      limits,
      logger,
      cache,
      trusted,
      listSize,
    })
  const engines: Engines = { whole: seeing(schema), partner: contract && seeing(contract) }
  if (before) {
    await warmUp(engines.whole, before.engines.whole.kept())
    if (engines.partner) await warmUp(engines.partner, before.engines.partner?.kept() ?? [])
  }
  return { supergraph, subgraphs, transports, upstreams, engines }
}
