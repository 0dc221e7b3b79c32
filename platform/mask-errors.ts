import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { isDatabaseAway } from './database-away.ts'
import { describeError } from './describe-error.ts'
import { errorCodes, unavailable } from './errors.ts'
import type { Logger } from './logger.ts'
import { requestId as current } from './request-id.ts'

/** Codes that Apollo Server and graphql-js give to faults of the request itself. */
const requestCodes = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_NOT_FOUND',
]

/** Names of the schema that graphql-js offers to whoever guesses one. */
const suggestion = / ?Did you mean [^?]*\?/g

/** How many causes of one response are logged. */
const CAUSES = 10

type Options = {
  logger: Logger
  requestId?: string | undefined
  /** Whether to log a cause, which is told by what it says and whose it is. */
  isToLog?: (cause: string) => boolean
}

const known = new Set<unknown>([...errorCodes, ...requestCodes])

/**
 * What a caller may see of an error: message, path, locations and code if the code is one of ours; that the database is
 * away, as UNAVAILABLE; else that something went wrong, and the request id under which the log has the rest.
 */
export function maskError(
  formatted: GraphQLFormattedError,
  error: unknown,
  { logger, requestId = current.getStore(), isToLog = () => true }: Options,
): GraphQLFormattedError {
  const { path, locations } = formatted
  const message = formatted.message.replace(suggestion, '')
  const code = isRefusal(formatted, error) ? 'BAD_REQUEST' : formatted.extensions?.code
  if (known.has(code)) return { message, path, locations, extensions: { code } }
  const subgraph = code === 'INTERNAL_SERVER_ERROR' && formatted.extensions?.serviceName
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
  if (!isToLog(`${subgraph} ${formatted.message}`)) {
    // maskErrors counts it.
  } else if (subgraph) {
    // It has masked the error itself and logged the whole of it, under the same request id.
    logger.error({ requestId, subgraph, path }, 'unexpected in a subgraph')
  } else {
    logger.error({ requestId, path, error: describeError(cause) }, 'unexpected')
  }
  if (isDatabaseAway(cause)) return { ...unavailable().toJSON(), path, locations }
  return {
    message: 'Something went wrong here. It is logged under the request id.',
    path,
    locations,
    extensions: { code: 'INTERNAL_SERVER_ERROR', ...(requestId && { requestId }) },
  }
}

/** Whether Apollo Server refuses the request: some of its errors have a status and no code. A field's have a path. */
function isRefusal({ path, extensions }: GraphQLFormattedError, error: unknown): boolean {
  if (path || known.has(extensions?.code) || !(error instanceof GraphQLError)) return false
  // Apollo's HTTPGraphQLHead.
  const { status = 500 } = (error.extensions.http ?? {}) as { status?: number }
  return status >= 400 && status < 500
}

/** The same for all errors of a response by `mask`. Logs the first causes that differ, and how many errors are like them or more. */
export function maskErrors<E, M>(
  errors: readonly E[],
  options: { logger: Logger; requestId: string },
  mask: (error: E, options: Options) => M,
): M[] {
  const causes = new Set<string>()
  let more = 0
  const isToLog = (cause: string) => {
    const isNew = causes.size < CAUSES && !causes.has(cause)
    if (isNew) causes.add(cause)
    else more++
    return isNew
  }
  const masked = errors.map((error) => mask(error, { ...options, isToLog }))
  if (more > 0)
    options.logger.error({ requestId: options.requestId, more }, 'unexpected, more of the response')
  return masked
}

/** The same for an error that did not pass Apollo Server, which tells GraphQL's own faults by their code. */
export function maskGraphQLError(error: GraphQLError, options: Options): GraphQLFormattedError {
  const formatted = error.toJSON()
  const ours = !error.originalError && !formatted.extensions?.code
  const extensions = ours ? { code: 'GRAPHQL_VALIDATION_FAILED' } : formatted.extensions
  return maskError({ ...formatted, extensions }, error, options)
}
