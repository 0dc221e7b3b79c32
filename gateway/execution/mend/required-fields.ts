import { type QueryPlanSelectionNode, trimSelectionNodes } from '@apollo/query-planner'
import { type ConstDirectiveNode, type DocumentNode, type FieldDefinitionNode, Kind, print, stripIgnoredCharacters } from 'graphql' // biome-ignore format: one list
import {
  applied,
  argumentOf,
  hasFields,
  readFieldSet,
  readGraphNames,
  type TypeWithFields,
} from './join-directives.ts'
import { createTwins, type Variants } from './twins.ts'

/** What fields @require, and what the planner calls those that are required with arguments. */
export type RequiredFields = {
  readonly variants: Variants
  /** What a field of a type @requires in a subgraph, in the planner's names. */
  requirementsOf(subgraph: string, type: string, field: string): readonly QueryPlanSelectionNode[]
  /** The keys of a type in a subgraph. */
  keysOf(subgraph: string, type: string): readonly QueryPlanSelectionNode[]
}

/**
 * A supergraph for planning in which every field that some @requires selects with arguments has a twin without:
 * `price(currency: "EUR")` becomes `price_required1`.
 *
 * The planner keeps no arguments in what a request requires, and gives all that it adds the field's plain name: the
 * same field under other arguments, required by another field, ends up in the same place.
 */
export function withRequiredFields(supergraph: DocumentNode): {
  supergraph: DocumentNode
  required: RequiredFields
} {
  const types = new Map(
    supergraph.definitions.flatMap((node) => (hasFields(node) ? [[node.name.value, node]] : [])),
  )
  const twins = createTwins(types)
  const graphOf = readGraphNames(supergraph)
  const requirements = new Map<string, readonly QueryPlanSelectionNode[]>()
  const keys = new Map<string, readonly QueryPlanSelectionNode[]>()
  for (const type of types.values()) readKeys(type)

  // The fields first: only then all twins are known.
  const rewritten = supergraph.definitions.map((node) =>
    hasFields(node) ? { ...node, fields: node.fields?.map((field) => rewrite(field, node)) } : node,
  )
  const definitions = rewritten.map((node) =>
    hasFields(node)
      ? { ...node, fields: [...(node.fields ?? []), ...twins.on(node.name.value, node.fields)] }
      : node,
  )
  const { variants } = twins
  return {
    supergraph: { ...supergraph, definitions },
    required: {
      variants,
      requirementsOf: (subgraph, type, field) =>
        requirements.get(`${subgraph} ${type}.${variants.get(field)?.field ?? field}`) ?? [],
      keysOf: (subgraph, type) => keys.get(`${subgraph} ${type}`) ?? [],
    },
  }

  function readKeys(type: TypeWithFields): void {
    for (const directive of applied('join__type', type)) {
      const key = argumentOf(directive, 'key')
      if (typeof key !== 'string') continue
      const place = `${graphOf(directive)} ${type.name.value}`
      keys.set(place, [...(keys.get(place) ?? []), ...trimSelectionNodes(readFieldSet(key).selections)])
    }
  }

  function rewrite(field: FieldDefinitionNode, type: TypeWithFields): FieldDefinitionNode {
    const directives = field.directives?.map((directive) =>
      directive.name.value === 'join__field'
        ? withTwins(directive, `${type.name.value}.${field.name.value}`, type)
        : directive,
    )
    return { ...field, directives }
  }

  function withTwins(directive: ConstDirectiveNode, field: string, type: TypeWithFields): ConstDirectiveNode {
    const requires = argumentOf(directive, 'requires')
    if (typeof requires !== 'string') return directive
    const selections = twins.selectionSet(readFieldSet(requires), type.name.value)
    requirements.set(`${graphOf(directive)} ${field}`, trimSelectionNodes(selections.selections))
    const value = {
      kind: Kind.STRING as const,
      value: stripIgnoredCharacters(print(selections)).slice(1, -1),
    }
    const args = directive.arguments?.map((node) =>
      node.name.value === 'requires' ? { ...node, value } : node,
    )
    return { ...directive, arguments: args }
  }
}
