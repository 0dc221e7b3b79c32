import { ApolloGateway } from '@apollo/gateway'
import type { ApolloServerOptionsWithGateway } from '@apollo/server'
import type { Logger } from '../../platform/logger.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import { completed } from './completed.ts'
import type { DataSource, GatewayContext } from './data-source.ts'

/** What Apollo Server takes to run operations with. */
export type Executor = ApolloServerOptionsWithGateway<GatewayContext>['gateway']

/** What Apollo Server runs queries and mutations with: @apollo/gateway over our data sources. */
export function createExecutor(
  supergraph: LoadedSupergraph,
  sources: Record<string, DataSource>,
  logger: Logger,
): Executor {
  process.env.APOLLO_TELEMETRY_DISABLED = '1' // it reports to its maker otherwise
  const gateway = new ApolloGateway({
    supergraphSdl: supergraph.sdl,
    logger,
    __exposeQueryPlanExperimental: false,
    buildService({ name }) {
      const source = sources[name]
      if (!source) throw new Error(`the supergraph has a subgraph ${name} that is not configured`)
      return source
    },
  })
  return {
    onSchemaLoadOrUpdate: (listener) => gateway.onSchemaLoadOrUpdate(listener),
    async load(options) {
      const { executor } = await gateway.load(options)
      return { executor: executor && (async (request) => completed(await executor(request))) }
    },
    stop: () => gateway.stop(),
  }
}
