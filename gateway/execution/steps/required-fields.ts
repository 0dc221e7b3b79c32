import type { QueryPlanSelectionNode } from '@apollo/query-planner'
import type { IsOfType } from './rewrites.ts'

/** What is required of an object, by the keys that it is under. */
export type RequiredFields = ReadonlyMap<string, RequiredField>

export type RequiredField = {
  name: string
  /** What is required of the object that it is; undefined for a leaf. */
  selections: readonly QueryPlanSelectionNode[] | undefined
}

/** A subgraph may answer any name of a type; those of a schema are fewer. */
const TYPES = 1_000

/** Reads what is required of objects of a type, fragments that apply written out; of any type while it is not known. */
export function createRequiredFields(isOfType: IsOfType) {
  const known = new WeakMap<readonly QueryPlanSelectionNode[], Map<unknown, RequiredFields>>()

  function read(
    typename: unknown,
    selections: readonly QueryPlanSelectionNode[],
    fields = new Map<string, RequiredField>(),
  ) {
    for (const node of selections) {
      if (node.kind === 'Field') {
        const key = node.alias ?? node.name
        const inner = fields.get(key)?.selections ?? []
        fields.set(key, { name: node.name, selections: node.selections && [...inner, ...node.selections] })
      } else if (
        node.typeCondition === undefined ||
        typename === undefined ||
        isOfType(typename, node.typeCondition)
      ) {
        read(typename, node.selections, fields)
      }
    }
    return fields
  }

  return (typename: unknown, selections: readonly QueryPlanSelectionNode[]): RequiredFields => {
    const byType = known.get(selections) ?? new Map<unknown, RequiredFields>()
    known.set(selections, byType)
    const fields = byType.get(typename) ?? read(typename, selections)
    if (byType.size < TYPES) byType.set(typename, fields)
    return fields
  }
}
