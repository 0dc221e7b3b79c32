import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql'
import { isObject } from '../execution/completion/selection.ts'
import type { Amount, Given } from './amount.ts'
import type { CostWeights } from './cost-weights.ts'

/** Deeper input than JSON may be here (http/json.ts); what is, is not asked in earnest. */
const DEPTH = 200

/** A value of an operation: given the variables. */
export type ReadValue = (given: Given) => unknown

/** Reads values as they stand in an operation, with variables and their defaults; nothing is checked. */
export function valueReader({ variableDefinitions = [] }: OperationDefinitionNode) {
  const defaults = new Map(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  )
  const variable =
    (name: string): ReadValue =>
    (given) =>
      Object.hasOwn(given, name) ? given[name] : defaults.get(name)

  function read(node: ValueNode): { isConstant: boolean; value: ReadValue } {
    switch (node.kind) {
      case Kind.VARIABLE:
        return { isConstant: false, value: variable(node.name.value) }
      case Kind.LIST: {
        const items = node.values.map(read)
        return {
          isConstant: items.every(({ isConstant }) => isConstant),
          value: (given) => items.map(({ value }) => value(given)),
        }
      }
      case Kind.OBJECT: {
        const fields = node.fields.map((field) => ({ name: field.name.value, ...read(field.value) }))
        return {
          isConstant: fields.every(({ isConstant }) => isConstant),
          value: (given) => Object.fromEntries(fields.map(({ name, value }) => [name, value(given)])),
        }
      }
      default: {
        const constant = valueFromASTUntyped(node)
        return { isConstant: true, value: () => constant }
      }
    }
  }

  /** The value of an argument, which is its default where it is not given. */
  return (node: FieldNode, { name, defaultValue }: GraphQLArgument) => {
    const given = node.arguments?.find((argument) => argument.name.value === name)
    if (!given) return { isConstant: true, value: () => defaultValue }
    const { isConstant, value } = read(given.value)
    return {
      isConstant,
      value: (variables: Given) => {
        const found = value(variables)
        return found === undefined ? defaultValue : found
      },
    }
  }
}

export type ReadArgument = ReturnType<typeof valueReader>

/** What the arguments of fields cost: an object of input 1, and each value what @cost says; by default nothing else. */
export function argumentPricing({ weights }: CostWeights, readArgument: ReadArgument) {
  const priced = new Map<GraphQLInputObjectType, GraphQLInputField[]>()

  /** Those fields of an input that can cost anything. */
  function pricedFields(type: GraphQLInputObjectType): GraphQLInputField[] {
    const known = priced.get(type)
    if (known) return known
    const fields = Object.values(type.getFields()).filter((field) =>
      isPriced(`${type.name}.${field.name}`, field.type),
    )
    priced.set(type, fields)
    return fields
  }

  function isPriced(coordinate: string, type: GraphQLInputType): boolean {
    const named = getNamedType(type)
    return weights.has(coordinate) || isInputObjectType(named) || weights.has(named.name)
  }

  function price(value: unknown, type: GraphQLInputType, own: number | undefined, depth: number): number {
    if (value === null || value === undefined) return 0
    if (depth > DEPTH) return Number.POSITIVE_INFINITY
    const nullable = getNullableType(type)
    if (isListType(nullable)) {
      const items: unknown[] = Array.isArray(value) ? value : [value]
      return items.reduce<number>((total, item) => total + price(item, nullable.ofType, own, depth + 1), 0)
    }
    if (!isInputObjectType(nullable)) return own ?? weights.get(nullable.name) ?? 0
    let total = own ?? weights.get(nullable.name) ?? 1
    if (!isObject(value)) return total
    for (const field of pricedFields(nullable)) {
      const given = Object.hasOwn(value, field.name) ? value[field.name] : field.defaultValue
      total += price(given, field.type, weights.get(`${nullable.name}.${field.name}`), depth + 1)
    }
    return total
  }

  return (coordinate: string, field: GraphQLField<unknown, unknown>, node: FieldNode): Amount[] =>
    field.args.flatMap((argument) => {
      const own = `${coordinate}(${argument.name}:)`
      if (!isPriced(own, argument.type)) return []
      const { isConstant, value } = readArgument(node, argument)
      const amount = (given: Given) => price(value(given), argument.type, weights.get(own), 0)
      return [isConstant ? amount({}) : amount]
    })
}
