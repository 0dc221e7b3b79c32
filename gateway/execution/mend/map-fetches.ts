import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner'

/**
 * A plan in which each request is replaced, given the way to the objects that it is about. That of a subscription
 * itself can be replaced by a request alone.
 */
export function mapFetches(
  plan: QueryPlan,
  replace: (fetch: FetchNode, path: readonly string[]) => PlanNode,
): QueryPlan {
  const { node } = plan
  if (!node) return plan
  if (node.kind !== 'Subscription') return { ...plan, node: map(node, []) }
  const primary = replace(node.primary, [])
  return {
    ...plan,
    node: {
      ...node,
      primary: primary.kind === 'Fetch' ? primary : node.primary,
      rest: node.rest && map(node.rest, []),
    },
  }

  function map(node: PlanNode, path: readonly string[]): PlanNode {
    switch (node.kind) {
      case 'Fetch':
        return replace(node, path)
      case 'Sequence':
      case 'Parallel':
        return { ...node, nodes: node.nodes.map((one) => map(one, path)) }
      case 'Flatten':
        return { ...node, node: map(node.node, [...path, ...node.path.map(String)]) }
      case 'Condition':
        return {
          ...node,
          ifClause: node.ifClause && map(node.ifClause, path),
          elseClause: node.elseClause && map(node.elseClause, path),
        }
      case 'Defer':
        return {
          ...node,
          primary: { ...node.primary, node: node.primary.node && map(node.primary.node, path) },
          deferred: node.deferred.map((block) => ({ ...block, node: block.node && map(block.node, []) })),
        }
    }
  }
}
