import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLEnumType,
  type GraphQLNullableType,
  type GraphQLOutputType,
  type GraphQLScalarType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  type SelectionSetNode,
} from 'graphql'
import { collectFields, dependOnType } from './collect-fields.ts'
import type { CompletionSource } from './completion-source.ts'

/** What the client selects in one place, whose objects may be of several types. */
export type Selection = {
  readonly type: GraphQLCompositeType
  /** What becomes of a value in this place; undefined when it is no object, or of no type that may be here. */
  shapeOf(value: unknown): Shape | undefined
  /** Of each type that may be here. */
  shapes(): Shape[]
}

/** What becomes of an object of one type: the fields of the result, in their order. */
export type Shape = { readonly fields: readonly ShapeField[] }

export type ShapeField = {
  readonly responseKey: string
  /** The key as it stands in JSON, with its colon. */
  readonly label: string
} & (
  | { readonly kind: 'typename'; readonly typename: string }
  | { readonly kind: 'data'; readonly dataKey: string; readonly place: Place }
)

/** Where a value belongs: a field, or an item of a list. */
export type Place = {
  /** `Type.field`, for messages. */
  readonly coordinate: string
  readonly nullable: boolean
  readonly content: Content
}

export type Content =
  /** A scalar of GraphQL's own. */
  | { readonly kind: 'scalar'; readonly type: GraphQLScalarType }
  | { readonly kind: 'enum'; readonly type: GraphQLEnumType }
  /** Any JSON as it is: custom scalars, and introspection. */
  | { readonly kind: 'json' }
  | { readonly kind: 'list'; readonly item: Place }
  | { readonly kind: 'object'; readonly selection: Selection }

export function createSelection(
  source: CompletionSource,
  type: GraphQLCompositeType,
  nodes: readonly SelectionSetNode[],
): Selection {
  const { schema } = source
  // By the type that data name. Each is made when it is first wanted: an interface may have hundreds of types.
  const shapes = new Map<unknown, Shape>()
  const shapeNamed = (name: unknown, type: GraphQLCompositeType): Shape => {
    const shape = shapes.get(name) ?? createShape(source, type, nodes)
    shapes.set(name, shape)
    return shape
  }
  const shapeOn = (type: GraphQLCompositeType) => shapeNamed(type.name, type)

  // Data need not name the only type that can be here, and may name an interface that a subgraph takes it for.
  if (isObjectType(type)) {
    return {
      type,
      shapeOf(value) {
        if (!isObject(value)) return undefined
        const { __typename: name = type.name } = value
        return name === type.name || source.isKnownAs(type.name, name) ? shapeOn(type) : undefined
      },
      shapes: () => [shapeOn(type)],
    }
  }

  let dependsOnType: boolean | undefined
  const newShape = (name: unknown): Shape | undefined => {
    const named = typeof name === 'string' ? schema.getType(name) : undefined
    if (isObjectType(named)) return schema.isSubType(type, named) ? shapeOn(named) : undefined
    // A subgraph that knows only the interface, as an object, names no type or that of the interface; the planner asks
    // for the object's own where the client's selections depend on it.
    if (!isInterfaceType(type) || (name !== undefined && !isInterfaceType(named))) return undefined
    dependsOnType ??= dependOnType(source, type, nodes)
    return dependsOnType ? undefined : shapeNamed(name, type)
  }
  return {
    type,
    shapeOf(value) {
      if (!isObject(value)) return undefined
      const name = value.__typename
      return shapes.get(name) ?? newShape(name)
    },
    shapes: () => schema.getPossibleTypes(type).map(shapeOn),
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function createShape(
  source: CompletionSource,
  type: GraphQLCompositeType,
  nodes: readonly SelectionSetNode[],
): Shape {
  const collected = [...collectFields(source, type, nodes)]
  return {
    fields: collected.flatMap(([responseKey, fields]) => shapeField(source, type, responseKey, fields) ?? []),
  }
}

/** undefined for a field that the type does not have. */
function shapeField(
  source: CompletionSource,
  parent: GraphQLCompositeType,
  responseKey: string,
  nodes: readonly [FieldNode, ...FieldNode[]],
): ShapeField | undefined {
  const [node] = nodes
  const keys = { responseKey, label: `${JSON.stringify(responseKey)}:` }
  if (node.name.value === '__typename') return { ...keys, kind: 'typename', typename: parent.name }
  const place = placeOfField(source, parent, node.name.value, nodes)
  return place && { ...keys, kind: 'data', dataKey: source.keyOf(node), place }
}

function placeOfField(
  source: CompletionSource,
  parent: GraphQLCompositeType,
  name: string,
  nodes: readonly FieldNode[],
): Place | undefined {
  const coordinate = `${parent.name}.${name}`
  if (parent === source.schema.getQueryType() && (name === '__schema' || name === '__type')) {
    return { coordinate, nullable: true, content: { kind: 'json' } }
  }
  const type = isUnionType(parent) ? undefined : parent.getFields()[name]?.type
  return type && placeOf(source, coordinate, type, nodes)
}

function placeOf(
  source: CompletionSource,
  coordinate: string,
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
): Place {
  const nonNull = isNonNullType(type)
  return { coordinate, nullable: !nonNull, content: contentOf(nonNull ? type.ofType : type) }

  function contentOf(type: GraphQLOutputType & GraphQLNullableType): Content {
    if (isListType(type)) return { kind: 'list', item: placeOf(source, coordinate, type.ofType, nodes) }
    if (isScalarType(type)) return isSpecifiedScalarType(type) ? { kind: 'scalar', type } : { kind: 'json' }
    if (isEnumType(type)) return { kind: 'enum', type }
    const selections = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
    return { kind: 'object', selection: createSelection(source, type, selections) }
  }
}
