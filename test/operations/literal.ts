import {
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type NameNode,
  type ObjectFieldNode,
  type ValueNode,
} from 'graphql'

/** A JSON value of a type as a literal. */
export function literalOf(value: unknown, type: GraphQLInputType): ValueNode {
  if (isNonNullType(type)) return literalOf(value, type.ofType)
  if (value === null) return { kind: Kind.NULL }
  if (isListType(type)) {
    return Array.isArray(value)
      ? { kind: Kind.LIST, values: value.map((item) => literalOf(item, type.ofType)) }
      : literalOf(value, type.ofType)
  }
  if (isEnumType(type)) return { kind: Kind.ENUM, value: String(value) }
  if (!isInputObjectType(type)) return untyped(value)
  const fields = type.getFields()
  return objectOf(value as object, (name, of) => {
    const field = fields[name]
    return field ? literalOf(of, field.type) : untyped(of)
  })
}

export const nameOf = (value: string): NameNode => ({ kind: Kind.NAME, value })

function untyped(value: unknown): ValueNode {
  if (value === null) return { kind: Kind.NULL }
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value }
  if (typeof value === 'string') return { kind: Kind.STRING, value }
  if (typeof value === 'number') {
    return { kind: /^-?\d+$/.test(String(value)) ? Kind.INT : Kind.FLOAT, value: String(value) }
  }
  if (Array.isArray(value)) return { kind: Kind.LIST, values: value.map(untyped) }
  return objectOf(value as object, (_, of) => untyped(of))
}

function objectOf(value: object, literal: (name: string, of: unknown) => ValueNode): ValueNode {
  const fields = Object.entries(value).map(
    ([name, of]): ObjectFieldNode => ({
      kind: Kind.OBJECT_FIELD,
      name: nameOf(name),
      value: literal(name, of),
    }),
  )
  return { kind: Kind.OBJECT, fields }
}
