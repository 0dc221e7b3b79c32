import { operationFromDocument } from '@apollo/federation-internals'
import { buildOperationContext } from '@apollo/gateway'
import type { FetchNode, QueryPlan } from '@apollo/query-planner'
import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode, parse, type SelectionNode, validate } from 'graphql' // biome-ignore format: one list
import { badUserInput } from '../../platform/errors.ts'
import { checkOperation } from '../access/operation-limits.ts'
import type { LoadedSupergraph } from '../supergraph.ts'

/** The name under which a plan's executor finds the event that a run of the plan starts from. */
export const eventOf = ({ serviceName }: FetchNode) => `the event of ${serviceName}`

/** How many plans are kept. */
const PLANS = 500

/** A subscription that is ready to run: `primary` on the subgraph that owns it, then `plan` for each of its events. */
export type PlannedSubscription = {
  document: DocumentNode
  operation: OperationDefinitionNode
  context: ReturnType<typeof buildOperationContext>
  primary: FetchNode
  plan: QueryPlan
}

/** Why an operation is not run; for the client to read. */
export class InvalidOperationError extends Error {
  readonly errors: readonly GraphQLError[]
  constructor(errors: readonly GraphQLError[]) {
    super(errors.map(({ message }) => message).join(' '))
    this.errors = errors
  }
}

/**
 * Plans subscriptions: parsed, validated, within the limits; those used last are kept. Throws GraphQLError or
 * InvalidOperationError for what is no subscription of this supergraph.
 */
export function createPlans(supergraph: LoadedSupergraph, limits: { tokens: number; depth: number }) {
  const kept = new Map<string, PlannedSubscription>()

  return (query: string, operationName?: string | null): PlannedSubscription => {
    const key = `${operationName ?? ''}\n${query}`
    const planned = kept.get(key) ?? plan(query, operationName)
    kept.delete(key) // so that the first key is always the one that was not used for longest
    kept.set(key, planned)
    for (const oldest of kept.keys()) {
      if (kept.size <= PLANS) break
      kept.delete(oldest)
    }
    return planned
  }

  function plan(query: string, operationName: string | null | undefined): PlannedSubscription {
    const document = read(query)
    checkOperation(document, limits)
    const faults = validate(supergraph.schema, document)
    if (faults.length > 0) throw new InvalidOperationError(faults)
    const operation = pick(document, operationName)
    const context = buildOperationContext({
      schema: supergraph.schema,
      operationDocument: document,
      operationName: operation.name?.value,
    })
    const { node } = supergraph.planner.buildQueryPlan(
      operationFromDocument(supergraph.apiSchema, document, { operationName: operation.name?.value }),
    )
    if (node?.kind !== 'Subscription') throw new Error('the plan of a subscription is none')
    const { primary, rest } = node
    const event: FetchNode = { ...primary, serviceName: eventOf(primary) }
    const nodes = rest ? [event, rest] : [event]
    return {
      document,
      operation,
      context,
      primary,
      plan: { kind: 'QueryPlan', node: { kind: 'Sequence', nodes } },
    }
  }

  function read(query: string): DocumentNode {
    try {
      return parse(query, { maxTokens: limits.tokens })
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      const { message, source, positions } = error
      throw new GraphQLError(message, { source, positions, extensions: { code: 'GRAPHQL_PARSE_FAILED' } })
    }
  }
}

function pick(document: DocumentNode, operationName: string | null | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  const [operation, another] = operationName
    ? operations.filter(({ name }) => name?.value === operationName)
    : operations
  if (!operation || another) {
    throw badUserInput(
      'The document has several operations, or none of this name: operationName must name one.',
    )
  }
  if (operation.operation !== 'subscription') {
    throw badUserInput('Only subscriptions are served over WebSocket. Send this operation over HTTP.')
  }
  if (operation.selectionSet.selections.some((node) => isConditional(node, document))) {
    throw badUserInput('The field of a subscription cannot depend on @skip or @include.')
  }
  return operation
}

function isConditional(node: SelectionNode, document: DocumentNode): boolean {
  if (node.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return true
  if (node.kind === Kind.FIELD) return false
  const fragment =
    node.kind === Kind.INLINE_FRAGMENT
      ? node
      : document.definitions.find(
          (definition) =>
            definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === node.name.value,
        )
  const selections = fragment && 'selectionSet' in fragment ? (fragment.selectionSet?.selections ?? []) : []
  return selections.some((selection) => isConditional(selection, document))
}
