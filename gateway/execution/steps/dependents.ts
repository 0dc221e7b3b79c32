import type { QueryPlanSelectionNode } from '@apollo/query-planner'
import { Kind, type OperationDefinitionNode, parse, type SelectionNode } from 'graphql'
import type { IsOfType } from './rewrites.ts'

/** What a field of a type @requires in the subgraph that is asked. */
export type RequirementsOf = (type: string, field: string) => readonly QueryPlanSelectionNode[]

/** Which keys of a request for entities are computed from a field that is required of an entity of a type. */
export type Dependents = (typename: unknown, required: string) => string[]

export function dependentsIn(
  operation: string,
  requirementsOf: RequirementsOf,
  isOfType: IsOfType,
): Dependents {
  const [definition] = parse(operation).definitions
  // A request of the planner's is one operation, with one field.
  const [entities] = (definition as OperationDefinitionNode).selectionSet.selections
  const fields = fieldsIn(
    entities && 'selectionSet' in entities ? (entities.selectionSet?.selections ?? []) : [],
    '',
  )
  const needs = fields.map(({ type, key, name }) => ({
    type,
    key,
    names: topNames(requirementsOf(type, name)),
  }))
  return (typename, required) =>
    needs.flatMap(({ type, key, names }) => (names.has(required) && isOfType(typename, type) ? [key] : []))
}

function fieldsIn(
  selections: readonly SelectionNode[],
  type: string,
): { type: string; key: string; name: string }[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD)
      return [{ type, key: (node.alias ?? node.name).value, name: node.name.value }]
    if (node.kind === Kind.FRAGMENT_SPREAD) return [] // the planner writes them out
    return fieldsIn(node.selectionSet.selections, node.typeCondition?.name.value ?? type)
  })
}

function topNames(nodes: readonly QueryPlanSelectionNode[]): Set<string> {
  return new Set(
    nodes.flatMap((node) => (node.kind === 'Field' ? [node.name] : [...topNames(node.selections)])),
  )
}
