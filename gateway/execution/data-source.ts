import type { GraphQLDataSource } from '@apollo/gateway'
import type { Caller } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import { reasonOf, type SubgraphClient } from './subgraph-client.ts'
import { unavailableFields } from './unavailable-fields.ts'

/** The context of an operation at the gateway. */
export type GatewayContext = { caller: Caller }

export type DataSource = GraphQLDataSource<GatewayContext>

/**
 * A subgraph as the executor of query plans wants it. One that fails costs the fields that were asked of it, each with
 * an error of its own, and nothing else.
 */
export function createDataSource(name: string, send: SubgraphClient, logger: Logger): DataSource {
  return {
    async process({ request, context }) {
      const { query = '', variables, operationName } = request
      try {
        return await send({ query, variables, operationName }, context.caller)
      } catch (error) {
        const { requestId } = context.caller
        logger.warn({ subgraph: name, requestId, error: reasonOf(error) }, 'a subgraph did not answer')
        return { data: null, errors: unavailableFields({ query, variables }) }
      }
    },
  }
}
