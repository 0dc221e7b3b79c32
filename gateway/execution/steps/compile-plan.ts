import type { DeferNode, PlanNode } from '@apollo/query-planner'
import type { DataPath } from './collect.ts'
import { entityFetch } from './entity-fetch.ts'
import type { FetchContext } from './request.ts'
import { rootFetch } from './root-fetch.ts'
import type { Step } from './run.ts'

/** Compiles a node of a plan to what runs it; the path is that of the objects it is about. */
export function compilePlan(node: PlanNode, context: FetchContext, path: DataPath = []): Step {
  switch (node.kind) {
    case 'Sequence':
      return sequence(node.nodes.map((one) => compilePlan(one, context, path)))
    case 'Parallel':
      return parallel(node.nodes.map((one) => compilePlan(one, context, path)))
    case 'Flatten':
      return compilePlan(node.node, context, [...path, ...node.path.map(String)])
    case 'Fetch':
      return (node.requires ? entityFetch : rootFetch)(node, path, context)
    case 'Condition':
      return condition(
        context.variableOf(node.condition),
        node.ifClause && compilePlan(node.ifClause, context, path),
        node.elseClause && compilePlan(node.elseClause, context, path),
      )
    case 'Defer':
      return defer(node, context, path)
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

/** The primary part, and beside it those that are put off, each once the requests that it depends on were answered. */
function defer({ primary, deferred }: DeferNode, context: FetchContext, path: DataPath): Step {
  const first = primary.node && compilePlan(primary.node, context, path)
  const blocks = deferred.map(({ node, label, depends, queryPath: _ }) => ({
    label,
    depends: depends.map(({ id }) => id),
    step: node && compilePlan(node, context, []),
  }))
  const whole = sequence(
    [first, parallel(blocks.flatMap(({ step }) => step ?? []))].filter((step) => step !== undefined),
  )

  return (run) => {
    const { parts } = run
    if (!parts) return whole(run)
    const firstDone = Promise.resolve(first?.(run))
    for (const { label, depends, step } of blocks) {
      // A request that a condition left out is never answered; at the end of the first part all are done.
      const ready = Promise.race([firstDone, parts.answered(depends)])
      parts.start(label ?? '', depends.length > 0 ? ready : Promise.resolve(), () => step?.(run))
    }
    return firstDone
  }
}
