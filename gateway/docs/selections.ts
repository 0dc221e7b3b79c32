import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLUnionType,
  getNamedType,
  isCompositeType,
  isLeafType,
  isRequiredArgument,
  isUnionType,
} from 'graphql'

type Field = GraphQLField<unknown, unknown>

/** How many values are selected of an object within another one, and how many items of a list in it. */
const FEW = 3

type Selected = {
  /** How many levels of objects are selected below it. */
  levels: number
  /** How many values of it are. */
  most: number
  /** The types that it is in. */
  above: ReadonlySet<string>
}

type Schema = {
  schema: GraphQLSchema
  /** The argument of each field that says how long its list is. */
  slicing: ReadonlyMap<Field, string>
  /** Whether what a field gives, by its coordinate, depends on who asks. */
  isPersonal: (coordinate: string) => boolean
}

/**
 * Selects of a type what can be had without arguments and is not deprecated: values, and `levels` of objects below it, with a few
 * values of each; what is brief has a few everywhere. What a connection is made of is no level. In objects below, connections are left
 * out, and objects that depend on who asks, since many would get none.
 */
export function selectionOf(
  { schema, slicing, isPersonal }: Schema,
  { type, levels, isBrief }: { type: GraphQLCompositeType; levels: number; isBrief: boolean },
): string {
  const above = new Set<string>()
  if (!isBrief) return select(type, { levels, most: Number.POSITIVE_INFINITY, above })
  const selected = { levels, most: FEW, above }
  const [items] = isConnection(type) ? itemsOf(type, selected) : []
  return items ?? select(type, selected)

  function select(type: GraphQLCompositeType, selected: Selected): string {
    if (isUnionType(type)) return selectUnion(type, selected)
    const { levels, most, above } = selected
    const fields = Object.values(type.getFields()).filter(isPlain)
    const isWrapper = isConnection(type) || isEdge(type)
    const within = new Set([...above, type.name])
    const values = new Set(fields.filter(({ type }) => isLeafType(getNamedType(type))).slice(0, most))
    const chosen = fields.flatMap((field) => {
      if (values.has(field)) return [field.name]
      if (isWrapper) return enter(field, { levels, most, above: within })
      if (levels === 0 || (above.size > 0 && isPersonal(`${type.name}.${field.name}`))) return []
      const below = { levels: levels - 1, most: FEW, above: within }
      if (isConnection(getNamedType(field.type))) return above.size === 0 ? enterPage(field, below) : []
      return enter(field, below)
    })
    if (chosen.length > 0) return chosen.join(' ')
    const [first] = fields.flatMap((field) => enter(field, { levels, most: FEW, above: within }))
    return first ?? '__typename'
  }

  function enter(field: Field, selected: Selected): string[] {
    const named = getNamedType(field.type)
    if (!isCompositeType(named) || selected.above.has(named.name)) return []
    return [`${field.name} { ${select(named, selected)} }`]
  }

  /** Items of a connection, and nothing else of it. */
  function enterPage(field: Field, selected: Selected): string[] {
    const size = slicing.get(field)
    if (!size) return []
    return itemsOf(getNamedType(field.type), selected).map((items) => `${field.name}(${size}: ${FEW}) { ${items} }`) // biome-ignore format: one thought
  }

  function itemsOf(connection: GraphQLNamedType, selected: Selected): string[] {
    const edges = fieldOf(connection, 'edges')
    const node = edges && fieldOf(getNamedType(edges.type), 'node')
    return node ? enter(node, selected).map((items) => `edges { ${items} }`) : []
  }

  /** Of the first type that it may be: two might have fields of one name and different types. */
  function selectUnion(type: GraphQLUnionType, selected: Selected): string {
    const [first] = schema.getPossibleTypes(type)
    if (!first || selected.above.has(first.name)) return '__typename'
    return `__typename ... on ${first.name} { ${select(first, selected)} }`
  }
}

/** It can be asked for as it stands. */
const isPlain = ({ args, deprecationReason }: Field) =>
  deprecationReason == null && !args.some(isRequiredArgument)

const isConnection = (type: GraphQLNamedType) => !!fieldOf(type, 'edges') && !!fieldOf(type, 'pageInfo')
const isEdge = (type: GraphQLNamedType) => !!fieldOf(type, 'node') && !!fieldOf(type, 'cursor')

function fieldOf(type: GraphQLNamedType, name: string): Field | undefined {
  return isCompositeType(type) && !isUnionType(type) ? type.getFields()[name] : undefined
}
