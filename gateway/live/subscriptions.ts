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
import { latest, queue } from '../../platform/streams.ts'
import { completed } from '../execution/completed.ts'
import type { DataSource } from '../execution/data-source.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import { createPlans, EVENT, InvalidOperationError, type PlannedSubscription } from './plans.ts'
import { resumable } from './resume.ts'
import type { Upstream } from './upstream.ts'

/** How many events, each of which counts, may wait for a slow reader. */
const BACKLOG = 1_000

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
  constructor(errors: readonly GraphQLFormattedError[] = []) {
    super('a subscription ended with errors')
    const told = errors.length > 0 ? errors : [unavailable()]
    this.errors = told.map(({ message, path, extensions }) => new GraphQLError(message, { path, extensions }))
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
    const events = watch(planned, variables, caller)
    let isOpen = true
    const frames: AsyncIterableIterator<ExecutionResult> = {
      async next() {
        const event = await events.next()
        if (event.done) return event
        const value = await resolve(planned, event.value, variables, caller)
        return isOpen ? { done: false, value } : { done: true, value: undefined }
      },
      async return() {
        isOpen = false
        await events.return?.()
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]: () => frames,
    }
    return frames
  }

  /** The events of the field itself, from its subgraph. */
  function watch({ primary }: PlannedSubscription, variables: Record<string, unknown>, caller: Caller) {
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
    const source = (push: (event: Event) => void, fail: (error: unknown) => void, end: () => void) =>
      upstream.watch(operation.operation, caller, {
        next(event) {
          if (event.data) operation.saw(event.data)
          // Without data, not even null, it is the operation that failed.
          if (event.data === undefined) fail(new StreamError(event.errors))
          else push(event)
        },
        error: (errors) => fail(new StreamError(errors)),
        complete: end,
      })
    return operation.everyEventCounts ? queue(BACKLOG, source) : latest(source)
  }

  /** The whole result for one event. */
  async function resolve(
    planned: PlannedSubscription,
    event: Event,
    variables: Record<string, unknown>,
    caller: Caller,
  ): Promise<ExecutionResult> {
    const answer: DataSource = { process: async () => event }
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
    const all = { ...sources, [EVENT]: answer }
    return completed(await executeQueryPlan(plan, all, request, context, supergraphSchema, apiSchema))
  }
}

const asUserInput = ({ message, nodes }: GraphQLError) =>
  new GraphQLError(message, { nodes, extensions: { code: 'BAD_USER_INPUT' } })
