import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql'

/** The types that the roots of a schema lead to, without the fields, arguments and input fields at some coordinates. */
export function reachableTypes(schema: GraphQLSchema, without: ReadonlySet<string>): Set<string> {
  const reached = new Set<string>()
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const next: GraphQLNamedType[] = roots.filter((type) => type != null)
  for (let type = next.pop(); type; type = next.pop()) {
    if (reached.has(type.name)) continue
    reached.add(type.name)
    next.push(...ledToBy(type))
  }
  return reached

  function ledToBy(type: GraphQLNamedType): readonly GraphQLNamedType[] {
    if (isInputObjectType(type)) {
      return Object.values(type.getFields())
        .filter(({ name }) => !without.has(`${type.name}.${name}`))
        .map((field) => getNamedType(field.type))
    }
    const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : []
    if (!isObjectType(type) && !isInterfaceType(type)) return possible
    const fields = Object.values(type.getFields()).filter(({ name }) => !without.has(`${type.name}.${name}`))
    const used = fields.flatMap((field) => [
      getNamedType(field.type),
      ...field.args
        .filter(({ name }) => !without.has(`${type.name}.${field.name}(${name}:)`))
        .map((argument) => getNamedType(argument.type)),
    ])
    return [...possible, ...type.getInterfaces(), ...used]
  }
}
