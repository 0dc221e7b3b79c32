import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql'
import type { CostWeights, ListSize } from '../access/cost-weights.ts'
import { fieldPrices } from '../access/field-prices.ts'

type Parent = GraphQLObjectType | GraphQLInterfaceType
type Field = GraphQLField<unknown, unknown>

/** Says what a field costs by itself, without what is selected of it; names of the schema stand in backticks. Null: nothing. */
type CostWords = (parent: Parent, field: Field) => string | null

/** Words for what compileCost computes. `listSize` is how long a list is taken to be that nothing is said of. */
export function costWords(options: {
  schema: GraphQLSchema
  costs: CostWeights
  listSize: number
}): CostWords {
  const { schema, costs, listSize } = options
  const prices = fieldPrices(schema, costs)
  const sizedBy = readSizedBy(schema, costs)

  return (parent, field) => {
    const added = field.args.flatMap((one) => argumentCost(parent, field, one))
    const value = valueCost(parent, field)
    if (added.length === 0) return value
    return [value ?? 'costs nothing itself', ...added].join('; ')
  }

  function valueCost(parent: Parent, field: Field): string | null {
    const weight = prices.weight(parent, field.name)
    const size = prices.listSize(parent, field.name)
    const cost = weight === 0 ? 'costs nothing itself' : `costs ${weight}`
    if (weight === 0 && isLeafType(getNamedType(field.type))) return null
    if (!isListType(getNullableType(field.type))) {
      const lists = size?.sized ?? []
      return size && lists.length > 0 ? `${cost}; its ${names(lists, 'and')}: ${length(field, size)}` : cost
    }
    const sizing = sizedBy.get(`${parent.name}.${field.name}`)
    const items =
      size && size.sized.length === 0
        ? length(field, size)
        : sizing
          ? `as many as ${names(sizing)} was asked for`
          : `taken to be ${listSize}`
    return `a list: ${cost} for each item, ${items}`
  }

  function argumentCost(parent: Parent, field: Field, argument: Field['args'][number]): string[] {
    const named = getNamedType(argument.type)
    const own = costs.weights.get(`${parent.name}.${field.name}(${argument.name}:)`)
    const weight = own ?? costs.weights.get(named.name) ?? (isInputObjectType(named) ? 1 : 0)
    return weight > 0 ? [`\`${argument.name}\` adds ${weight} where it is given`] : []
  }

  function length(field: Field, { slicing, assumed = listSize, requiresOne }: ListSize): string {
    const given = slicing.filter(([name]) => field.args.some((argument) => argument.name === name))
    if (given.length === 0) return `taken to be ${assumed}`
    const paths = given.map((path) => path.join('.'))
    const defaults = given.flatMap(([name, ...path]) => {
      const value = field.args.find((argument) => argument.name === name)?.defaultValue
      return path.length === 0 && typeof value === 'number' ? [value] : []
    })
    const says = paths.length > 1 && !requiresOne ? `the larger of ${names(paths, 'and')}` : names(paths)
    const otherwise =
      defaults.length > 0
        ? `${Math.max(...defaults)} by default`
        : requiresOne
          ? 'which has to be given'
          : `taken to be ${assumed} without`
    return `as many as ${says} says, ${otherwise}`
  }
}

/** The fields that say how long a list below them is, by its coordinate. */
function readSizedBy(schema: GraphQLSchema, { listSizes }: CostWeights): Map<string, string[]> {
  const sizedBy = new Map<string, string[]>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const by = `${type.name}.${field.name}`
      for (const name of listSizes.get(by)?.sized ?? []) {
        const list = `${getNamedType(field.type).name}.${name}`
        sizedBy.set(list, [...(sizedBy.get(list) ?? []), by])
      }
    }
  }
  return sizedBy
}

const names = (all: readonly string[], word = 'or') => all.map((name) => `\`${name}\``).join(` ${word} `)
