import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql'
import { badUserInput, unavailable } from '../../platform/errors.ts'
import type { Caller } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import { eventOf } from '../execution/compile-operation.ts'
import type { Engine } from '../execution/engine.ts'
import { InvalidOperationError } from '../execution/invalid-operation.ts'
import type { SubscriptionOperation } from '../execution/operation.ts'
import { type Answer, toAnswer } from '../execution/steps/answer.ts'
import { logFrames, stateFrames } from './frames.ts'
import { resumable } from './resume.ts'
import type { Upstream } from './upstream.ts'

/** A subscription as a client sends it. */
export type Subscription = {
  query: string
  operationName?: string | null
  variables?: Record<string, unknown> | null
}

/** A subscription that was found to be in order; `open` starts it. */
export type PreparedSubscription = {
  schema: GraphQLSchema
  document: DocumentNode
  open(caller: Caller): AsyncIterableIterator<ExecutionResult>
}

/** A stream that ended before its time, with what the reader is told. */
export class StreamError extends Error {
  readonly errors: readonly GraphQLError[]
  constructor(subgraph: string, errors: readonly GraphQLFormattedError[] = []) {
    super('a subscription ended with errors')
    this.errors = (errors.length > 0 ? errors : [unavailable()]).map(({ message, path, extensions }) =>
      toError({ message, path, extensions: { ...extensions, serviceName: subgraph } }),
    )
  }
}

type Event = ExecutionResult<Record<string, unknown>>

/**
 * Federated subscriptions: the field runs on the subgraph that owns it, and for each of its events the other subgraphs
 * add what is theirs. All of it is done on behalf of the one caller.
 */
export function createSubscriptions(options: {
  engine: () => Engine
  upstream: (subgraph: string) => Upstream
  logger: Logger
}) {
  const { engine, upstream } = options

  return {
    /** Throws GraphQLError or InvalidOperationError for what cannot be run. */
    prepare({ query, operationName, variables: given }: Subscription): PreparedSubscription {
      const { schema, operation: operationOf } = engine()
      const operation = operationOf(query, operationName)
      if (operation.kind !== 'subscription') {
        throw badUserInput('Only subscriptions are served over WebSocket. Send this operation over HTTP.')
      }
      const variables = given ?? {}
      const { errors } = operation.variablesOf(variables)
      if (errors) throw new InvalidOperationError(errors.map(toError))
      return {
        schema,
        document: operation.document,
        open: (caller) => open(operation, schema, { variables, caller }),
      }
    },
  }

  function open(operation: SubscriptionOperation, schema: GraphQLSchema, request: Request) {
    const { primary } = operation
    const { requestId } = request.caller
    const ended = (errors: readonly GraphQLFormattedError[] = []) =>
      new StreamError(primary.serviceName, operation.told(errors, requestId))
    const { variables = {} } = { ...operation.variablesOf(request.variables) } as {
      variables?: Record<string, unknown>
    }
    const resuming = resumable({ query: primary.operation, variables }, schema)
    /** The events of the field itself, from its subgraph. */
    const source = (push: (event: Event) => void, fail: (error: unknown) => void, end: () => void) =>
      upstream(primary.serviceName).watch(resuming.operation, request.caller, {
        next(event) {
          if (event.data) resuming.saw(event.data)
          // Without data, not even null, it is the operation that failed.
          if (event.data === undefined) fail(ended(event.errors))
          else push(event)
        },
        error: (errors) => fail(ended(errors)),
        complete: end,
      })
    const resolveEvent = (event: Event) => resolve(operation, event, request)
    return resuming.everyEventCounts
      ? logFrames(source, resolveEvent)
      : stateFrames(source, resolveEvent, (frame) => isComplete(frame, operation))
  }
}

type Request = { variables: Record<string, unknown>; caller: Caller }

/** The whole result for one event. */
async function resolve(
  operation: SubscriptionOperation,
  event: Event,
  request: Request,
): Promise<ExecutionResult> {
  const nothing: Answer = { data: null, errors: [] }
  const { data, errors } = await operation.resolve(
    toAnswer(event, eventOf(operation.primary)) ?? nothing,
    request,
  )
  return {
    data: data === undefined ? null : JSON.parse(data),
    ...(errors.length > 0 && { errors: errors.map(toError) }),
  }
}

/** Whether every subgraph that was asked for its part answered; what the event itself lacks nobody is asked for again. */
function isComplete({ errors = [] }: ExecutionResult, { primary }: SubscriptionOperation): boolean {
  return !errors.some(
    ({ extensions }) => extensions.code === 'UNAVAILABLE' && extensions.serviceName !== eventOf(primary),
  )
}

const toError = ({ message, path, extensions }: GraphQLFormattedError) =>
  new GraphQLError(message, { path, extensions })
