import type { FetchNode } from '@apollo/query-planner'
import type { DocumentNode, GraphQLFormattedError } from 'graphql'
import type { Caller } from '../../platform/identity.ts'
import type { Answer } from './steps/answer.ts'

/** What an operation is run with. */
export type OperationRequest = {
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>
  readonly caller: Caller
  /** Whether the result may come in parts, where the operation has @defer. */
  readonly defer?: boolean
}

/** What an operation comes to. */
export type OperationResult = {
  /** The JSON text of `data`; undefined when nothing ran, since the variables do not fit. */
  readonly data: string | undefined
  /** With paths as the client sees them. Not masked yet: a code that is not one of platform/errors.ts is unexpected. */
  readonly errors: readonly GraphQLFormattedError[]
  /** What @defer put off, part by part; the last one says so. Returning it early stops the work behind it. */
  readonly later?: AsyncIterableIterator<LaterResult>
}

/** Parts of a result that come after its beginning, for `incremental` of the multipart protocol. */
export type LaterResult = {
  incremental: {
    /** The JSON text of `data`. */
    data: string
    /** Where it belongs into the result. */
    path: readonly (string | number)[]
    label?: string
    errors: readonly GraphQLFormattedError[]
  }[]
  hasNext: boolean
}

/** A subscription: its field runs on the subgraph that owns it, and each event of that is resolved to a whole result. */
export type SubscriptionOperation = {
  readonly kind: 'subscription'
  /** How many fields it has, fragments written out. */
  readonly size: number
  readonly document: DocumentNode
  /** What the subgraph that owns the field is asked, in the words of the plan. */
  readonly primary: FetchNode
  /** The variables of `primary`, of those that the client sent; or why they do not fit. */
  variablesOf(
    variables: Readonly<Record<string, unknown>>,
  ): { variables: Record<string, unknown>; errors?: undefined } | { errors: readonly GraphQLFormattedError[] }
  resolve(event: Answer, request: OperationRequest): Promise<OperationResult>
}
