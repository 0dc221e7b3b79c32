import type { FetchDataKeyRenamer, FetchNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner'
import { type FieldNode, parse, print, stripIgnoredCharacters, visit } from 'graphql'
import { mapFetches } from './map-fetches.ts'
import type { Variants } from './twins.ts'

/**
 * Gives fields that are required with arguments their own names and arguments again: where a subgraph is asked for
 * them, and in representations. Before, no representation may need two of them under one name.
 */
export function withRequiredArguments(plan: QueryPlan, variants: Variants): QueryPlan {
  return variants.size === 0 ? plan : mapFetches(plan, (fetch) => withOwnNames(fetch, variants))
}

function withOwnNames(fetch: FetchNode, variants: Variants): FetchNode {
  const document = visit(parse(fetch.operation, { noLocation: true }), {
    Field(node): FieldNode | undefined {
      const variant = variants.get(node.name.value)
      if (!variant) return undefined
      const { alias = node.name, name } = node
      return { ...node, alias, name: { ...name, value: variant.field }, arguments: variant.arguments }
    },
  })
  const renames = (fetch.requires ?? []).flatMap((node) => renamesIn(node, [], variants))
  return {
    ...fetch,
    operation: stripIgnoredCharacters(print(document)),
    // Before the planner's own, which may change the types that these go by.
    inputRewrites: renames.length > 0 ? [...renames, ...(fetch.inputRewrites ?? [])] : fetch.inputRewrites,
  }
}

/** The inner ones first: the way to them is that of before the outer ones. */
function renamesIn(node: QueryPlanSelectionNode, path: string[], variants: Variants): FetchDataKeyRenamer[] {
  const { selections = [] } = node
  if (node.kind === 'InlineFragment') {
    const steps = node.typeCondition === undefined ? path : [...path, `... on ${node.typeCondition}`]
    return selections.flatMap((one) => renamesIn(one, steps, variants))
  }
  const steps = [...path, node.name]
  const inner = selections.flatMap((one) => renamesIn(one, steps, variants))
  const variant = variants.get(node.name)
  return variant ? [...inner, { kind: 'KeyRenamer', path: steps, renameKeyTo: variant.field }] : inner
}
