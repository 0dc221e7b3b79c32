import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  OperationTypeNode,
} from 'graphql'

/** A field, and the type that what it is asked of has to be narrowed to before; null: it need not. */
type Step = { field: GraphQLField<unknown, unknown>; on: string | null }

/** How something is reached: fields within each other from a root on, and the type that the last one is narrowed to. */
export type Way = { operation: OperationTypeNode; steps: readonly Step[]; on: string | null }

/** A way to a field, and its argument that takes something. */
type InputWay = { way: Way; argument: GraphQLArgument }

const operations = [OperationTypeNode.QUERY, OperationTypeNode.SUBSCRIPTION, OperationTypeNode.MUTATION]

/**
 * Finds a shortest way to a value of each type, and to an argument that takes each input type: by a query before all else, and
 * never by what is deprecated. `isPersonal` tells by a field's coordinate whether what it gives depends on who asks.
 */
export function findWays(schema: GraphQLSchema, isPersonal: (coordinate: string) => boolean) {
  const toValue = new Map<string, Way>()
  const toInput = new Map<string, InputWay>()

  for (const operation of operations) {
    const root = schema.getRootType(operation)
    const next: { type: GraphQLNamedType; way: Way }[] = root
      ? [{ type: root, way: { operation, steps: [], on: null } }]
      : []
    for (const { type, way } of next) {
      if (isAbstractType(type)) {
        for (const possible of schema.getPossibleTypes(type)) reach(possible, { ...way, on: possible.name })
      }
      if (!isObjectType(type) && !isInterfaceType(type)) continue
      const demand = ({ name, args }: GraphQLField<unknown, unknown>) =>
        args.filter(isRequiredArgument).length + (isPersonal(`${type.name}.${name}`) ? 2 : 0)
      // Of fields that lead to the same, the one that asks for less is the better example.
      for (const field of Object.values(type.getFields()).sort((a, b) => demand(a) - demand(b))) {
        if (field.deprecationReason != null) continue
        const along: Way = { operation, steps: [...way.steps, { field, on: way.on }], on: null }
        for (const argument of field.args) reachInput(argument.type, { way: along, argument })
        reach(getNamedType(field.type), along)
      }
    }

    function reach(type: GraphQLNamedType, way: Way): void {
      if (toValue.has(type.name)) return
      toValue.set(type.name, way)
      next.push({ type, way })
    }
  }

  function reachInput(type: GraphQLInputType, way: InputWay): void {
    const named = getNamedType(type)
    if (way.argument.deprecationReason != null || toInput.has(named.name)) return
    toInput.set(named.name, way)
    if (!isInputObjectType(named)) return
    const fields = Object.values(named.getFields()).filter(
      ({ deprecationReason }) => deprecationReason == null,
    )
    for (const field of fields) reachInput(field.type, way)
  }

  return {
    toValue: ({ name }: GraphQLNamedType) => toValue.get(name),
    toInput: ({ name }: GraphQLNamedType) => toInput.get(name),
  }
}
