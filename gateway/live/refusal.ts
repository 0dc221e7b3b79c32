import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Logger } from '../../platform/logger.ts'
import { maskErrors, maskGraphQLError } from '../../platform/mask-errors.ts'
import { InvalidOperationError } from '../execution/invalid-operation.ts'

/** What a reader is told of what was thrown instead of a stream. */
export function refusal(
  error: unknown,
  { logger, requestId }: { logger: Logger; requestId: string },
): GraphQLFormattedError[] {
  return maskErrors(errorsIn(error), { logger, requestId }, maskGraphQLError)
}

function errorsIn(error: unknown): readonly GraphQLError[] {
  if (error instanceof InvalidOperationError) return error.errors
  if (error instanceof GraphQLError) return [error]
  return [
    new GraphQLError('unexpected', {
      originalError: error instanceof Error ? error : new Error(String(error)),
    }),
  ]
}
