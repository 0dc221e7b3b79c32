import type { FetchNode } from '@apollo/query-planner'
import type { Fault } from '../faults.ts'
import { type Answer, unanswered } from './answer.ts'
import { createCollector, type DataPath } from './collect.ts'
import { type Data, isData } from './data.ts'
import { dependentsIn } from './dependents.ts'
import { createDistinct } from './distinct.ts'
import { failMissing, nullMissing } from './fault-ledger.ts'
import { createRepresentations, type Lack } from './representation.ts'
import { type FetchContext, noted, requestOf } from './request.ts'
import { applyRewrites, renameInShape } from './rewrites.ts'
import type { Run, Step } from './run.ts'
import { shapeOf } from './shape.ts'
import { failAll, mergeAll, placeAll } from './targets.ts'
import { wantedOf } from './wanted.ts'

/** What is computed from a requirement that failed, and why that did. */
type Withheld = { keys: readonly string[]; faults: readonly Fault[] }

/** A request to a subgraph for entities: the objects at a path, each distinct one once. */
export function entityFetch(node: FetchNode, path: DataPath, context: FetchContext): Step {
  const { serviceName: subgraph, requires = [] } = node
  const send = requestOf(node, context)
  const shape = shapeOf(node.operation).get('_entities') ?? new Map()
  const collect = createCollector(path)
  const inputRewrites = node.inputRewrites ?? []
  const outputRewrites = node.outputRewrites ?? []
  renameInShape(shape, outputRewrites)
  const keysOf = (typename: string) => context.keysOf(subgraph, typename)
  const distinct = createDistinct(
    createRepresentations({ requires, isOfType: context.isOfType, keysOf, isListField: context.isListField }),
  )

  const isWanted = wantedOf(node.operation, context.variableOf)
  const requirementsOf = (type: string, field: string) => context.requirementsOf(subgraph, type, field)
  const dependents = dependentsIn(node.operation, requirementsOf, context.isOfType)

  return (run) => {
    if (!isWanted(run.coerced)) return noted(run, node)
    const withheld = new Map<Data, Withheld[]>()
    const { texts, groups } = distinct(collect(run.data), run.ledger, {
      onLack: (entity, lack) => inherit(run, entity, lack),
      onFailed: (entity, failed) => withhold(run, entity, { failed, withheld }),
    })
    if (texts.length === 0) return noted(run, node)
    return send(run, representationsOf(texts)).then((answer) => {
      accept(run, answer, groups)
      for (const [entity, parts] of withheld) takeBack(run, entity, parts)
      noted(run, node)
    })
  }

  /** Notes what will be computed from requirements that failed; false: it is all that is asked for. */
  function withhold(
    run: Run,
    entity: Data,
    { failed, withheld }: { failed: ReadonlyMap<string, Lack>; withheld: Map<Data, Withheld[]> },
  ): boolean {
    const parts = Array.from(failed, ([required, { reasons }]) => ({
      keys: dependents(entity.__typename, required),
      faults: reasons.map(here),
    }))
    const keys = new Set(parts.flatMap((part) => part.keys))
    if (![...shape.keys()].some((key) => key !== '__typename' && !keys.has(key))) {
      takeBack(run, entity, parts)
      return false
    }
    withheld.set(entity, parts)
    return true
  }

  function takeBack(run: Run, entity: Data, parts: readonly Withheld[]): void {
    for (const { keys, faults } of parts) {
      for (const key of keys) {
        entity[key] = null
        for (const fault of faults) run.ledger.add(entity, key, fault)
      }
    }
  }

  function representationsOf(texts: readonly string[]): string {
    if (inputRewrites.length === 0) return `"representations":[${texts.join(',')}]`
    const representations = texts.map((text) => JSON.parse(text))
    applyRewrites(inputRewrites, representations, context.isOfType)
    return `"representations":${JSON.stringify(representations)}`
  }

  /** What cannot be asked for fails for the reason that something it needs did; without one it is not there. */
  function inherit(run: Run, entity: Data, { reasons }: Lack): void {
    if (reasons.length > 0) failMissing(run.ledger, entity, shape, reasons.map(here))
    else nullMissing(entity, shape)
  }

  function accept(run: Run, answer: Answer | null, groups: Data[][]): void {
    const entities: unknown = answer?.data?._entities
    if (answer?.data) checkEntities(run, entities, groups.length)
    if (!answer || (answer.data && !isListOf(entities, groups.length))) {
      failAll(run, groups.flat(), shape, [unanswered(subgraph)])
    } else if (isListOf(entities, groups.length)) {
      applyRewrites(outputRewrites, entities, context.isOfType)
      acceptEntities(run, entities, groups)
      acceptErrors(run, answer.errors, groups, entities)
      // Nobody said why, so it is no fault.
      for (const [index, targets] of groups.entries())
        if (entities[index] === null) nullMissing(targets, shape)
    } else {
      acceptErrors(run, answer.errors, groups, [])
      failAll(run, groups.flat(), shape, [unanswered(subgraph)])
    }
  }

  /** Tells the log of what clients see as a part that is not available. */
  function checkEntities({ caller: { requestId } }: Run, entities: unknown, asked: number): void {
    if (isListOf(entities, asked) && entities.every((entity) => entity === null || isData(entity))) return
    const got = Array.isArray(entities) ? entities.length : typeof entities
    context.logger.warn(
      { subgraph, requestId, asked, got },
      'a subgraph gave entities that are not those that it was asked for',
    )
  }

  function acceptEntities(run: Run, entities: readonly unknown[], groups: Data[][]): void {
    for (const [index, targets] of groups.entries()) {
      const entity = entities[index]
      if (isData(entity)) mergeAll(run, targets, entity, { shape, isConcrete: context.isConcrete })
      else if (entity !== null) failAll(run, targets, shape, [unanswered(subgraph)])
    }
  }

  function acceptErrors(
    run: Run,
    errors: Answer['errors'],
    groups: Data[][],
    entities: readonly unknown[],
  ): void {
    for (const { fault, path = [] } of errors) {
      const [, index, ...rest] = path
      const named = typeof index === 'number' ? groups[index] : undefined
      const targets = named ?? groups.flat()
      const isPlaced = rest.length > 0 && placeAll(run, targets, { path: rest, fault, shape })
      const isThere = named !== undefined && isData(entities[Number(index)])
      const isOfMissing = !isThere && failAll(run, targets, shape, [fault])
      // What other subgraphs have brought of an entity that is not there stands, and is nothing to complain of.
      if (!isPlaced && !isOfMissing && (isThere || !named)) run.ledger.loose.push(fault)
    }
  }
}

/** A fault of what something was computed from, as its own. */
const here = ({ below: _, ...fault }: Fault): Fault => fault

function isListOf(value: unknown, length: number): value is unknown[] {
  return Array.isArray(value) && value.length === length
}
