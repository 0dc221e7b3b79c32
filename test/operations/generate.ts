import {
  type ArgumentNode,
  type DirectiveNode,
  doTypesOverlap,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isLeafType,
  isObjectType,
  isUnionType,
  Kind,
  OperationTypeNode,
  print,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql'
import { nameOf } from './literal.ts'
import type { Random } from './random.ts'
import { add, addWhole, belowOf, type Entry, fits, fitsWhole, type Scope } from './scope.ts'
import { createValues, type Samples, type Variable } from './values.ts'

/** The parts of an operation; what is not used is still among them. */
export type Parts = {
  operation: OperationTypeNode
  selectionSet: SelectionSetNode
  fragments: FragmentDefinitionNode[]
  variables: ReadonlyMap<string, Variable>
}

/** What operations on a schema are made of. */
export type Dialect = {
  samples: Samples
  /** Keys of a response that are likely to be mistaken for something else. */
  aliases: readonly string[]
  /** How many of a hundred operations are mutations, and subscriptions. */
  mutations: number
  subscriptions: number
}

/** Where selections are added: `scope` is what they must fit together with `others`. */
type Place = {
  type: GraphQLCompositeType
  scope: Scope
  others: readonly Scope[]
  depth: number
  fragments: number
}

const DEPTH = 5
const FRAGMENTS_DEPTH = 3

/** What depends on the order in which a schema was put together. */
const unordered = new Set(['types', 'directives', 'possibleTypes', 'description'])

/** Makes an operation that is almost always valid. */
export function generate(schema: GraphQLSchema, random: Random, dialect: Dialect): Parts {
  const { aliases } = dialect
  const values = createValues(random, dialect.samples)
  const composites = Object.values(schema.getTypeMap()).filter(
    (type) => isCompositeType(type) && !type.name.startsWith('__'),
  ) as GraphQLCompositeType[]
  const fragments: { node: FragmentDefinitionNode; type: GraphQLCompositeType; scope: Scope }[] = []
  let fieldsLeft = 5 + random.int(25)
  const operation = kindOf(random.int(100))
  const root = schema.getRootType(operation) as GraphQLObjectType // kindOf gives what there is
  const place = { type: root, scope: new Map(), others: [], depth: 0, fragments: 0 }
  const selectionSet = selections(place)
  return {
    operation,
    selectionSet,
    fragments: fragments.map(({ node }) => node),
    variables: values.variables,
  }

  function kindOf(percent: number): OperationTypeNode {
    const { mutations, subscriptions } = dialect
    if (schema.getMutationType() && percent < mutations) return OperationTypeNode.MUTATION
    if (schema.getSubscriptionType() && percent >= 100 - subscriptions) return OperationTypeNode.SUBSCRIPTION
    return OperationTypeNode.QUERY
  }

  function selections(place: Place): SelectionSetNode {
    if (place.depth === 0 && operation === OperationTypeNode.SUBSCRIPTION) return oneField(place)
    const count = place.depth === 0 ? 1 + random.int(3) : 2 + random.int(5)
    const nodes: SelectionNode[] = []
    for (let made = 0; made < count && (fieldsLeft > 0 || nodes.length === 0); made++) {
      const node = selection(place)
      if (node) nodes.push(node)
    }
    if (nodes.length === 0) nodes.push(fieldNode('__typename'))
    return { kind: Kind.SELECTION_SET, selections: nodes }
  }

  /** What a subscription selects at its root. */
  function oneField(place: Place): SelectionSetNode {
    for (;;) {
      const node = field(place)
      if (node && !node.name.value.startsWith('__')) {
        return { kind: Kind.SELECTION_SET, selections: [{ ...node, directives: [] }] }
      }
      place.scope.clear()
    }
  }

  function selection(place: Place): SelectionNode | undefined {
    const asFragment = isUnionType(place.type) ? 75 : place.depth === 0 ? 10 : 22
    if (place.fragments < FRAGMENTS_DEPTH && random.chance(asFragment)) {
      return random.chance(35) ? spread(place) : inlineFragment(place)
    }
    return field(place)
  }

  function inlineFragment(place: Place): SelectionNode {
    const type = random.chance(20) ? undefined : conditionAt(place.type)
    return {
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: type && { kind: Kind.NAMED_TYPE, name: nameOf(type.name) },
      directives: conditions(),
      selectionSet: selections({ ...place, type: type ?? place.type, fragments: place.fragments + 1 }),
    }
  }

  function spread(place: Place): SelectionNode | undefined {
    const known = fragments.filter(
      ({ type, scope }) =>
        doTypesOverlap(schema, type, place.type) &&
        [place.scope, ...place.others].every((other) => fitsWhole(other, scope)),
    )
    const fragment = known.length > 0 && random.chance(50) ? random.pick(known) : define(place)
    if (![place.scope, ...place.others].every((other) => fitsWhole(other, fragment.scope))) return undefined
    addWhole(place.scope, fragment.scope)
    return { kind: Kind.FRAGMENT_SPREAD, name: fragment.node.name, directives: conditions() }
  }

  function define(place: Place) {
    const type = conditionAt(place.type)
    const scope: Scope = new Map()
    const inside = { type, scope, others: [], depth: place.depth, fragments: place.fragments + 1 }
    const node: FragmentDefinitionNode = {
      kind: Kind.FRAGMENT_DEFINITION,
      typeCondition: { kind: Kind.NAMED_TYPE, name: nameOf(type.name) },
      selectionSet: selections(inside),
      name: nameOf(`F${fragments.length}`), // after those that are in it
    }
    const made = { node, type, scope }
    fragments.push(made)
    return made
  }

  function conditionAt(type: GraphQLCompositeType): GraphQLCompositeType {
    const all = composites.filter((other) => doTypesOverlap(schema, type, other))
    const fitting = random.chance(60) ? all.filter(isObjectType) : all
    return fitting.length > 0 ? random.pick(fitting) : type
  }

  function field({ type, scope, others, depth }: Place): FieldNode | undefined {
    const definition = fieldOf(type, depth)
    const args = definition.args.flatMap((argument): ArgumentNode[] => {
      const value = values.argument(argument, definition.name)
      return value ? [{ kind: Kind.ARGUMENT, name: nameOf(argument.name), value }] : []
    })
    const alias = random.chance(25) ? random.pick(aliases) : undefined
    const key = alias ?? definition.name
    const entry: Entry = {
      parent: type,
      field: definition.name,
      args: args.map(print).join(),
      type: definition.type,
      below: new Map(),
    }
    const all = [scope, ...others]
    if (!all.every((other) => fits(other, key, entry))) return undefined
    fieldsLeft--
    const below = getNamedType(definition.type)
    const node: FieldNode = {
      ...fieldNode(definition.name, alias),
      arguments: args,
      directives: conditions(),
      selectionSet: isCompositeType(below)
        ? selections({
            type: below,
            scope: entry.below,
            others: all.flatMap((other) => belowOf(other, key)),
            depth: depth + 1,
            fragments: 0,
          })
        : undefined,
    }
    add(scope, key, entry)
    return node
  }

  function fieldOf(type: GraphQLCompositeType, depth: number): GraphQLField<unknown, unknown> {
    if (isUnionType(type) || random.chance(8)) return TypeNameMetaFieldDef
    if (type === schema.getQueryType() && random.chance(2)) {
      return random.chance(40) ? SchemaMetaFieldDef : TypeMetaFieldDef
    }
    const fields = Object.values(type.getFields()).filter(({ name }) => !unordered.has(name))
    const leaves = fields.filter((field) => isLeafType(getNamedType(field.type)))
    const isDeep = depth >= DEPTH || fieldsLeft <= 0 || (depth > 0 && random.chance(25))
    const candidates = isDeep ? leaves : fields
    return candidates.length > 0 ? random.pick(candidates) : TypeNameMetaFieldDef
  }

  function conditions(): DirectiveNode[] {
    return ['skip', 'include']
      .filter(() => random.chance(6))
      .map((name) => ({
        kind: Kind.DIRECTIVE,
        name: nameOf(name),
        arguments: [{ kind: Kind.ARGUMENT, name: nameOf('if'), value: values.condition() }],
      }))
  }
}

const fieldNode = (name: string, alias?: string): FieldNode => ({
  kind: Kind.FIELD,
  name: nameOf(name),
  alias: alias === undefined || alias === name ? undefined : nameOf(alias),
})
