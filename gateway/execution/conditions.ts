import { Kind, type SelectionNode } from 'graphql'

/** Whether @skip and @include leave a selection in; `read` gives the variables that they go by, undefined for one that is not known. */
export function isIncluded(
  { directives = [] }: SelectionNode,
  read: (variable: string) => unknown = () => undefined,
): boolean {
  return directives.every(({ name, arguments: [argument] = [] }) => {
    const value = argument?.value
    const holds =
      value?.kind === Kind.VARIABLE ? read(value.name.value) : value?.kind === Kind.BOOLEAN && value.value
    return name.value === 'skip' ? holds !== true : name.value !== 'include' || holds !== false
  })
}

/** Whether something is selected whatever the variables are; a fragment on another type may not apply. */
export function isUnconditional(node: SelectionNode): boolean {
  return node.kind === Kind.FIELD && !node.directives?.length
}
