import { isInterfaceType, isNonNullType, isObjectType, type Schema } from '@apollo/federation-internals'
import { type FieldNode, Kind, type OperationDefinitionNode, parse, print } from 'graphql'
import type { LoadedSupergraph } from '../supergraph.ts'
import type { SubgraphOperation } from './resume.ts'

/** The field that tells when a state changed, its type, and our alias for it, which is no client's. */
const FIELD = 'changedAt'
const TYPE = 'DateTime'
const ALIAS = 'podiumChangedAt'

/** How many operations are remembered for each supergraph. */
const REMEMBERED = 1_000

/** When the state changed that an event shows, in ms since 1970; null where that is not known. */
type ChangedAtOf = (data: Readonly<Record<string, unknown>> | null | undefined) => number | null

/**
 * Lets a subscription's primary operation on a subgraph ask when its state changed, where the subgraph itself tells that: the type
 * of the field has a `changedAt: DateTime`. Clients never see it.
 */
export function withChangedAt(
  operation: SubgraphOperation,
  subgraph: string,
  supergraph: LoadedSupergraph,
): { operation: SubgraphOperation; changedAtOf: ChangedAtOf } {
  const { query, changedAtOf } = remembered(supergraph, `${subgraph}\n${operation.query}`, () =>
    asking(operation.query, supergraph.schemaOf(subgraph)),
  )
  return { operation: query === operation.query ? operation : { ...operation, query }, changedAtOf }
}

type Asking = { query: string; changedAtOf: ChangedAtOf }

function asking(query: string, schema: Schema | undefined): Asking {
  // A primary operation is one definition with one field: the planner has written its fragments out.
  const document = parse(query)
  const definition = document.definitions[0] as OperationDefinitionNode
  const field = definition.selectionSet.selections[0] as FieldNode
  if (!schema || !field.selectionSet || !tellsChange(schema, field.name.value)) {
    return { query, changedAtOf: () => null }
  }
  const changed = {
    ...definition,
    selectionSet: { ...definition.selectionSet, selections: [withSelection(field)] },
  }
  const key = (field.alias ?? field.name).value
  return {
    query: print({ ...document, definitions: [changed] }),
    changedAtOf(data) {
      const state = data?.[key] as { [ALIAS]?: unknown } | null | undefined
      const at = state?.[ALIAS]
      const time = typeof at === 'string' ? Date.parse(at) : Number.NaN
      return Number.isNaN(time) ? null : time
    },
  }
}

function withSelection(field: FieldNode): FieldNode {
  const name = (value: string) => ({ kind: Kind.NAME as const, value })
  const added: FieldNode = { kind: Kind.FIELD, alias: name(ALIAS), name: name(FIELD) }
  const selections = [...(field.selectionSet?.selections ?? []), added]
  return { ...field, selectionSet: { kind: Kind.SELECTION_SET, selections } }
}

/** Whether a subgraph can tell when the state changed that a subscription field of it is about. */
function tellsChange(schema: Schema, name: string): boolean {
  const declared = schema.schemaDefinition.rootType('subscription')?.field(name)?.type
  const type = declared && isNonNullType(declared) ? declared.ofType : declared
  if (!type || !(isObjectType(type) || isInterfaceType(type))) return false
  const field = type.field(FIELD)
  // What is external there another subgraph knows.
  if (!field?.type || field.hasAppliedDirective('external')) return false
  const time = isNonNullType(field.type) ? field.type.ofType : field.type
  return time.toString() === TYPE && !field.arguments().some((argument) => argument.isRequired())
}

const memory = new WeakMap<LoadedSupergraph, Map<string, Asking>>()

function remembered(supergraph: LoadedSupergraph, key: string, make: () => Asking): Asking {
  const known = memory.get(supergraph) ?? new Map<string, Asking>()
  memory.set(supergraph, known)
  const found = known.get(key)
  if (found) return found
  const made = make()
  if (known.size >= REMEMBERED) known.clear() // what is used comes back at once
  known.set(key, made)
  return made
}
