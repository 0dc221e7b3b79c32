import { operationFromDocument } from '@apollo/federation-internals'
import type { QueryPlan } from '@apollo/query-planner'
import { type FieldNode, Kind, type OperationDefinitionNode, type SelectionNode } from 'graphql'
import { describeError } from '../../platform/describe-error.ts'
import { unavailable } from '../../platform/errors.ts'
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
    const planned = supergraph.planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema, document))
    // It gives an empty plan, and not an error, when fields can be had from nowhere.
    if (!planned.node && needSubgraphs(selections)) throw new Error('the plan is empty')
    return mend(planned, { supergraph, document })
  } catch (error) {
    logger.error({ error: describeError(error) }, 'an operation cannot be planned')
    throw unavailable('No part of the service can answer this operation.')
  }
}

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
