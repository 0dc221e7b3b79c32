import {
  baseType,
  type CompositeType,
  federationMetadata,
  isCompositeType,
  SelectionSet,
} from '@apollo/federation-internals'

const { canRebaseOn } = SelectionSet.prototype

/**
 * Makes the planner see that a subgraph has no value for a field that is @external in it.
 *
 * When it finds what a field @requires, it moves selections from the subgraph of that field to the one before,
 * wherever that one's schema declares the fields, and so asks it for external ones, too. Whether they can be moved is
 * asked of this one method, which nothing but the planner calls; a plan made wrong cannot be told what to ask instead.
 */
SelectionSet.prototype.canRebaseOn = function (this: SelectionSet, type: CompositeType) {
  return canRebaseOn.call(this, type) && !selectsExternal(this, type)
}

function selectsExternal(selections: SelectionSet, type: CompositeType): boolean {
  const schema = type.schema()
  const metadata = federationMetadata(schema)
  if (!metadata) return false
  return selections.selections().some((selection) => {
    if (selection.kind === 'FragmentSelection') {
      const { typeCondition } = selection.element
      const condition = typeCondition && schema.type(typeCondition.name)
      return selectsExternal(
        selection.selectionSet,
        condition && isCompositeType(condition) ? condition : type,
      )
    }
    // A union has no field but __typename.
    const field = type.kind === 'UnionType' ? undefined : type.field(selection.element.name)
    if (!field) return false
    if (metadata.isFieldExternal(field)) return true
    const inner = field.type && baseType(field.type)
    return (
      !!selection.selectionSet &&
      !!inner &&
      isCompositeType(inner) &&
      selectsExternal(selection.selectionSet, inner)
    )
  })
}
