import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isIntrospectionType,
  isListType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql'
import type { Amount } from './amount.ts'
import { argumentPricing, valueReader } from './argument-cost.ts'
import type { CostWeights, ListSize } from './cost-weights.ts'
import { fieldPrices } from './field-prices.ts'
import { lengthOf } from './list-length.ts'

/** What __schema and __type cost, beside what is told. */
const INTROSPECTION = 10

/** What each thing costs that they tell: little, since nobody is asked. A power of two, so that sums are exact. */
const TOLD = 1 / 64

/** A field of the result, with all that is selected of it anywhere. */
export type PricedField = {
  responseKey: string
  /** It is there if the conditions of one of these all hold; empty: it always is. */
  when: readonly (readonly Condition[])[]
  /** What each object or value costs. */
  weight: number
  /** What it costs once. */
  once: readonly Amount[]
  /** How long lists are, from the outermost; empty: it is none. */
  lengths: readonly Amount[]
  selected: PricedSelection | undefined
}

/** A variable that has to have a value. */
export type Condition = { variable: string; value: boolean }

/** Fields by the type that they are selected on. An object has those of one of `kinds`. */
export type PricedSelection = {
  fieldsOn: ReadonlyMap<string, PricedField[]>
  kinds: readonly (readonly string[])[]
}

type Context = {
  schema: GraphQLSchema
  costs: CostWeights
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  operation: OperationDefinitionNode
  /** How long a list is taken to be that nothing is said of. */
  listSize: number
}

type Group = { parent: GraphQLCompositeType; nodes: { node: FieldNode; when: readonly Condition[] }[] }

type Selected = { selectionSet: SelectionSetNode; when: readonly Condition[] }

/**
 * Prices the fields of an operation that is valid: those with the same name in a result once, however many fragments select them.
 * It takes as long as the operation is, fragments written out.
 */
