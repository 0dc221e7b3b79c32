import { type ConstDirectiveNode, type DocumentNode, Kind, type ValueNode } from 'graphql'
import { argument, linkedNames } from './directive-links.ts'
import { accessDirectiveOf, perViewerOf } from './viewer-dependence.ts'

/** Who may ask for something, as a supergraph says; subgraphs enforce it. */
export type FieldAccess = {
  /** Nobody who is anonymous. */
  isAuthenticated: boolean
  /** All of one of these; empty: none are needed. */
  scopes: readonly (readonly string[])[]
  policies: readonly (readonly string[])[]
  /** Anyone may ask, and gets what is theirs. */
  isPerViewer: boolean
}

/** Reads who may ask for what from a composed supergraph, by coordinate: `Type` and `Type.field`; of others nothing is said. */
export function readFieldAccess(composed: DocumentNode): ReadonlyMap<string, FieldAccess> {
  const named = (directive: string) =>
    new Set(linkedNames(composed, (url) => (accessDirectiveOf(url) === directive ? directive : undefined)))
  const names = {
    authenticated: named('authenticated'),
    requiresScopes: named('requiresScopes'),
    policy: named('policy'),
    perViewer: new Set(linkedNames(composed, perViewerOf)),
  }
  const access = new Map<string, FieldAccess>()

  function read(coordinate: string, directives: readonly ConstDirectiveNode[] = []): void {
    const of = (names: ReadonlySet<string>) => directives.filter(({ name }) => names.has(name.value))
    const sets = (found: readonly ConstDirectiveNode[], name: string) =>
      found.flatMap((directive) => setsIn(argument(directive, name)))
    const told: FieldAccess = {
      isAuthenticated: of(names.authenticated).length > 0,
      scopes: sets(of(names.requiresScopes), 'scopes'),
      policies: sets(of(names.policy), 'policies'),
      isPerViewer: of(names.perViewer).length > 0,
    }
    if (told.isAuthenticated || told.isPerViewer || told.scopes.length + told.policies.length > 0) {
      access.set(coordinate, told)
    }
  }

  for (const definition of composed.definitions) {
    if (!('name' in definition) || !definition.name || !('directives' in definition)) continue
    const type = definition.name.value
    // What is declared, and not asked for, has constants alone.
    read(type, definition.directives as readonly ConstDirectiveNode[])
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
      continue
    for (const field of definition.fields ?? []) read(`${type}.${field.name.value}`, field.directives)
  }
  return access
}

/** `[["a", "b"], ["c"]]`, where a list of one may be without brackets. */
function setsIn(value: ValueNode | undefined): string[][] {
  const itemsOf = (node: ValueNode) => (node.kind === Kind.LIST ? node.values : [node])
  if (!value) return []
  return itemsOf(value).map((set) =>
    itemsOf(set).flatMap((item) => (item.kind === Kind.STRING ? [item.value] : [])),
  )
}
