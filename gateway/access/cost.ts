import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  valueFromASTUntyped,
} from 'graphql'
import { isObject } from '../execution/completion/selection.ts'
import { type Amount, amountIn, type Given, largest, product, sum } from './amount.ts'
import { type Condition, costTree, type PricedField, type PricedSelection } from './cost-tree.ts'
import type { CostWeights } from './cost-weights.ts'

/** What an operation costs before its fields, by its kind, as Apollo has it. */
const kinds = { query: 0, mutation: 10, subscription: 0 }

/** What an operation costs: of a subscription, each of its results. */
export type OperationCost = {
  /** At most, given the variables as they were sent. Throws BAD_USER_INPUT where a list needs a slicing argument. */
  estimate(given: Given): number
  /** What a result came to, for its `data`; never more than the estimate. */
  actual(given: Given, data: unknown): ActualCost
}

export type ActualCost = {
  cost: number
  /** A list was longer than was asked for, or assumed, and is counted as long as that. */
  isClamped: boolean
}

type Options = {
  schema: GraphQLSchema
  costs: CostWeights
  document: DocumentNode
  operation: OperationDefinitionNode
  /** How long a list is taken to be that nothing is said of. */
  listSize: number
}

/**
 * Prices an operation that is valid, as Apollo prices by the GraphQL Cost Directives specification of IBM. What does not depend on
 * variables is computed here.
 */
export function compileCost(options: Options): OperationCost {
  const { document, operation } = options
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  )
  const holds = conditionReader(operation)
  const tree = () => costTree({ ...options, fragments })
  const base = kinds[operation.operation]
  const estimate = sum([base, estimateOf(tree(), holds)])
  // Few ask, and it is larger than all else that is kept of an operation.
  let kept: PricedSelection | undefined

  return {
    estimate:
      typeof estimate === 'number' ? () => Math.ceil(estimate) : (given) => Math.ceil(estimate(given)),
    actual(given, data) {
      kept ??= tree()
      const reading = { given, isClamped: false }
      const cost = Math.ceil(base + actualOf(kept, data, reading))
      return { cost, isClamped: reading.isClamped }
    },
  }
}

type Holds = (condition: Condition, given: Given) => boolean

function conditionReader({ variableDefinitions = [] }: OperationDefinitionNode): Holds {
  const defaults = new Map(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  )
  return ({ variable, value }, given) =>
    (Object.hasOwn(given, variable) ? given[variable] : defaults.get(variable)) === value
}

function estimateOf(selection: PricedSelection | undefined, holds: Holds): Amount {
  if (!selection) return 0
  const ofType = new Map<string, Amount>()
  for (const [type, fields] of selection.fieldsOn) {
    ofType.set(type, sum(fields.map((field) => estimateOfField(field, holds))))
  }
  return largest(selection.kinds.map((kind) => sum(kind.map((type) => ofType.get(type) ?? 0))))
}

function estimateOfField({ when, weight, once, lengths, selected }: PricedField, holds: Holds): Amount {
  const each = sum([weight, estimateOf(selected, holds)])
  const amount = sum([...once, product([...lengths, each])])
  if (when.length === 0 || amount === 0) return amount
  return (given) =>
    when.some((conditions) => conditions.every((condition) => holds(condition, given)))
      ? amountIn(amount, given)
      : 0
}

type Reading = { given: Given; isClamped: boolean }

function actualOf(selection: PricedSelection | undefined, data: unknown, reading: Reading): number {
  if (!selection || !isObject(data)) return 0
  const ofType = new Map<string, number>()
  for (const [type, fields] of selection.fieldsOn) {
    const costs = fields
      .filter(({ responseKey }) => Object.hasOwn(data, responseKey))
      .map((field) => actualOfField(field, data[field.responseKey], reading))
    ofType.set(
      type,
      costs.reduce((total, cost) => total + cost, 0),
    )
  }
  return Math.max(
    0,
    ...selection.kinds.map((kind) => kind.reduce((total, type) => total + (ofType.get(type) ?? 0), 0)),
  )
}

function actualOfField(field: PricedField, value: unknown, reading: Reading): number {
  const once = field.once.reduce<number>((total, amount) => total + amountIn(amount, reading.given), 0)
  return once + actualOfValue(field, value, 0, reading)
}

function actualOfValue(field: PricedField, value: unknown, level: number, reading: Reading): number {
  if (value === null || value === undefined) return 0
  const length = field.lengths[level]
  if (length === undefined) return field.weight + actualOf(field.selected, value, reading)
  const items: unknown[] = Array.isArray(value) ? value : [value]
  const most = amountIn(length, reading.given)
  if (items.length > most) reading.isClamped = true
  return items
    .slice(0, most)
    .reduce<number>((total, item) => total + actualOfValue(field, item, level + 1, reading), 0)
}
