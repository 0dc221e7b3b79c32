import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql'
import { isIncluded, isUnconditional } from './conditions.ts'
import { createDataKeys, type DataKeys } from './data-keys.ts'
import { withoutReserved } from './reserved-variable.ts'

/** An operation as the planner gets it: fields under their data keys, fragments written out, each @defer labelled. */
export type PlanningForm = {
  operation: OperationDefinitionNode
  keys: DataKeys
  /** How many fields it has. */
  size: number
  deferrals: Deferral[]
  /** The client's own fields at the root that introspect: the gateway answers them. */
  introspection: FieldNode[]
  /** The name of a variable of the plan with the client. */
  variableOf(name: string): string
}

/** A fragment with @defer, once for each place that it is spread in. */
export type Deferral = {
  /** What the plan calls it. */
  label: string
  /** What the client calls it. */
  clientLabel: string | undefined
  fragment: FragmentSpreadNode | InlineFragmentNode
  selections: SelectionSetNode
  /** The way from the root to the objects that it is on. */
  steps: readonly DeferralStep[]
  /** The type that it is on. */
  type: GraphQLCompositeType
}

export type DeferralStep = { kind: 'field'; field: FieldNode } | { kind: 'type'; type: GraphQLCompositeType }

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: TypeNameMetaFieldDef.name } }

export function planningForm(options: {
  schema: GraphQLSchema
  document: DocumentNode
  operation: OperationDefinitionNode
  /** Of the whole supergraph: a data key is none of them, but for the field's own. */
  fieldNames: ReadonlySet<string>
}): PlanningForm {
  const { schema, document, operation, fieldNames } = options
  const root = schema.getRootType(operation.operation)
  if (!root) throw new Error(`the schema has no ${operation.operation}`)
  const fragments = fragmentsOf(document)
  const keys = createDataKeys(fieldNames)
  const deferrals: Deferral[] = []
  const introspection: FieldNode[] = []
  let size = 0

  function selectionSet(
    node: SelectionSetNode,
    parent: GraphQLCompositeType,
    steps: readonly DeferralStep[],
  ): SelectionSetNode {
    const selections = node.selections.flatMap((selection) =>
      // What a literal condition leaves out the planner would ask for here and there.
      isIncluded(selection) ? (planned(selection, parent, steps) ?? []) : [],
    )
    // The planner forgets an object of which conditions may leave nothing.
    const mayBeEmpty = parent !== root && !selections.some(isUnconditional)
    return { ...node, selections: mayBeEmpty ? [...selections, typename] : selections }
  }

  /** Nothing for what is not planned. */
  function planned(
    node: SelectionNode,
    parent: GraphQLCompositeType,
    steps: readonly DeferralStep[],
  ): SelectionNode | null {
    if (node.kind === Kind.FIELD) return field(node, parent, steps)
    const { typeCondition, selectionSet: selections } = bodyOf(node, fragments)
    const type = typeCondition ? schema.getType(typeCondition.name.value) : parent
    if (!isCompositeType(type)) throw new Error('a fragment is on an object, an interface or a union')
    const narrowed = type === parent ? steps : [...steps, { kind: 'type' as const, type }]
    const directives = node.directives?.map((directive) =>
      directive.name.value === 'defer'
        ? labelled(directive, { fragment: node, selections, steps: narrowed, type })
        : directive,
    )
    const inner = selectionSet(selections, type, narrowed)
    return inner.selections.length === 0
      ? null
      : { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet: inner }
  }

  function field(
    node: FieldNode,
    parent: GraphQLCompositeType,
    steps: readonly DeferralStep[],
  ): FieldNode | null {
    const name = node.name.value
    size++
    if (name === TypeNameMetaFieldDef.name) {
      keys.add(node, TypeNameMetaFieldDef.type, false)
      return { ...node, alias: undefined }
    }
    const isRoot = parent === root
    const definition = fieldOf(parent, name)
    const key = keys.add(node, definition.type, isRoot && operation.operation === 'mutation')
    const aliased = { ...node, alias: key === name ? undefined : { kind: Kind.NAME as const, value: key } }
    if (isRoot && name.startsWith('__')) {
      introspection.push(aliased)
      return null
    }
    const type = getNamedType(definition.type)
    if (!node.selectionSet || !isCompositeType(type)) return aliased
    return {
      ...aliased,
      selectionSet: selectionSet(node.selectionSet, type, [...steps, { kind: 'field', field: node }]),
    }
  }

  function labelled(
    directive: DirectiveNode,
    place: Pick<Deferral, 'fragment' | 'selections' | 'steps' | 'type'>,
  ): DirectiveNode {
    const label = `d${deferrals.length}`
    const given = directive.arguments?.find(({ name }) => name.value === 'label')?.value
    deferrals.push({ ...place, label, clientLabel: given?.kind === Kind.STRING ? given.value : undefined })
    const others = (directive.arguments ?? []).filter(({ name }) => name.value !== 'label')
    const argument = {
      kind: Kind.ARGUMENT as const,
      name: { kind: Kind.NAME as const, value: 'label' },
      value: { kind: Kind.STRING as const, value: label },
    }
    return { ...directive, arguments: [...others, argument] }
  }

  const definition: OperationDefinitionNode = {
    ...operation,
    name: undefined, // it would make requests to subgraphs differ that are the same
    selectionSet: selectionSet(operation.selectionSet, root, []),
  }
  const { planning, variableOf } = withoutReserved(definition)
  return { operation: planning, keys, size, deferrals, introspection, variableOf }
}

/** The fragments of a document by name. */
export function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  )
}

/** The names of all fields of a schema. */
export function fieldNamesOf(schema: GraphQLSchema): Set<string> {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) || isInterfaceType(type),
  )
  return new Set(types.flatMap((type) => Object.keys(type.getFields())))
}

function fieldOf(parent: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> {
  const field =
    name === SchemaMetaFieldDef.name
      ? SchemaMetaFieldDef
      : name === TypeMetaFieldDef.name
        ? TypeMetaFieldDef
        : isUnionType(parent)
          ? undefined
          : parent.getFields()[name]
  if (!field) throw new Error(`there is no field ${parent.name}.${name}`)
  return field
}

function bodyOf(
  node: FragmentSpreadNode | InlineFragmentNode,
  fragments: Map<string, FragmentDefinitionNode>,
) {
  if (node.kind === Kind.INLINE_FRAGMENT) return node
  const fragment = fragments.get(node.name.value)
  if (!fragment) throw new Error(`there is no fragment ${node.name.value}`)
  return fragment
}
