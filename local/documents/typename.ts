import { type DocumentNode, type FieldNode, Kind, visit } from 'graphql'

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

/** A document that asks for the type of every object, as clients with a normalised cache send theirs. */
export function withTypename(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet: {
      enter(node, _, parent) {
        const isRoot = parent && 'kind' in parent && parent.kind === Kind.OPERATION_DEFINITION
        const hasIt = node.selections.some(
          (selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith('__'),
        )
        if (isRoot || hasIt) return undefined
        return { ...node, selections: [...node.selections, typename] }
      },
    },
  })
}
