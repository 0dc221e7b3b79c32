import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  parse,
  subscribe,
  validate,
} from 'graphql'
import { unavailable } from './errors.ts'
import type { Caller } from './identity.ts'
import type { Logger } from './logger.ts'
import { maskGraphQLError } from './mask-errors.ts'
import { requestId } from './request-id.ts'
import type { Subgraph } from './subgraph.ts'

/** An operation as a gateway sends it, which has one definition. */
type StreamOperation = { query: string; variables?: Record<string, unknown> | null | undefined }

/** Who watches a subscription: after `error` and `complete` nothing more comes. */
type StreamObserver = {
  next(event: ExecutionResult<Record<string, unknown>>): void
  error(errors: readonly GraphQLFormattedError[]): void
  complete(): void
}

/**
 * Subscriptions of a gateway in the same process. `subscribe` returns what unsubscribes, before which the observer is not
 * called; an event is what would be read off a socket. What is open when the subgraph closes ends as UNAVAILABLE.
 */
export function createStreams(subgraph: Subgraph, { logger }: { logger: Logger }) {
  const open = new Set<Stream>()
  let isClosed = false

  return {
    subscribe(operation: StreamOperation, caller: Caller, observer: StreamObserver): () => void {
      const stream: Stream = { observer, events: undefined }
      open.add(stream)
      queueMicrotask(() => requestId.run(caller.requestId, () => void run(stream, operation, caller)))
      return () => stop(stream)
    },
    close() {
      isClosed = true
      for (const stream of [...open]) {
        stop(stream)
        stream.observer.error([unavailable().toJSON()])
      }
    },
  }

  async function run(stream: Stream, operation: StreamOperation, caller: Caller): Promise<void> {
    const { observer } = stream
    const end = (tell: () => void) => {
      if (!open.has(stream)) return
      stop(stream)
      tell()
    }
    const fail = (errors: readonly GraphQLError[]) =>
      end(() => observer.error(errors.map((error) => maskStreamError(error, caller.requestId, logger))))
    try {
      if (!open.has(stream)) return
      if (isClosed) return fail([unavailable()])
      const execution = executionOf(subgraph, operation, caller)
      if ('length' in execution) return fail(execution)
      const events = await subscribe(execution)
      if (!(Symbol.asyncIterator in events)) return fail(events.errors ?? [])
      stream.events = events
      // It may have been left meanwhile.
      if (!open.has(stream)) return stop(stream)
      for (let next = await events.next(); !next.done; next = await events.next()) {
        if (!open.has(stream)) return
        observer.next(asRead(next.value, caller))
      }
      end(() => observer.complete())
    } catch (error) {
      fail([unexpected(error)])
    }
  }

  function asRead(
    { errors, ...result }: ExecutionResult,
    { requestId }: Caller,
  ): ExecutionResult<Record<string, unknown>> {
    const masked = errors?.map((error) => maskStreamError(error, requestId, logger))
    return JSON.parse(JSON.stringify({ ...result, ...(masked && { errors: masked }) }))
  }

  function stop(stream: Stream): void {
    open.delete(stream)
    stream.events?.return(undefined).catch((error: unknown) => {
      logger.warn({ subgraph: subgraph.name, error: String(error) }, 'a subscription could not be stopped')
    })
  }
}

type Stream = {
  readonly observer: StreamObserver
  events: AsyncGenerator<ExecutionResult, void, void> | undefined
}

/** What graphql-js is to run for a caller; or what is wrong with the operation. */
export function executionOf(
  subgraph: Subgraph,
  { query, variables }: StreamOperation,
  caller: Caller,
): ExecutionArgs | readonly GraphQLError[] {
  try {
    const document = parse(query)
    const errors = validate(subgraph.schema, document)
    if (errors.length > 0) return errors
    return {
      schema: subgraph.schema,
      document,
      variableValues: variables,
      contextValue: subgraph.contextOf(caller),
    }
  } catch (error) {
    return [error instanceof GraphQLError ? error : unexpected(error)]
  }
}

/** What a gateway may see of an error of a stream. */
export function maskStreamError(
  error: unknown,
  requestId: string | undefined,
  logger: Logger,
): GraphQLFormattedError {
  return maskGraphQLError(error instanceof GraphQLError ? error : unexpected(error), { logger, requestId })
}

/** An error as something threw it; its code, where it has one, is kept. */
function unexpected(error: unknown): GraphQLError {
  const originalError = error instanceof Error ? error : new Error(String(error))
  return new GraphQLError(originalError.message, { originalError })
}
