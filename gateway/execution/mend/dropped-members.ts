import type { FetchNode, QueryPlan } from '@apollo/query-planner'
import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode, parse, print, type SelectionNode, type SelectionSetNode, stripIgnoredCharacters, visit } from 'graphql' // biome-ignore format: one list
import type { AbstractMembers } from './abstract-members.ts'
import { mapFetches } from './map-fetches.ts'

/**
 * Asks again for what the planner drops of abstract types that differ between subgraphs. Where a value could come from
 * several subgraphs, a fragment on an object that one of them does not know is left out for all, the one that is asked
 * in the end among them.
 */
export function withDroppedMembers(
  plan: QueryPlan,
  document: DocumentNode,
  members: AbstractMembers,
): QueryPlan {
  if (!members.any) return plan
  const operation = operationOf(document)
  return mapFetches(plan, (fetch, path) => {
    const wanted = path.reduce(below, [operation.selectionSet])
    return wanted.length > 0 ? restored(fetch, wanted, operation, members) : fetch
  })
}

/** The selections of the objects that a step of a path leads to. */
function below(selections: readonly SelectionSetNode[], step: string): readonly SelectionSetNode[] {
  if (step === '@') return selections
  const key = step.replace(/\|\[.*\]$/, '') // a step may be for some types only
  return fieldsOf(selections).flatMap((field) =>
    keyOf(field) === key && field.selectionSet ? [field.selectionSet] : [],
  )
}

function restored(
  fetch: FetchNode,
  wanted: readonly SelectionSetNode[],
  client: OperationDefinitionNode,
  members: AbstractMembers,
) {
  const operation = operationOf(parse(fetch.operation, { noLocation: true }))
  const { serviceName } = fetch
  let isChanged = false

  const selections = operation.selectionSet.selections.map((node) =>
    fetch.requires && node.kind === Kind.FIELD ? withInner(node, (inner) => within(inner, wanted, '')) : node,
  )
  const root = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }[operation.operation]
  const own = { ...operation.selectionSet, selections }
  const selectionSet = fetch.requires ? own : within(own, wanted, root)
  if (!isChanged) return fetch
  return { ...fetch, ...withVariables({ ...operation, selectionSet }, client) }

  /** Selections on a type with what was dropped from its fields. */
  function within(
    set: SelectionSetNode,
    wanted: readonly SelectionSetNode[],
    type: string,
  ): SelectionSetNode {
    const selections = set.selections.map((node): SelectionNode => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return node
      if (node.kind === Kind.INLINE_FRAGMENT) {
        return {
          ...node,
          selectionSet: within(node.selectionSet, wanted, node.typeCondition?.name.value ?? type),
        }
      }
      const inner = below(wanted, keyOf(node))
      const fieldType = members.typeOf(serviceName, type, node.name.value)
      if (!node.selectionSet || inner.length === 0 || fieldType === undefined) return node
      return withInner(node, (set) => within(withMembers(set, inner, fieldType), inner, fieldType))
    })
    return { ...set, selections }
  }

  function withMembers(
    set: SelectionSetNode,
    wanted: readonly SelectionSetNode[],
    type: string,
  ): SelectionSetNode {
    if (!members.differs(type)) return set
    const present = new Set(fragmentsOf([set]).map(({ typeCondition }) => typeCondition?.name.value))
    const dropped = fragmentsOf(wanted).flatMap((fragment): SelectionNode[] => {
      const name = fragment.typeCondition?.name.value
      if (name === undefined || present.has(name) || !members.isMember(serviceName, type, name)) return []
      const selections = known(fragment.selectionSet.selections, name)
      return selections.length > 0
        ? [{ ...fragment, selectionSet: { ...fragment.selectionSet, selections } }]
        : []
    })
    if (dropped.length === 0) return set
    isChanged = true
    return { ...set, selections: [...set.selections, ...dropped] }
  }

  /** Those of selections on an object that the subgraph can answer whole. */
  function known(selections: readonly SelectionNode[], type: string): SelectionNode[] {
    return selections.flatMap((node): SelectionNode[] => {
      if (node.kind !== Kind.FIELD || node.name.value === '__typename') return []
      const inner = members.typeOf(serviceName, type, node.name.value)
      if (inner === undefined) return []
      if (!node.selectionSet) return [node]
      const all = known(node.selectionSet.selections, inner)
      return all.length === node.selectionSet.selections.length ? [node] : []
    })
  }
}

function withVariables(operation: OperationDefinitionNode, client: OperationDefinitionNode) {
  const used = new Set<string>()
  visit(operation.selectionSet, { Variable: ({ name }) => void used.add(name.value) })
  const own = operation.variableDefinitions ?? []
  const missing = (client.variableDefinitions ?? []).filter(
    ({ variable: { name } }) =>
      used.has(name.value) && !own.some(({ variable }) => variable.name.value === name.value),
  )
  const variableDefinitions = [...own, ...missing]
  return {
    operation: stripIgnoredCharacters(print({ ...operation, variableDefinitions })),
    variableUsages: [...used].filter((name) => name !== 'representations'),
  }
}

const withInner = (node: FieldNode, change: (set: SelectionSetNode) => SelectionSetNode): FieldNode =>
  node.selectionSet ? { ...node, selectionSet: change(node.selectionSet) } : node

/** The fields of selections, those in fragments among them. */
function fieldsOf(selections: readonly SelectionSetNode[]): FieldNode[] {
  return selections.flatMap(({ selections }) =>
    selections.flatMap((node) =>
      node.kind === Kind.FIELD
        ? [node]
        : node.kind === Kind.INLINE_FRAGMENT
          ? fieldsOf([node.selectionSet])
          : [],
    ),
  )
}

function fragmentsOf(selections: readonly SelectionSetNode[]) {
  return selections.flatMap(({ selections }) =>
    selections.filter((node) => node.kind === Kind.INLINE_FRAGMENT),
  )
}

const keyOf = ({ alias, name }: FieldNode) => (alias ?? name).value

function operationOf(document: DocumentNode): OperationDefinitionNode {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
  if (!operation) throw new Error('there is no operation')
  return operation
}
