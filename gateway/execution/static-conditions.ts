import { Kind, type SelectionNode } from 'graphql'

/** Whether a condition that is no variable leaves something out: the planner would ask for it here and there. */
export function isNever({ directives = [] }: SelectionNode): boolean {
  return directives.some(({ name, arguments: [argument] = [] }) => {
    const isSkip = name.value === 'skip'
    if (!isSkip && name.value !== 'include') return false
    return argument?.value.kind === Kind.BOOLEAN && argument.value.value === isSkip
  })
}

/** Whether something is selected whatever the variables are; a fragment on another type may not apply. */
export function isUnconditional(node: SelectionNode): boolean {
  return node.kind === Kind.FIELD && !node.directives?.length
}
