import {
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
} from 'graphql'
import type { CostWeights, ListSize } from './cost-weights.ts'

/** What the values of fields cost, and how long lists are; of an abstract type, whatever its objects may be. */
export function fieldPrices(schema: GraphQLSchema, { weights, listSizes }: CostWeights) {
  return {
    /** What each object or value of a field costs, without what is selected of it. */
    weight(parent: GraphQLCompositeType, name: string): number {
      const known = narrower(parent).flatMap((type) => weights.get(`${type.name}.${name}`) ?? [])
      if (known.length > 0) return Math.max(...known)
      const field = isUnionType(parent) ? undefined : parent.getFields()[name]
      return field ? typeWeight(getNamedType(field.type)) : 0
    },
    listSize(parent: GraphQLCompositeType, name: string): ListSize | undefined {
      const type = narrower(parent).find((type) => listSizes.has(`${type.name}.${name}`))
      return type && listSizes.get(`${type.name}.${name}`)
    },
  }

  function typeWeight(type: GraphQLNamedType): number {
    if (!isCompositeType(type)) return weights.get(type.name) ?? 0
    return Math.max(...narrower(type).map(({ name }) => weights.get(name) ?? 1))
  }

  function narrower(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    return isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [type]
  }
}
