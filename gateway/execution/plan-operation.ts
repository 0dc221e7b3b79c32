import { operationFromDocument } from '@apollo/federation-internals'
import type { QueryPlan } from '@apollo/query-planner'
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql'
import { describeError } from '../../platform/describe-error.ts'
import { badUserInput, tooComplex, unavailable } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import { mend, plannable } from './mend/mend.ts'

type Context = { supergraph: LoadedSupergraph; logger: Logger }

/** Plans an operation in its planning form. Throws UNAVAILABLE when there is no plan. */
export function planOperation(operation: OperationDefinitionNode, context: Context): QueryPlan {
  if (operation.operation !== 'mutation') return plan(operation, context)
  // The planner would send what it can together, and what other subgraphs add to the first field would be read after the second
  // has changed it.
  const fields = eachAlone(operation.selectionSet.selections)
  const nodes = fields.flatMap((selections) => {
    const { node } = plan({ ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } }, context)
    return node && node.kind !== 'Subscription' ? [node] : []
  })
  return { kind: 'QueryPlan', ...(nodes.length > 0 && { node: { kind: 'Sequence', nodes } }) }
}

function plan(operation: OperationDefinitionNode, { supergraph, logger }: Context): QueryPlan {
  const { selections } = operation.selectionSet
  if (selections.length === 0) return { kind: 'QueryPlan' }
  try {
    const document = plannable({ kind: Kind.DOCUMENT, definitions: [operation] }, supergraph)
    const planned = supergraph.planner.buildQueryPlan(read(document, supergraph))
    // It gives an empty plan, and not an error, when fields can be had from nowhere.
    if (!planned.node && needSubgraphs(selections)) throw new Error('the plan is empty')
    return mend(planned, { supergraph, document })
  } catch (error) {
    if (error instanceof UnreadableError) {
      throw badUserInput('A value of this operation cannot be used: a number may be out of range.')
    }
    if (hasTooManyWays(error)) {
      throw tooComplex(
        'There are too many ways to answer this operation. Ask for less of what is of several types.',
      )
    }
    logger.error({ error: describeError(error) }, 'an operation cannot be planned')
    throw unavailable('No part of the service can answer this operation.')
  }
}

/** graphql-js found an operation valid that Apollo's reader refuses. */
class UnreadableError extends Error {}

function read(document: DocumentNode, { apiSchema }: LoadedSupergraph) {
  try {
    return operationFromDocument(apiSchema, document)
  } catch (error) {
    throw error instanceof GraphQLError ? new UnreadableError(error.message) : error
  }
}

/** Whether the planner gave up at its limit, which it tells by its message alone. */
const hasTooManyWays = (error: unknown) =>
  error instanceof Error && error.message.startsWith('Too many options generated')

/** The fields of a mutation's root, each with the fragments that it is in; those of one key together. */
function eachAlone(selections: readonly SelectionNode[]): SelectionNode[][] {
  const byKey = new Map<string, SelectionNode[]>()
  const add = (node: SelectionNode, within: (field: FieldNode) => SelectionNode) => {
    if (node.kind === Kind.FIELD) {
      const key = (node.alias ?? node.name).value
      byKey.set(key, [...(byKey.get(key) ?? []), within(node)])
    } else if (node.kind === Kind.INLINE_FRAGMENT) {
      for (const inner of node.selectionSet.selections) {
        add(inner, (field) => ({
          ...node,
          selectionSet: { ...node.selectionSet, selections: [within(field)] },
        }))
      }
    }
  }
  for (const node of selections) add(node, (field) => field)
  return [...byKey.values()]
}

/** Whether there are fields that subgraphs are to answer. */
function needSubgraphs(selections: readonly SelectionNode[]): boolean {
  return selections.some((node) => {
    if (node.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return false
    if (node.kind === Kind.FIELD) return !node.name.value.startsWith('__')
    return node.kind === Kind.INLINE_FRAGMENT && needSubgraphs(node.selectionSet.selections)
  })
}
