import type { FetchNode } from '@apollo/query-planner'
import { type Answer, unanswered } from './answer.ts'
import { createCollector, type DataPath } from './collect.ts'
import type { Data } from './data.ts'
import { excuseMissing } from './fault-ledger.ts'
import { type FetchContext, noted, requestOf } from './request.ts'
import { applyRewrites, renameInShape } from './rewrites.ts'
import type { Run, Step } from './run.ts'
import { shapeOf } from './shape.ts'
import { failAll, mergeAll, placeAll } from './targets.ts'

/** A request to a subgraph for fields of its root, which are merged into the objects at a path. */
export function rootFetch(node: FetchNode, path: DataPath, context: FetchContext): Step {
  const send = requestOf(node, context)
  const accept = rootAcceptor(node, context)
  const collect = createCollector(path)

  return (run) => {
    const targets = collect(run.data)
    if (targets.length === 0) return noted(run, node)
    return send(run, '').then((answer) => {
      accept(run, answer, targets)
      noted(run, node)
    })
  }
}

/** What takes the answer to a request for fields of the root; null when there was none. */
export function rootAcceptor(node: FetchNode, context: Pick<FetchContext, 'isOfType' | 'isConcrete'>) {
  const shape = shapeOf(node.operation)
  const rewrites = node.outputRewrites ?? []
  renameInShape(shape, rewrites)

  return (run: Run, answer: Answer | null, targets: Data[]): void => {
    const { data, errors } = answer ?? {
      data: null,
      errors: [{ fault: unanswered(node.serviceName), path: undefined }],
    }
    if (data) {
      applyRewrites(rewrites, data, context.isOfType)
      mergeAll(run, targets, data, { shape, isConcrete: context.isConcrete })
    }
    const loose = errors.filter(({ path, fault }) => !path || !placeAll(run, targets, { path, fault, shape }))
    const faults = loose.map(({ fault }) => fault)
    if (data) run.ledger.loose.push(...faults)
    else if (faults.length > 0) failAll(run, targets, shape, faults)
    // A field that may not be null has failed, and taken the others with it.
    else excuseMissing(run.ledger, targets, shape)
  }
}
