import type { FetchNode } from '@apollo/query-planner'
import type { DocumentNode, GraphQLFormattedError } from 'graphql'
import type { OperationCost } from '../access/cost.ts'
import type { OperationRequest, OperationResult } from './result.ts'
import type { Answer } from './steps/answer.ts'

/** An operation that was parsed, validated, planned and compiled. */
export type Operation =
  | {
      readonly kind: 'query' | 'mutation'
      /** How many fields it has, fragments written out. */
      readonly size: number
      readonly cost: OperationCost
      /** Whether it may answer in parts. */
      readonly hasDefer: boolean
      /** Runs it. Never rejects for what a subgraph does. */
      run(request: OperationRequest): Promise<OperationResult>
    }
  | SubscriptionOperation

/** A subscription: its field runs on the subgraph that owns it, and each event of that is resolved to a whole result. */
export type SubscriptionOperation = {
  readonly kind: 'subscription'
  /** How many fields it has, fragments written out. */
  readonly size: number
  /** Of each of its results. */
  readonly cost: OperationCost
  readonly document: DocumentNode
  /** It alone, without its name and what means nothing: operations with the same text are the same. */
  readonly text: string
  /** A digest of its query plan, the same under supergraphs in which it is planned the same. */
  readonly plan: string
  /** Whether its results depend on who asks. */
  readonly dependsOnViewer: boolean
  /** What the subgraph that owns the field is asked, in the words of the plan. */
  readonly primary: FetchNode
  /** What it makes of the variables that the client sent; or why they do not fit. */
  variablesOf(variables: Readonly<Record<string, unknown>>): SubscriptionVariables
  /** Errors that ended the subgraph's stream, as clients may be told them. */
  told(errors: readonly unknown[], requestId: string): readonly GraphQLFormattedError[]
  resolve(event: Answer, request: OperationRequest): Promise<OperationResult>
}

type SubscriptionVariables =
  | {
      /** Those of `primary`. */
      variables: Record<string, unknown>
      /** All that the operation declares, with defaults, in one order: what means the same is the same here. */
      coerced: Record<string, unknown>
      errors?: undefined
    }
  | { errors: readonly GraphQLFormattedError[]; variables?: undefined; coerced?: undefined }
