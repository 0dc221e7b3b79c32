import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLInterfaceType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  isUnionType,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { isIncluded } from '../conditions.ts'
import type { CompletionSource } from './completion-source.ts'

/**
 * The fields that selections come to on a type, by response key, in the order of their first occurrence:
 * CollectFields of the GraphQL specification.
 */
export function collectFields(
  { schema, fragments, isDeferred, flags }: CompletionSource,
  type: GraphQLCompositeType,
  nodes: readonly SelectionSetNode[],
): Map<string, [FieldNode, ...FieldNode[]]> {
  const fields = new Map<string, [FieldNode, ...FieldNode[]]>()
  const spread = new Set<string>()
  for (const node of nodes) collect(node)
  return fields

  function collect({ selections }: SelectionSetNode) {
    for (const node of selections) {
      if (isIncluded(node, (name) => flags[name])) add(node)
    }
  }

  function add(node: SelectionNode) {
    switch (node.kind) {
      case Kind.FIELD: {
        const key = (node.alias ?? node.name).value
        const same = fields.get(key)
        if (same) same.push(node)
        else fields.set(key, [node])
        break
      }
      case Kind.INLINE_FRAGMENT:
        if (!isDeferred(node) && holdsFor(node.typeCondition)) collect(node.selectionSet)
        break
      case Kind.FRAGMENT_SPREAD: {
        const name = node.name.value
        if (spread.has(name) || isDeferred(node)) break
        spread.add(name)
        const fragment = fragments.get(name)
        if (fragment && holdsFor(fragment.typeCondition)) collect(fragment.selectionSet)
        break
      }
      default:
        node satisfies never
    }
  }

  function holdsFor(condition: NamedTypeNode | undefined): boolean {
    return isWithin(schema, type, condition)
  }
}

/** Whether what selections come to differs between the types of an interface. */
export function dependOnType(
  { schema, fragments, isDeferred, flags }: CompletionSource,
  type: GraphQLInterfaceType,
  nodes: readonly SelectionSetNode[],
): boolean {
  const spread = new Set<string>()
  return nodes.some(depends)

  function depends({ selections }: SelectionSetNode): boolean {
    return selections.some((node) => isIncluded(node, (name) => flags[name]) && dependsIn(node))
  }

  function dependsIn(node: SelectionNode): boolean {
    if (node.kind === Kind.FIELD) return node.name.value === '__typename'
    if (isDeferred(node)) return false
    if (node.kind === Kind.INLINE_FRAGMENT) return dependsInFragment(node)
    const fragment = spread.has(node.name.value) ? undefined : fragments.get(node.name.value)
    spread.add(node.name.value)
    return fragment !== undefined && dependsInFragment(fragment)
  }

  function dependsInFragment(fragment: InlineFragmentNode | FragmentDefinitionNode): boolean {
    return !isWithin(schema, type, fragment.typeCondition) || depends(fragment.selectionSet)
  }
}

/** Whether every object of a type is of the type that a condition names. */
function isWithin(schema: GraphQLSchema, type: GraphQLCompositeType, condition: NamedTypeNode | undefined) {
  if (!condition || condition.name.value === type.name) return true
  const named = schema.getType(condition.name.value)
  return isAbstractType(named) && !isUnionType(type) && schema.isSubType(named, type)
}
