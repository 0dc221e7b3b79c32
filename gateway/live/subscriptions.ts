import { executeQueryPlan } from '@apollo/gateway'
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getVariableValues,
} from 'graphql'
import { unavailable } from '../../platform/errors.ts'
import type { Caller } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import { completed } from '../execution/completed.ts'
import type { DataSource } from '../execution/data-source.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import { logFrames, stateFrames } from './frames.ts'
import { createPlans, eventOf, InvalidOperationError, type PlannedSubscription } from './plans.ts'
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
  constructor(serviceName: string, errors: readonly GraphQLFormattedError[] = []) {
    super('a subscription ended with errors')
    const told = errors.length > 0 ? errors : [unavailable()]
    this.errors = told.map(
      ({ message, path, extensions }) =>
        new GraphQLError(message, { path, extensions: { ...extensions, serviceName } }), // as Apollo's executor does
    )
  }
}

type Event = ExecutionResult<Record<string, unknown>>

/**
 * Federated subscriptions: the field runs on the subgraph that owns it, and for each of its events the other subgraphs
 * add what is theirs. All of it is done on behalf of the one caller.
 */
export function createSubscriptions(options: {
  supergraph: LoadedSupergraph
  sources: Record<string, DataSource>
  upstreams: Record<string, Upstream>
  limits: { tokens: number; depth: number }
  logger: Logger
}) {
  const { supergraph, sources, upstreams, limits, logger } = options
  const planOf = createPlans(supergraph, limits)

  return {
    /** Throws GraphQLError or InvalidOperationError for what cannot be run. */
    prepare({ query, operationName, variables: given }: Subscription): PreparedSubscription {
      const planned = planOf(query, operationName)
      const variables = given ?? {}
      const { errors } = getVariableValues(
        supergraph.schema,
        planned.operation.variableDefinitions ?? [],
        variables,
      )
      if (errors) throw new InvalidOperationError(errors.map(asUserInput))
      return {
        schema: supergraph.schema,
        document: planned.document,
        open: (caller) => open(planned, variables, caller),
      }
    },
  }

  function open(planned: PlannedSubscription, variables: Record<string, unknown>, caller: Caller) {
    const { primary } = planned
    const upstream = upstreams[primary.serviceName]
    if (!upstream) throw new Error(`there is no subgraph ${primary.serviceName} to watch`)
    const used = (primary.variableUsages ?? []).filter((name) => variables[name] !== undefined)
    const operation = resumable(
      {
        query: primary.operation,
        variables: Object.fromEntries(used.map((name) => [name, variables[name]])),
      },
      supergraph.schema,
    )
    /** The events of the field itself, from its subgraph. */
    const source = (push: (event: Event) => void, fail: (error: unknown) => void, end: () => void) =>
      upstream.watch(operation.operation, caller, {
        next(event) {
          if (event.data) operation.saw(event.data)
          // Without data, not even null, it is the operation that failed.
          if (event.data === undefined) fail(new StreamError(primary.serviceName, event.errors))
          else push(event)
        },
        error: (errors) => fail(new StreamError(primary.serviceName, errors)),
        complete: end,
      })
    const resolveEvent = (event: Event) => resolve(planned, event, variables, caller)
    return operation.everyEventCounts
      ? logFrames(source, resolveEvent)
      : stateFrames(source, resolveEvent, (frame) => isComplete(frame, planned))
  }

  /** The whole result for one event. */
  async function resolve(
    planned: PlannedSubscription,
    event: Event,
    variables: Record<string, unknown>,
    caller: Caller,
  ): Promise<ExecutionResult> {
    // A copy, since the executor merges into it what the others add, and the event may be resolved again.
    const answer: DataSource = { process: async () => structuredClone(event) }
    const { document, operation, context, plan } = planned
    // The executor reads no more of a request than this.
    const request = {
      request: { variables },
      document,
      operation,
      context: { caller },
      metrics: {},
      logger,
    } as unknown as Parameters<typeof executeQueryPlan>[2]
    const { supergraphSchema, apiSchema } = supergraph
    const all = { ...sources, [eventOf(planned.primary)]: answer }
    return completed(await executeQueryPlan(plan, all, request, context, supergraphSchema, apiSchema))
  }
}

/** Whether every subgraph that was asked for its part answered; what the event itself lacks nobody is asked for again. */
function isComplete({ errors = [] }: ExecutionResult, { primary }: PlannedSubscription): boolean {
  return !errors.some(
    ({ extensions }) => extensions.code === 'UNAVAILABLE' && extensions.serviceName !== eventOf(primary),
  )
}

const asUserInput = ({ message, nodes }: GraphQLError) =>
  new GraphQLError(message, { nodes, extensions: { code: 'BAD_USER_INPUT' } })
