import { GraphQLError } from 'graphql'
import type { Logger } from '../../platform/logger.ts'
import { maskError } from '../../platform/mask-errors.ts'
import { InvalidOperationError } from '../execution/invalid-operation.ts'
import { refusal } from '../live/refusal.ts'
import { RequestError } from './request-error.ts'

/** Why a request is not answered with a result, whatever was thrown. */
export function refusedRequest(error: unknown, told: { logger: Logger; requestId: string }): RequestError {
  if (error instanceof RequestError) return error
  if (error instanceof InvalidOperationError) return new RequestError(400, refusal(error, told))
  const graphql = error instanceof GraphQLError ? error : new GraphQLError('unexpected')
  const masked = maskError(graphql.toJSON(), error, told)
  const status = statuses.get(masked.extensions?.code) ?? 500
  const headers = status === 401 ? ['www-authenticate', 'Bearer'] : []
  if (status === 429) headers.push('retry-after', String(graphql.extensions.after))
  return new RequestError(status, [masked], { headers })
}

const statuses = new Map<unknown, number>([
  ['UNAUTHENTICATED', 401],
  ['FORBIDDEN', 403],
  ['UNAVAILABLE', 503],
  ['BAD_USER_INPUT', 400],
  ['OPERATION_TOO_COMPLEX', 400],
  ['RATE_LIMITED', 429],
])
