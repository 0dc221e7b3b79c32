import { type ASTNode, BREAK, type DocumentNode, Kind, type SelectionNode, visit } from 'graphql'
import { type Case, tidied } from './case.ts'

/** Operations that are smaller than one, by one thing each; some are not valid. */
export function* smaller({ document, variables }: Case): Generator<Case> {
  for (const cut of cuts) {
    for (let at = 0; ; at++) {
      const changed = cutAt(document, cut, at)
      if (!changed) break
      yield tidied(changed, variables)
    }
  }
  for (const name of Object.keys(variables)) {
    const { [name]: _, ...rest } = variables
    yield tidied(document, rest)
  }
}

/** What stands for a node; undefined when this is no node to change, null for nothing. */
type Cut = (node: ASTNode, document: DocumentNode) => ASTNode | readonly SelectionNode[] | null | undefined

const cuts: Cut[] = [
  (node) =>
    node.kind === Kind.FIELD || node.kind === Kind.INLINE_FRAGMENT || node.kind === Kind.FRAGMENT_SPREAD
      ? null
      : undefined,
  (node) => (node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet.selections : undefined),
  (node, { definitions }) => {
    if (node.kind !== Kind.FRAGMENT_SPREAD) return undefined
    const fragment = definitions.find(
      (definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === node.name.value,
    )
    if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) return undefined
    const { typeCondition, selectionSet } = fragment
    return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet, directives: node.directives }
  },
  (node) => (node.kind === Kind.DIRECTIVE || node.kind === Kind.ARGUMENT ? null : undefined),
  (node) => (node.kind === Kind.FIELD && node.alias ? { ...node, alias: undefined } : undefined),
  (node) => (node.kind === Kind.OBJECT_FIELD ? null : undefined),
  (node) =>
    node.kind === Kind.VARIABLE_DEFINITION && node.defaultValue
      ? { ...node, defaultValue: undefined }
      : undefined,
]

/** The document with the n-th node changed that a cut applies to; undefined when there are not so many. */
function cutAt(document: DocumentNode, cut: Cut, at: number): DocumentNode | undefined {
  let left = at
  let target: ASTNode | undefined
  visit(document, {
    enter(node) {
      if (cut(node, document) === undefined || left-- > 0) return undefined
      target = node
      return BREAK
    },
  })
  if (!target) return undefined
  return visit(document, {
    enter(node) {
      if ('selections' in node && node.selections.some((selection) => selection === target)) {
        const replacement = cut(target as ASTNode, document)
        const selections = node.selections.flatMap((selection) =>
          selection === target ? ((replacement ?? []) as SelectionNode | SelectionNode[]) : selection,
        )
        const none: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }
        return { ...node, selections: selections.length > 0 ? selections : [none] }
      }
      return node === target ? cut(node, document) : undefined
    },
  })
}
