import type { ExecutionResult, GraphQLFormattedError } from 'graphql'
import { unavailable } from '../../platform/errors.ts'
import type { Caller } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import { maskError, maskErrors } from '../../platform/mask-errors.ts'
import { eventOf } from '../execution/compile-operation.ts'
import type { SubscriptionOperation } from '../execution/operation.ts'
import type { OperationResult } from '../execution/result.ts'
import { type Answer, toAnswer } from '../execution/steps/answer.ts'
import { membersOf } from '../http/answer.ts'
import { Frame } from './frame.ts'
import type { SubgraphOperation } from './resume.ts'
import type { Upstream } from './upstream.ts'

/** A subscription with its variables, under one supergraph. */
export type Source = {
  readonly operation: SubscriptionOperation
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>
  /** Where the subgraph is watched that owns the field. */
  readonly upstream: Upstream
  /** What that subgraph is asked. */
  readonly primary: SubgraphOperation
  /** When what an event shows changed, in ms since 1970; null where it does not say. */
  changedAtOf(data: SourceEvent['data']): number | null
}

/** What the subgraph that owns the field sends. */
export type SourceEvent = ExecutionResult<Record<string, unknown>>

/** Who watches a source. After `fail` and `end` nothing more comes. */
export type SourceListener = {
  next(event: SourceEvent): void
  /** With the errors of the subgraph, or of the way to it. */
  fail(errors: readonly GraphQLFormattedError[]): void
  end(): void
}

/** Watches a source on behalf of a caller. `operation` is asked again whenever the subgraph was away and is back. */
export function watchSource(
  { upstream }: Source,
  operation: () => SubgraphOperation,
  caller: Caller,
  listener: SourceListener,
): () => void {
  return upstream.watch(operation, caller, {
    // Without data, not even null, it is the operation that failed.
    next: (event) => (event.data === undefined ? listener.fail(event.errors ?? []) : listener.next(event)),
    error: (errors) => listener.fail(errors),
    complete: () => listener.end(),
  })
}

/** The whole result for one event: the other subgraphs add what is theirs. Never rejects for what a subgraph does. */
export function resolveEvent(
  { operation, variables }: Source,
  event: SourceEvent,
  caller: Caller,
): Promise<OperationResult> {
  const nothing: Answer = { data: null, errors: [] }
  return operation.resolve(toAnswer(event, eventOf(operation.primary)) ?? nothing, { variables, caller })
}

/** Whether every subgraph that was asked for its part answered; what the event itself lacks nobody is asked for again. */
export function isComplete({ errors }: OperationResult, { operation }: Source): boolean {
  const ofEvent = eventOf(operation.primary)
  return !errors.some(
    ({ extensions }) => extensions?.code === 'UNAVAILABLE' && extensions.serviceName !== ofEvent,
  )
}

/** What readers are told, with errors masked. */
export function createTelling({ logger, requestId }: { logger: Logger; requestId: string }) {
  const mask = (errors: readonly GraphQLFormattedError[]) =>
    maskErrors(errors, { logger, requestId }, (error, options) => maskError(error, error, options))
  return {
    /** A result as a frame. */
    frame: ({ data = 'null', errors }: OperationResult, changedAt: number | null): Frame =>
      new Frame(`{${membersOf({ data, errors }, mask)}}`, changedAt),

    /** Why a source ended before its time. */
    failure({ operation }: Source, errors: readonly GraphQLFormattedError[]): GraphQLFormattedError[] {
      const { serviceName } = operation.primary
      const told = operation.told(errors, requestId)
      return mask(
        (told.length > 0 ? told : [unavailable().toJSON()]).map(({ message, path, extensions }) => ({
          message,
          ...(path && { path }),
          extensions: { ...extensions, serviceName },
        })),
      )
    },
  }
}
