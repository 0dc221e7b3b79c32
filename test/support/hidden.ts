import {
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql'

/** Something that is not shown: how it is asked for within an operation, and what is said to that. */
export type Probe = {
  name: string
  /** Within a selection. */
  selection?: string
  /** The type and the default value of a variable. */
  variable?: string
  message: string
}

/** What one schema has and another one, of a part of it, has not: types, fields, arguments, values and fields of inputs. */
export function hiddenFrom(part: GraphQLSchema, whole: GraphQLSchema): Probe[] {
  return typesOf(whole).flatMap((type) => {
    const shown = part.getType(type.name)
    return shown ? membersHidden(type, shown) : [hiddenType(type)]
  })
}

/** The names that occur in one schema, and nowhere in another one. */
export function namesHidden(part: GraphQLSchema, whole: GraphQLSchema): Set<string> {
  const shown = new Set(typesOf(part).flatMap(namesIn))
  return new Set(
    typesOf(whole)
      .flatMap(namesIn)
      .filter((name) => !shown.has(name)),
  )
}

function hiddenType(type: GraphQLNamedType): Probe {
  const { name } = type
  const message = `Unknown type "${name}".`
  return isCompositeType(type)
    ? { name, selection: `... on ${name} { __typename }`, message }
    : { name, variable: name, message }
}

function membersHidden(type: GraphQLNamedType, shown: GraphQLNamedType): Probe[] {
  if (isEnumType(type) && isEnumType(shown)) {
    return without(type.getValues(), shown.getValues()).map(({ name }) => ({
      name,
      variable: `${type.name} = ${name}`,
      message: `Value "${name}" does not exist in "${type.name}" enum.`,
    }))
  }
  if (isInputObjectType(type) && isInputObjectType(shown)) {
    return without(Object.values(type.getFields()), Object.values(shown.getFields())).map(({ name }) => ({
      name,
      variable: `${type.name} = { ${name}: null }`,
      message: `Field "${name}" is not defined by type "${type.name}".`,
    }))
  }
  if (!hasFields(type) || !hasFields(shown)) return []
  const fields = Object.values(shown.getFields())
  const args = fields.flatMap(({ name, args }) =>
    without<GraphQLArgument>(type.getFields()[name]?.args ?? [], args).map((arg) => ({
      name: arg.name,
      selection: `... on ${type.name} { ${name}(${arg.name}: null) }`,
      message: `Unknown argument "${arg.name}" on field "${type.name}.${name}".`,
    })),
  )
  const hidden = without(Object.values(type.getFields()), fields).map(({ name }) => ({
    name,
    selection: `... on ${type.name} { ${name} }`,
    message: `Cannot query field "${name}" on type "${type.name}".`,
  }))
  return [...hidden, ...args]
}

const hasFields = (type: GraphQLNamedType) => isObjectType(type) || isInterfaceType(type)

const without = <T extends { name: string }>(all: readonly T[], some: readonly T[]): T[] =>
  all.filter(({ name }) => !some.some((other) => other.name === name))

const typesOf = (schema: GraphQLSchema) =>
  Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type))

function namesIn(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return [type.name, ...type.getValues().map(({ name }) => name)]
  if (isInputObjectType(type)) return [type.name, ...Object.keys(type.getFields())]
  if (!hasFields(type)) return [type.name]
  const fields = Object.values(type.getFields())
  return [type.name, ...fields.flatMap(({ name, args }) => [name, ...args.map((arg) => arg.name)])]
}
