import type { ConstDirectiveNode, DocumentNode } from 'graphql'
import { applied, argumentOf, hasFields, type TypeWithFields } from './join-directives.ts'

/**
 * A supergraph for planning without the keys that resolve nothing, where a type has keys in the same subgraph that do.
 *
 * To come back to a subgraph for a field with @requires, the planner takes the type's first key there, even one with
 * `resolvable: false`: the subgraph then gets a representation that it promised nothing for. Plans need such keys for
 * nothing else.
 */
export function withResolvableKeys(supergraph: DocumentNode): DocumentNode {
  const definitions = supergraph.definitions.map((node) =>
    hasFields(node) ? { ...node, directives: resolvable(node) } : node,
  )
  return { ...supergraph, definitions }
}

function resolvable(type: TypeWithFields): readonly ConstDirectiveNode[] | undefined {
  const keys = applied('join__type', type).filter((directive) => argumentOf(directive, 'key') !== undefined)
  const unresolvable = new Set(keys.filter((key) => argumentOf(key, 'resolvable') === false))
  if (unresolvable.size === 0) return type.directives
  const graphs = new Set(keys.filter((key) => !unresolvable.has(key)).map((key) => argumentOf(key, 'graph')))
  return type.directives?.filter(
    (directive) => !(unresolvable.has(directive) && graphs.has(argumentOf(directive, 'graph'))),
  )
}
