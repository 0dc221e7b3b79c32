import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type StringValueNode,
  type ValueNode,
} from 'graphql'
import { argument, importedName } from '../supergraph/directive-links.ts'

/** How long a list is, as @listSize says. */
export type ListSize = {
  assumed: number | undefined
  /** Arguments that say how long it is at most, each as the path to it: `input.first` is an input field. */
  slicing: readonly (readonly [string, ...string[]])[]
  /** Fields of what is returned that are the lists; empty: the field itself is it. */
  sized: readonly string[]
  requiresOne: boolean
}

/** What a supergraph says of costs, by coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
export type CostWeights = {
  weights: ReadonlyMap<string, number>
  listSizes: ReadonlyMap<string, ListSize>
}

const spec = /^https:\/\/specs\.apollo\.dev\/cost\/v0\.\d+$/

/** Reads @cost and @listSize, under whatever names, from a composed supergraph. */
export function readCostWeights(composed: DocumentNode): CostWeights {
  const isSpec = (url: string) => spec.test(url)
  const names = {
    cost: importedName(composed, isSpec, { spec: 'cost', directive: 'cost' }),
    listSize: importedName(composed, isSpec, { spec: 'cost', directive: 'listSize' }),
  }
  const weights = new Map<string, number>()
  const listSizes = new Map<string, ListSize>()

  function read(coordinate: string, { directives = [] }: Directed): void {
    for (const directive of directives) {
      const { value } = directive.name
      if (value === names.cost) weights.set(coordinate, weightIn(directive))
      if (value === names.listSize) listSizes.set(coordinate, listSizeIn(directive))
    }
  }

  for (const definition of composed.definitions) {
    if (definition.kind === Kind.DIRECTIVE_DEFINITION || !('name' in definition) || !definition.name) continue
    const type = definition.name.value
    if ('directives' in definition) read(type, definition as Directed) // those of a type are constants
    if (!('fields' in definition)) continue
    for (const field of definition.fields ?? []) {
      const coordinate = `${type}.${field.name.value}`
      read(coordinate, field)
      if (!('arguments' in field)) continue
      for (const one of field.arguments ?? []) read(`${coordinate}(${one.name.value}:)`, one)
    }
  }
  return { weights, listSizes }
}

type Directed = { directives?: readonly ConstDirectiveNode[] | undefined }

/** A whole number as Apollo has it, or text as IBM has it; nothing has a negative price here. */
function weightIn(directive: ConstDirectiveNode): number {
  const value = argument(directive, 'weight')
  const weight = value && 'value' in value ? Number(value.value) : Number.NaN
  return Number.isFinite(weight) ? Math.max(0, weight) : 1
}

function listSizeIn(directive: ConstDirectiveNode): ListSize {
  const assumed = argument(directive, 'assumedSize')
  const requiresOne = argument(directive, 'requireOneSlicingArgument')
  return {
    assumed: assumed?.kind === Kind.INT ? Number(assumed.value) : undefined,
    // There is something before the first dot, be it nothing.
    slicing: texts(argument(directive, 'slicingArguments')).map(
      (path) => path.split('.') as [string, ...string[]],
    ),
    sized: texts(argument(directive, 'sizedFields')),
    requiresOne: requiresOne?.kind !== Kind.BOOLEAN || requiresOne.value,
  }
}

function texts(value: ValueNode | undefined): string[] {
  const values = value?.kind === Kind.LIST ? value.values : value ? [value] : []
  return values.filter((one): one is StringValueNode => one.kind === Kind.STRING).map(({ value }) => value)
}