export function costTree(context: Context): PricedSelection | undefined {
  const { schema, costs, fragments, operation, listSize } = context
  const prices = fieldPrices(schema, costs)
  const readArgument = valueReader(operation)
  const argumentsOf = argumentPricing(costs, readArgument)
  const root = schema.getRootType(operation.operation)
  return root ? selection(root, [{ selectionSet: operation.selectionSet, when: [] }]) : undefined

  function selection(
    type: GraphQLCompositeType,
    selected: readonly Selected[],
    lengths?: ReadonlyMap<string, Amount>,
  ): PricedSelection {
    const groups = new Map<string, Group>()
    for (const { selectionSet, when } of selected) collect(selectionSet, type, when, groups)
    const fieldsOn = new Map<string, PricedField[]>()
    for (const { parent, nodes } of groups.values()) {
      const priced = field(parent, nodes, lengths)
      if (!priced) continue
      const known = fieldsOn.get(parent.name)
      if (known) known.push(priced)
      else fieldsOn.set(parent.name, [priced])
    }
    return { fieldsOn, kinds: kindsOf(type, [...fieldsOn.keys()]) }
  }

  /** Which of some types the objects of a type are of: each combination once. */
  function kindsOf(type: GraphQLCompositeType, names: string[]): string[][] {
    if (!isAbstractType(type) || names.length < 2) return [names]
    const kinds = schema.getPossibleTypes(type).map((object) =>
      names.filter((name) => {
        const on = schema.getType(name)
        return name === object.name || (isAbstractType(on) && schema.isSubType(on, object))
      }),
    )
    return [...new Map(kinds.map((kind) => [kind.join(), kind])).values()]
  }

  function collect(
    { selections }: SelectionSetNode,
    type: GraphQLCompositeType,
    outer: readonly Condition[],
    groups: Map<string, Group>,
  ): void {
    for (const node of selections) {
      const own = conditionsOf(node)
      if (!own) continue
      const when = own.length > 0 ? [...outer, ...own] : outer
      if (node.kind === Kind.FIELD) {
        const key = `${type.name} ${(node.alias ?? node.name).value}`
        const group = groups.get(key) ?? { parent: type, nodes: [] }
        group.nodes.push({ node, when })
        groups.set(key, group)
        continue
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node
      const inner = fragment && narrowed(type, fragment.typeCondition?.name.value)
      if (inner) collect(fragment.selectionSet, inner, when, groups)
    }
  }

  /** The narrower of a type and of one that a fragment is on; undefined where no object is of both. */
  function narrowed(type: GraphQLCompositeType, name: string | undefined): GraphQLCompositeType | undefined {
    const on = name === undefined ? type : schema.getType(name)
    if (!isCompositeType(on) || on === type) return on && type
    if (isObjectType(type)) return isAbstractType(on) && schema.isSubType(on, type) ? type : undefined
    return isAbstractType(on) && !isUnionType(type) && schema.isSubType(on, type) ? type : on
  }

  function field(
    parent: GraphQLCompositeType,
    nodes: Group['nodes'],
    inherited: ReadonlyMap<string, Amount> | undefined,
  ): PricedField | undefined {
    const [first] = nodes
    if (!first) return undefined
    const { node } = first
    const when = nodes.every((one) => one.when.length > 0) ? nodes.map((one) => one.when) : []
    const plain = {
      responseKey: (node.alias ?? node.name).value,
      when,
      once: [],
      lengths: [],
      selected: undefined,
    }
    const { value: name } = node.name
    if (name === '__typename') return undefined
    const definition = introspecting.get(name) ?? (isUnionType(parent) ? undefined : parent.getFields()[name])
    if (!definition) return undefined
    const coordinate = `${parent.name}.${name}`
    const named = getNamedType(definition.type)
    const size = prices.listSize(parent, name)
    const own = { definition, node, size }
    const sized = new Map(size?.sized.map((each) => [each, length(coordinate, own)]))
    const selected = nodes.flatMap(({ node: { selectionSet }, when }) =>
      selectionSet ? [{ selectionSet, when: nodes.length > 1 ? when : [] }] : [],
    )
    return {
      ...plain,
      weight: weight(parent, name, named),
      once: argumentsOf(coordinate, definition, node),
      lengths: lengthsOf(definition.type, inherited?.get(name) ?? length(coordinate, own)),
      selected: isCompositeType(named) ? selection(named, selected, sized) : undefined,
    }
  }

  function weight(parent: GraphQLCompositeType, name: string, type: GraphQLNamedType): number {
    if (introspecting.has(name)) return INTROSPECTION
    return isIntrospectionType(parent) && isCompositeType(type) ? TOLD : prices.weight(parent, name)
  }

  function length(
    coordinate: string,
    {
      definition,
      node,
      size,
    }: { definition: GraphQLField<unknown, unknown>; node: FieldNode; size: ListSize | undefined },
  ): Amount {
    return size
      ? lengthOf(coordinate, { field: definition, node, size, assumed: listSize }, readArgument)
      : listSize
  }

  /** Of lists within a list nothing is said. */
  function lengthsOf(type: GraphQLOutputType, outermost: Amount): Amount[] {
    const nullable = getNullableType(type)
    return isListType(nullable) ? [outermost, ...lengthsOf(nullable.ofType, listSize)] : []
  }
}

/** Fields that every root of queries has. */
const introspecting: ReadonlyMap<string, GraphQLField<unknown, unknown>> = new Map([
  ['__schema', SchemaMetaFieldDef],
  ['__type', TypeMetaFieldDef],
])

/** What @skip and @include go by; undefined for what is never there. */
function conditionsOf({ directives = [] }: SelectionNode): Condition[] | undefined {
  const conditions: Condition[] = []
  for (const { name, arguments: [argument] = [] } of directives) {
    if (name.value !== 'skip' && name.value !== 'include') continue
    const wanted = name.value === 'include'
    const value = argument?.value
    if (value?.kind === Kind.BOOLEAN && value.value !== wanted) return undefined
    if (value?.kind === Kind.VARIABLE) conditions.push({ variable: value.name.value, value: wanted })
  }
  return conditions
}
