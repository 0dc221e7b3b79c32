import { type GraphQLField, getNamedType, OperationTypeNode } from 'graphql'
import type { FieldAccess } from '../supergraph/field-access.ts'

/** What somebody needs for a field; scopes stand in backticks. */
export type Needs = {
  /** Null: nothing. */
  said: string | null
  /** What it gives depends on who asks. */
  dependsOnViewer: boolean
}

/**
 * Says what is needed for a field with an API key, as platform/access.ts demands it. `root` is the kind of operation that the
 * field is a root field of; null: of none.
 */
export function needsOf(
  access: ReadonlyMap<string, FieldAccess>,
  {
    parent,
    field,
    root,
  }: { parent: string; field: GraphQLField<unknown, unknown>; root: OperationTypeNode | null },
): Needs {
  const told = [`${parent}.${field.name}`, parent, getNamedType(field.type).name].flatMap(
    (coordinate) => access.get(coordinate) ?? [],
  )
  const sets = told.flatMap(({ scopes, policies }) => [anyOf(scopes), anyOf(policies)]).filter(Boolean)
  // What is under Viewer belongs to one person, though no directive says so.
  const isOwned = parent === 'Viewer' || told.some(({ isAuthenticated }) => isAuthenticated)
  if (isOwned && sets.length === 0) {
    sets.push(root === OperationTypeNode.MUTATION ? '`account:write`' : '`account:read`')
  }
  return {
    said: sets.length > 0 ? sets.join(', and ') : null,
    dependsOnViewer: told.some(({ isPerViewer }) => isPerViewer),
  }
}

const anyOf = (sets: readonly (readonly string[])[]) =>
  sets.map((set) => set.map((name) => `\`${name}\``).join(' and ')).join(', or ')
