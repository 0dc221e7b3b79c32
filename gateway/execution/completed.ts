import type { ExecutionResult, GraphQLError } from 'graphql'

/**
 * A result of Apollo's executor as GraphQL wants it: where null had to stand for something that cannot be null and no
 * error says why, Apollo tells it in `extensions`; it belongs into `errors`.
 */
export function completed(result: ExecutionResult): ExecutionResult {
  const { valueCompletion, ...extensions } = result.extensions ?? {}
  if (!valueCompletion) return result
  return {
    data: result.data,
    // The executor's own.
    errors: [...(result.errors ?? []), ...(valueCompletion as GraphQLError[])],
    ...(Object.keys(extensions).length > 0 && { extensions }),
  }
}
