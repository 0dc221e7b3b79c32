import type { DeferNode, PlanNode } from '@apollo/query-planner'
import type { DataPath } from './collect.ts'
import { entityFetch } from './entity-fetch.ts'
import type { FetchContext } from './request.ts'
import { rootFetch } from './root-fetch.ts'
import type { Step } from './run.ts'

/** Where a node of a plan stands. */
type Place = {
  /** The way to the objects that it is about. */
  path: DataPath
  /** The label of what is put off that it belongs to. */
  within?: string | undefined
}

/** Compiles a node of a plan to what runs it. */
export function compilePlan(node: PlanNode, context: FetchContext, place: Place = { path: [] }): Step {
  const { path } = place
  switch (node.kind) {
    case 'Sequence':
      return sequence(node.nodes.map((one) => compilePlan(one, context, place)))
    case 'Parallel':
      return parallel(node.nodes.map((one) => compilePlan(one, context, place)))
    case 'Flatten':
      return compilePlan(node.node, context, { ...place, path: [...path, ...node.path.map(String)] })
    case 'Fetch':
      return (node.requires ? entityFetch : rootFetch)(node, path, context)
    case 'Condition':
      return condition(
        context.variableOf(node.condition),
        node.ifClause && compilePlan(node.ifClause, context, place),
        node.elseClause && compilePlan(node.elseClause, context, place),
      )
    case 'Defer':
      return defer(node, context, place)
  }
}

/** One after the other. */
function sequence(steps: readonly Step[]): Step {
  const runFrom: (first: number, ...run: Parameters<Step>) => ReturnType<Step> = (first, run) => {
    for (let index = first; index < steps.length; index++) {
      const waiting = steps[index]?.(run)
      if (waiting) return waiting.then(() => runFrom(index + 1, run))
    }
    return undefined
  }
  return (run) => runFrom(0, run)
}

/** All at once. */
function parallel(steps: readonly Step[]): Step {
  return (run) => {
    const waiting = steps.map((step) => step(run)).filter((promise) => promise !== undefined)
    return waiting.length > 1 ? Promise.all(waiting) : waiting[0]
  }
}

function condition(variable: string, then: Step | undefined, otherwise: Step | undefined): Step {
  // Only that of @defer may be without a value, and then it holds.
  return (run) => (run.coerced[variable] === false ? otherwise : then)?.(run)
}

/** The primary part, and beside it those that are put off, each once what it depends on is there. */
function defer({ primary, deferred }: DeferNode, context: FetchContext, place: Place): Step {
  const first = primary.node && compilePlan(primary.node, context, place)
  const blocks = deferred.map(({ node, label = '', depends }) => ({
    label,
    depends: depends.map(({ id }) => id),
    isIndependent: node !== undefined && startsAtRoot(node),
    step: node && compilePlan(node, context, { path: [], within: label }),
  }))
  const later = parallel(blocks.flatMap(({ step }) => step ?? []))
  const whole = sequence(first ? [first, later] : [later])

  return (run) => {
    const { parts } = run
    if (!parts) return whole(run)
    const firstDone = Promise.resolve(first?.(run))
    for (const { label, depends, isIndependent, step } of blocks) {
      // A request that a condition left out is never answered; at the end of the first part all are done.
      const needed = depends.length > 0 ? Promise.race([firstDone, parts.answered(depends)]) : firstDone
      const ready = isIndependent ? Promise.resolve() : needed
      parts.start({ label, within: place.within, ready, work: () => step?.(run) })
    }
    return firstDone
  }
}

/** Whether a plan begins with fields of the root, for which nothing has to be there. */
function startsAtRoot(node: PlanNode): boolean {
  switch (node.kind) {
    case 'Fetch':
      return !node.requires
    case 'Sequence':
      return node.nodes[0] !== undefined && startsAtRoot(node.nodes[0])
    case 'Parallel':
      return node.nodes.every(startsAtRoot)
    default:
      return false
  }
}
