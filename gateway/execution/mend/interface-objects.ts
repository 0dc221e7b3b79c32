import { type ConstDirectiveNode, type DocumentNode, type GraphQLSchema, type InlineFragmentNode, isAbstractType, isInterfaceType, Kind, type SelectionNode, type SelectionSetNode, TypeInfo, visit, visitWithTypeInfo } from 'graphql' // biome-ignore format: one list
import {
  applied,
  argumentOf,
  hasFields,
  nameOf,
  readFieldSet,
  type TypeWithFields,
} from './join-directives.ts'

/** The types that some subgraph has as @interfaceObject, each with the values of join__Graph of those that do. */
export type InterfaceObjects = ReadonlyMap<string, ReadonlySet<unknown>>

export function readInterfaceObjects(supergraph: DocumentNode): InterfaceObjects {
  return new Map(
    supergraph.definitions.filter(hasFields).flatMap((type) => {
      const joins = applied('join__type', type).filter(
        (join) => argumentOf(join, 'isInterfaceObject') === true,
      )
      return joins.length > 0
        ? [[type.name.value, new Set(joins.map((join) => argumentOf(join, 'graph')))]]
        : []
    }),
  )
}

/**
 * A supergraph for planning without each @provides whose way leads through an @interfaceObject. The planner looks
 * there for __typename, which such an object does not have, and fails. Without it, what was provided is fetched.
 */
export function withoutProvidedInterfaceObjects(
  supergraph: DocumentNode,
  interfaceObjects: InterfaceObjects,
): DocumentNode {
  if (interfaceObjects.size === 0) return supergraph
  const types = new Map(supergraph.definitions.filter(hasFields).map((type) => [type.name.value, type]))
  const definitions = supergraph.definitions.map((type) =>
    hasFields(type)
      ? {
          ...type,
          fields: type.fields?.map((field) => ({
            ...field,
            directives: field.directives?.map((join) => withoutProvides(join, nameOf(field.type))),
          })),
        }
      : type,
  )
  return { ...supergraph, definitions }

  function withoutProvides(join: ConstDirectiveNode, type: string): ConstDirectiveNode {
    const provides = argumentOf(join, 'provides')
    if (
      typeof provides !== 'string' ||
      !leadsThrough(readFieldSet(provides), type, argumentOf(join, 'graph'))
    )
      return join
    return { ...join, arguments: join.arguments?.filter(({ name }) => name.value !== 'provides') }
  }

  function leadsThrough({ selections }: SelectionSetNode, type: string, graph: unknown): boolean {
    if (interfaceObjects.get(type)?.has(graph)) return true
    return selections.some((node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet) return false
      const inner =
        node.kind === Kind.FIELD
          ? typeOfField(types.get(type), node.name.value)
          : node.typeCondition?.name.value
      return leadsThrough(node.selectionSet, inner ?? type, graph)
    })
  }
}

function typeOfField(type: TypeWithFields | undefined, name: string): string | undefined {
  const field = type?.fields?.find((field) => field.name.value === name)
  return field && nameOf(field.type)
}

/** How many fragments an operation may come to. */
const LIMIT = 2_000

/**
 * An operation in which fragments within an interface that is an @interfaceObject somewhere are on objects, with no
 * further ones on types in them. For other ones the planner would cast the interface object itself, which has no
 * __typename, and fails.
 */
export function withConcreteConditions(
  document: DocumentNode,
  schema: GraphQLSchema,
  interfaceObjects: InterfaceObjects,
): DocumentNode {
  if (interfaceObjects.size === 0) return document
  const info = new TypeInfo(schema)
  const written = new Set<InlineFragmentNode>()

  function onObject(name: string, { selectionSet }: InlineFragmentNode): InlineFragmentNode {
    const typeCondition = { kind: Kind.NAMED_TYPE as const, name: { kind: Kind.NAME as const, value: name } }
    const fragment = {
      kind: Kind.INLINE_FRAGMENT as const,
      typeCondition,
      selectionSet: forObject(selectionSet, name, schema),
    }
    written.add(fragment)
    if (written.size > LIMIT) throw new Error('an operation has too many fragments on objects')
    return fragment
  }

  const visitor = {
    InlineFragment(node: InlineFragmentNode): InlineFragmentNode | undefined {
      const enclosing = info.getParentType()
      const name = node.typeCondition?.name.value
      if (written.has(node) || !isInterfaceType(enclosing) || !interfaceObjects.has(enclosing.name))
        return undefined
      if (name === undefined || name === enclosing.name) return undefined
      const objects = schema
        .getPossibleTypes(enclosing)
        .filter((object) => isPossible(schema, name, object.name))
      const fragments = objects.map((object) => onObject(object.name, node))
      const needed = fragments.filter(({ selectionSet }) => selectionSet.selections.length > 0)
      const selections = needed.length > 0 ? needed : [typename]
      return { ...node, typeCondition: undefined, selectionSet: { kind: Kind.SELECTION_SET, selections } }
    },
  }
  return visit(document, visitWithTypeInfo(info, visitor))
}

/** What stands where nothing is left. */
const typename: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

/** Those of selections that apply to objects of a type, without asking for it again. */
function forObject(set: SelectionSetNode, object: string, schema: GraphQLSchema): SelectionSetNode {
  const selections = set.selections.flatMap((node): SelectionNode[] => {
    if (node.kind !== Kind.INLINE_FRAGMENT) return [node]
    if (node.typeCondition && !isPossible(schema, node.typeCondition.name.value, object)) return []
    const selectionSet = forObject(node.selectionSet, object, schema)
    return selectionSet.selections.length > 0 ? [{ ...node, typeCondition: undefined, selectionSet }] : []
  })
  return { ...set, selections }
}

/** Whether an object is of a type. */
function isPossible(schema: GraphQLSchema, name: string, object: string): boolean {
  const type = schema.getType(name)
  return (
    name === object ||
    (isAbstractType(type) && schema.getPossibleTypes(type).some((one) => one.name === object))
  )
}
