import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionNode } from 'graphql'
import { badUserInput } from '../../platform/errors.ts'
import { fragmentsOf } from './planning-form.ts'

/**
 * Refuses a subscription whose field depends on a condition, as the specification's rule of a single root field does since
 * 2025: whether there is anything to watch would be known only once it runs.
 */
export function checkSubscriptionRoot(document: DocumentNode, operation: OperationDefinitionNode): void {
  const fragments = fragmentsOf(document)
  const isConditional = (node: SelectionNode): boolean => {
    if (node.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return true
    if (node.kind === Kind.FIELD) return false
    const body = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value)
    return body?.selectionSet.selections.some(isConditional) ?? false
  }
  if (operation.selectionSet.selections.some(isConditional)) {
    throw badUserInput('The field of a subscription cannot depend on @skip or @include.')
  }
}
