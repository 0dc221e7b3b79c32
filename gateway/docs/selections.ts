import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLUnionType,
  getNamedType,
  getNullableType,
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
 * values of each. What a connection is made of is no level. In objects below, connections are left out, and objects that depend on
 * who asks, since many would get none. Below the last level entities are named, so that an example shows who.
 *
 * What is brief tells of one thing: it has a few values everywhere, what is a part of the thing, with its connections, and of other
 * entities only their names. A part is an object without an id of its own.
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
      if ((isBrief || above.size > 0) && isPersonal(`${type.name}.${field.name}`)) return []
      const named = getNamedType(field.type)
      if ((isBrief || levels === 0) && isEntity(named)) return name(field, within)
      if (levels === 0) return []
      const below = { levels: levels - 1, most: FEW, above: within }
      if (!isConnection(named)) return enter(field, below)
      const isOwn = isBrief ? !isEntity(type) : above.size === 0
      return isOwn ? enterPage(field, below) : []
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

  /** The first text of an entity, if it has any. */
  function name(field: Field, above: ReadonlySet<string>): string[] {
    const named = getNamedType(field.type)
    if (!isCompositeType(named) || isUnionType(named) || above.has(named.name)) return []
    const fields = Object.values(named.getFields()).filter(isPlain)
    const text = fields.find(({ type }) => String(getNullableType(type)) === 'String')
    return text ? [`${field.name} { ${text.name} }`] : []
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

/** It has an id, by which it is known elsewhere, too. */
const isEntity = (type: GraphQLNamedType) => !!fieldOf(type, 'id')
const isConnection = (type: GraphQLNamedType) => !!fieldOf(type, 'edges') && !!fieldOf(type, 'pageInfo')
const isEdge = (type: GraphQLNamedType) => !!fieldOf(type, 'node') && !!fieldOf(type, 'cursor')

function fieldOf(type: GraphQLNamedType, name: string): Field | undefined {
  return isCompositeType(type) && !isUnionType(type) ? type.getFields()[name] : undefined
}
