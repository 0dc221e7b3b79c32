import type { GatewayConfig } from '../../platform/config.ts'
import type { Logger } from '../../platform/logger.ts'
import type { SubgraphAddress } from '../../platform/settings/subgraph-addresses.ts'
import { withBreaker } from './breaker.ts'
import { createHttpTransport } from './http.ts'
import { createInProcessTransport, type LocalSubgraph } from './in-process.ts'
import type { Sharing } from './shared.ts'
import type { Transport } from './transport.ts'

/** The way to a subgraph, as the gateway is configured: straight to one in this process (`local`, by name), else over HTTP. */
export function openTransport(
  subgraph: SubgraphAddress,
  options: {
    config: Pick<GatewayConfig, 'subgraphTimeout' | 'sharing'>
    /** That of all subgraphs of one gateway. */
    sharing: Sharing
    local: Readonly<Record<string, LocalSubgraph>>
    now: () => Date
    logger: Logger
  },
): Transport {
  const { config, sharing, local, now, logger } = options
  const { name } = subgraph
  const timeout = config.subgraphTimeout
  const here = local[name]
  const transport = here
    ? createInProcessTransport(here, { timeout })
    : createHttpTransport(subgraph, { now, logger, timeout })
  const guarded = withBreaker(transport, { name, logger })
  return config.sharing.subgraphRequests ? sharing(guarded) : guarded
}
