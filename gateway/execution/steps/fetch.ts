import type { FetchNode } from '@apollo/query-planner'
import type { Logger } from '../../../platform/logger.ts'
import { reasonOf } from '../../transport/reason.ts'
import type { Transport } from '../../transport/transport.ts'
import type { Fault } from '../faults.ts'
import type { KeysOf } from '../key-fields.ts'
import { type Answer, readAnswer, unanswered } from './answer.ts'
import { createCollector, type DataPath } from './collect.ts'
import { failMissing, nullMissing, place } from './fault-ledger.ts'
import { copy, type IsConcrete, merge } from './merge.ts'
import { dependentsIn, type RequirementsOf } from './dependents.ts'
import { createDistinct } from './distinct.ts'
import { createRepresentations, type Lack } from './representation.ts'
import { applyRewrites, type IsOfType, renameInShape } from './rewrites.ts'
import { type Data, isData, type Run, type Step } from './run.ts'
import { type Shape, shapeOf } from './shape.ts'
import { wantedOf } from './wanted.ts'

/** What requests are compiled against. */
export type FetchContext = {
  transports: Readonly<Record<string, Transport>>
  logger: Logger
  isOfType: IsOfType
  isConcrete: IsConcrete
  keysOf: KeysOf
  /** What a field of a type @requires in a subgraph. */
  requirementsOf: (subgraph: string, ...field: Parameters<RequirementsOf>) => ReturnType<RequirementsOf>
  /** The client's name of a variable of the plan. */
  variableOf: (name: string) => string
}

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
    if (!answer) return failAll(run, targets, shape, [unanswered(node.serviceName)])
    const { data, errors } = answer
    if (data) {
      applyRewrites(rewrites, data, context.isOfType)
      mergeAll(targets, data, shape, context.isConcrete)
    }
    const loose = errors.filter(({ path, fault }) => !path || !placeAll(run, targets, { path, fault, shape }))
    const faults = loose.map(({ fault }) => fault)
    if (data) run.ledger.loose.push(...faults)
    else failAll(run, targets, shape, faults)
  }
}

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
  const distinct = createDistinct(createRepresentations({ requires, isOfType: context.isOfType, keysOf }))

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
    const parts = Array.from(failed, ([required, { object, key }]) => ({
      keys: dependents(entity.__typename, required),
      faults: (run.ledger.at(object, key) ?? []).map(({ below: _, ...fault }) => fault),
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

  /** What cannot be asked for fails for the reason that something it needs did. */
  function inherit(run: Run, entity: Data, { object, key }: Lack): void {
    const faults = run.ledger.at(object, key)
    if (faults) failMissing(run.ledger, entity, shape, faults.map(({ below: _, ...fault }) => fault))
    else nullMissing(entity, shape)
  }

  function accept(run: Run, answer: Answer | null, groups: Data[][]): void {
    const entities = answer?.data?._entities
    const isComplete = Array.isArray(entities) && entities.length === groups.length
    if (!answer || (answer.data && !isComplete)) return failAll(run, groups.flat(), shape, [unanswered(subgraph)])
    if (isComplete) {
      applyRewrites(outputRewrites, entities, context.isOfType)
      for (const [index, targets] of groups.entries()) {
        const entity: unknown = entities[index]
        if (isData(entity)) mergeAll(targets, entity, shape, context.isConcrete)
        else if (entity !== null) failAll(run, targets, shape, [unanswered(subgraph)])
      }
    }
    for (const { fault, path = [] } of answer.errors) {
      const [, index, ...rest] = path
      const targets = typeof index === 'number' ? (groups[index] ?? []) : groups.flat()
      const isPlaced = rest.length > 0 && placeAll(run, targets, { path: rest, fault, shape })
      // What other subgraphs have brought of an entity that is not there stands, and is nothing to complain of.
      if (typeof index !== 'number' || !isComplete || !isData(entities[index])) failAll(run, targets, shape, [fault])
      else if (!isPlaced) run.ledger.loose.push(fault)
    }
    if (!isComplete) return
    for (const [index, targets] of groups.entries()) {
      if (entities[index] === null) nullMissing(targets, shape)
    }
  }
}

/** Merges what was answered into every place that asked for it. */
function mergeAll(targets: Data[], data: Data, shape: Shape, isConcrete: IsConcrete): void {
  // The copies come first: the answer itself becomes part of the data, and may then differ.
  for (let index = 1; index < targets.length; index++) {
    merge(targets[index] as Data, copy(data), shape, isConcrete)
  }
  if (targets[0]) merge(targets[0], data, shape, isConcrete)
}

function placeAll(run: Run, targets: Data[], error: { path: readonly (string | number)[]; fault: Fault; shape: Shape }): boolean {
  return targets.map((target) => place(run.ledger, target, error)).includes(true)
}

function failAll(run: Run, targets: Data[], shape: Shape, faults: readonly Fault[]): void {
  failMissing(run.ledger, targets, shape, faults)
}

function noted(run: Run, { id }: FetchNode): undefined {
  if (id !== undefined) run.parts?.note(id)
}

/** Sends a plan's operation; what follows its variables is given as text. Resolves to null when there is no answer of GraphQL. */
function requestOf(node: FetchNode, { transports, logger, variableOf }: FetchContext) {
  const { serviceName: subgraph, variableUsages = [], operationKind } = node
  const transport = transports[subgraph]
  if (!transport) throw new Error(`there is no subgraph ${subgraph}`)
  const kind = operationKind === 'mutation' ? 'mutation' : 'query'
  const beginning = `{"query":${JSON.stringify(node.operation)}`
  const names = variableUsages.map((name) => [variableOf(name), JSON.stringify(name)] as const)

  return async (run: Run, more: string): Promise<Answer | null> => {
    let variables = more
    for (const [name, key] of names) {
      const value = run.variables[name]
      if (value !== undefined) variables += `${variables ? ',' : ''}${key}:${JSON.stringify(value)}`
    }
    const body = variables ? `${beginning},"variables":{${variables}}}` : `${beginning}}`
    try {
      const answer = readAnswer(await transport.send({ body, kind, caller: run.caller }), subgraph)
      if (answer) return answer
      logger.warn({ subgraph, requestId: run.caller.requestId }, 'a subgraph gave an answer that is none of GraphQL')
    } catch (error) {
      logger.warn({ subgraph, requestId: run.caller.requestId, error: reasonOf(error) }, 'a subgraph did not answer')
    }
    return null
  }
}
