import { Kind, type OperationDefinitionNode, type SelectionNode, type SelectionSetNode } from 'graphql'
import { badUserInput } from '../../platform/errors.ts'

/**
 * Refuses a subscription whose field depends on a condition, as the specification's rule of a single root field does since
 * 2025: whether there is anything to watch would be known only once it runs. Before validation, whose own rule fails at
 * conditions that are variables.
 */
export function checkSubscriptionRoot(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, SelectionSetNode>,
): void {
  const seen = new Set<string>() // a fragment may be within itself, which validation refuses
  const isConditional = (node: SelectionNode): boolean => {
    if (node.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return true
    if (node.kind === Kind.FIELD) return false
    if (node.kind === Kind.INLINE_FRAGMENT) return node.selectionSet.selections.some(isConditional)
    const name = node.name.value
    if (seen.has(name)) return false
    seen.add(name)
    return fragments.get(name)?.selections.some(isConditional) ?? false
  }
  if (operation.selectionSet.selections.some(isConditional)) {
    throw badUserInput('The field of a subscription cannot depend on @skip or @include.')
  }
}
