import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner'
import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode, parse, print, type SelectionNode, stripIgnoredCharacters, visit } from 'graphql' // biome-ignore format: one list
import { mapFetches } from './map-fetches.ts'
import type { RequiredFields } from './required-fields.ts'
import type { Variants } from './twins.ts'

type Part = { condition: string; needs: Map<string, string>; fields: Set<FieldNode> }

/**
 * Makes several of a request for entities where one cannot do:
 *
 * - Two fields need different things under one name, the same field under different arguments, and a representation
 *   has room for one.
 * - Two fields that @include and @skip leave out under different conditions need different things: what only one of
 *   them needs may not have been fetched, and without it the planner's request would not be sent for the other one
 *   either.
 */
export function withRequestsTakenApart(plan: QueryPlan, required: RequiredFields): QueryPlan {
  return mapFetches(plan, (fetch) => {
    const [first, ...others] = takenApart(fetch, required)
    return first ? together(first, others) : fetch
  })
}

function together(first: FetchNode, others: FetchNode[]): PlanNode {
  if (others.length === 0) return first
  if (first.id === undefined) return { kind: 'Parallel', nodes: [first, ...others] }
  // What is put off until this request was answered waits for the last of them.
  const last = others.length
  const nodes = [first, ...others].map((part, index) => (index === last ? part : { ...part, id: undefined }))
  return { kind: 'Sequence', nodes }
}

function takenApart(fetch: FetchNode, { variants, requirementsOf, keysOf }: RequiredFields): FetchNode[] {
  const { requires = [], serviceName } = fetch
  if (requires.length === 0 || !(hasConditions(fetch) || isContested(requires, variants))) return [fetch]
  const document = parse(fetch.operation, { noLocation: true })
  const parts: Part[] = []
  for (const { type, condition, field } of entityFields(document)) {
    const needs = new Map(waysIn(requirementsOf(serviceName, type, field.name.value), variants))
    const part =
      field.name.value === '__typename' ? parts[0] : parts.find((one) => hasRoomFor(one, needs, condition))
    if (!part) parts.push({ condition, needs, fields: new Set([field]) })
    else {
      part.fields.add(field)
      for (const [way, name] of needs) part.needs.set(way, name)
    }
  }
  if (parts.length < 2) return [fetch]
  const all = new Set(parts.flatMap(({ needs }) => [...needs.keys()]))
  return parts.map(({ needs, fields }) => ({
    ...fetch,
    ...restricted(fetch, document, fields),
    requires: requires.map((node) => {
      if (node.kind === 'Field') return node // the planner puts all under types
      const keys = new Set(
        waysIn(keysOf(serviceName, node.typeCondition ?? ''), variants).map(([way]) => way),
      )
      const isForOthers = (way: string, name: string) =>
        all.has(way) && needs.get(way) !== name && !keys.has(way)
      return { ...node, selections: without(node.selections, isForOthers, variants) }
    }),
  }))
}

const hasConditions = ({ operation }: FetchNode) => /@(include|skip)\b/.test(operation)

function hasRoomFor(part: Part, needs: Part['needs'], condition: string): boolean {
  const isSame = part.needs.size === needs.size
  const fits = [...needs].every(
    ([way, name]) => (part.needs.get(way) ?? (isSame ? undefined : name)) === name,
  )
  return fits && (part.condition === condition || isSame)
}

/** The fields of selections: the way to each in the subgraph's own names, and the planner's name. */
function waysIn(
  nodes: readonly QueryPlanSelectionNode[],
  variants: Variants,
  parent = '',
): [string, string][] {
  return nodes.flatMap((node): [string, string][] => {
    if (node.kind === 'InlineFragment') return waysIn(node.selections, variants, parent)
    const way = wayOf(node.name, variants, parent)
    return [[way, node.name], ...waysIn(node.selections ?? [], variants, way)]
  })
}

const wayOf = (name: string, variants: Variants, parent: string) =>
  `${parent}.${variants.get(name)?.field ?? name}`

/** Whether a representation would need two things under one name. */
function isContested(requires: readonly QueryPlanSelectionNode[], variants: Variants): boolean {
  const names = new Map<string, string>()
  return waysIn(requires, variants).some(([way, name]) => {
    const other = names.get(way)
    names.set(way, name)
    return other !== undefined && other !== name
  })
}

function without(
  nodes: readonly QueryPlanSelectionNode[],
  isUnwanted: (way: string, name: string) => boolean,
  variants: Variants,
  parent = '',
): QueryPlanSelectionNode[] {
  return nodes.flatMap((node): QueryPlanSelectionNode[] => {
    if (node.kind === 'InlineFragment') {
      return [{ ...node, selections: without(node.selections, isUnwanted, variants, parent) }]
    }
    const way = wayOf(node.name, variants, parent)
    if (isUnwanted(way, node.name)) return []
    return [{ ...node, selections: node.selections && without(node.selections, isUnwanted, variants, way) }]
  })
}

type EntityField = { type: string; condition: string; field: FieldNode }

/** The fields that entities are asked for, each with the type that it stands on and the conditions that it stands under. */
function entityFields(document: DocumentNode): EntityField[] {
  return operationOf(document).selectionSet.selections.flatMap((node) =>
    node.kind === Kind.FIELD ? fieldsIn(node.selectionSet?.selections, '', '') : [],
  )
}

function fieldsIn(selections: readonly SelectionNode[] = [], type: string, outer: string): EntityField[] {
  return selections.flatMap((node) => {
    const condition = outer + (node.directives ?? []).map((directive) => print(directive)).join('')
    if (node.kind === Kind.FIELD) return [{ type, condition, field: node }]
    if (node.kind === Kind.FRAGMENT_SPREAD) return [] // the planner writes them out
    return fieldsIn(node.selectionSet.selections, node.typeCondition?.name.value ?? type, condition)
  })
}

/** The request with these of the fields of its entities alone, and the variables that they use. */
function restricted(fetch: FetchNode, document: DocumentNode, fields: ReadonlySet<FieldNode>) {
  const operation = operationOf(document)
  const selections = operation.selectionSet.selections.map((node): SelectionNode => {
    if (node.kind !== Kind.FIELD || !node.selectionSet) return node
    return {
      ...node,
      selectionSet: { ...node.selectionSet, selections: only(node.selectionSet.selections, fields) },
    }
  })
  const selectionSet = { ...operation.selectionSet, selections }
  const used = new Set<string>()
  visit(selectionSet, { Variable: ({ name }) => void used.add(name.value) })
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) =>
    used.has(variable.name.value),
  )
  return {
    operation: stripIgnoredCharacters(print({ ...operation, variableDefinitions, selectionSet })),
    variableUsages: fetch.variableUsages?.filter((name) => used.has(name)),
  }
}

function only(selections: readonly SelectionNode[], fields: ReadonlySet<FieldNode>): SelectionNode[] {
  return selections.flatMap((node): SelectionNode[] => {
    if (node.kind === Kind.FIELD) return fields.has(node) ? [node] : []
    if (node.kind === Kind.FRAGMENT_SPREAD) return [node]
    const kept = only(node.selectionSet.selections, fields)
    return kept.length > 0 ? [{ ...node, selectionSet: { ...node.selectionSet, selections: kept } }] : []
  })
}

function operationOf(document: DocumentNode): OperationDefinitionNode {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
  if (!operation) throw new Error('a request of a plan is an operation')
  return operation
}
