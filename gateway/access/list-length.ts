import type { FieldNode, GraphQLField } from 'graphql'
import { badUserInput } from '../../platform/errors.ts'
import { isObject } from '../execution/completion/selection.ts'
import type { Amount, Given } from './amount.ts'
import type { ReadArgument, ReadValue } from './argument-cost.ts'
import type { ListSize } from './cost-weights.ts'

/**
 * How long a list is at most, as its slicing arguments say; `assumed` where nothing does. In an operation that gives other
 * than the one slicing argument that there has to be, reading it throws BAD_USER_INPUT.
 */
export function lengthOf(
  coordinate: string,
  {
    field,
    node,
    size,
    assumed,
  }: {
    field: GraphQLField<unknown, unknown>
    node: FieldNode
    size: ListSize
    assumed: number
  },
  readArgument: ReadArgument,
): Amount {
  const otherwise = size.assumed ?? assumed
  const slicing = size.slicing.flatMap(([name, ...path]) => {
    const argument = field.args.find((one) => one.name === name)
    if (!argument) return []
    const { isConstant, value } = readArgument(node, argument)
    return [{ isConstant, value: within(value, path) }]
  })
  if (slicing.length === 0) return otherwise

  const length = (given: Given): number => {
    const numbers = slicing.map(({ value }) => value(given)).filter((value) => typeof value === 'number')
    if (size.requiresOne && numbers.length !== 1) {
      const names = size.slicing.map((path) => path.join('.')).join(', ')
      throw badUserInput(
        `${coordinate} needs ${slicing.length > 1 ? 'exactly one of ' : ''}a number in ${names}.`,
      )
    }
    return numbers.length > 0 ? Math.max(0, ...numbers) : otherwise
  }
  const isConstant = slicing.every((one) => one.isConstant)
  const isInOrder =
    !size.requiresOne || slicing.filter(({ value }) => typeof value({}) === 'number').length === 1
  return isConstant && isInOrder ? length({}) : length
}

function within(read: ReadValue, path: readonly string[]): ReadValue {
  if (path.length === 0) return read
  return (given) =>
    path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), read(given))
}
