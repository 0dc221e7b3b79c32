import { Kind, type OperationDefinitionNode, parse, type SelectionSetNode } from 'graphql'
import { isIncluded } from '../conditions.ts'

/** Whether anything is left of a request once its conditions are known. */
export type Wanted = (coerced: Readonly<Record<string, unknown>>) => boolean

/** What a request to a subgraph still asks for: the planner puts conditions within requests, so that one may come to nothing. */
export function wantedOf(operation: string, variableOf: (name: string) => string): Wanted {
  const [definition] = parse(operation).definitions
  // A request of the planner's is one operation.
  const { selectionSet } = definition as OperationDefinitionNode
  if (asksAlways(selectionSet)) return () => true
  return (coerced) => asks(selectionSet, (name) => coerced[variableOf(name)])
}

function asksAlways({ selections }: SelectionSetNode): boolean {
  return selections.some((node) => {
    if (node.directives?.length || node.kind === Kind.FRAGMENT_SPREAD) return false
    return node.selectionSet ? asksAlways(node.selectionSet) : true
  })
}

function asks({ selections }: SelectionSetNode, read: (variable: string) => unknown): boolean {
  return selections.some((node) => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return true // the planner writes them out
    if (!isIncluded(node, read)) return false
    return node.selectionSet ? asks(node.selectionSet, read) : true
  })
}
