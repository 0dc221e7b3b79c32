import {
  BREAK,
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { argument, linkedNames, text } from './directive-links.ts'

/** Whether the result of an operation, which is valid, depends on who asks. */
export type DependsOnViewer = (document: DocumentNode, operation: OperationDefinitionNode) => boolean

/**
 * Reads from a composed supergraph what depends on who asks: fields with @perViewer, what has an access directive, and everything
 * under the type Viewer. What one type of an interface says of a field holds for all of them, since who selects it on the
 * interface may get any. `schema` is all of the supergraph.
 */
export function readViewerDependence(composed: DocumentNode, schema: GraphQLSchema): DependsOnViewer {
  const marked = readMarked(composed)
  const known = new Map<string, boolean>()

  function fieldDepends(parent: GraphQLNamedType, name: string): boolean {
    const coordinate = `${parent.name}.${name}`
    const decided = known.get(coordinate)
    if (decided !== undefined) return decided
    known.set(coordinate, false) // until it is decided: a field may require one that requires it
    const depends = narrower(parent).some((type) => declares(type, name))
    known.set(coordinate, depends)
    return depends
  }

  function declares(type: GraphQLNamedType, name: string): boolean {
    if (marked.has(type.name) || marked.has(`${type.name}.${name}`)) return true
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
    if (!field) return false
    const joins =
      field.astNode?.directives?.filter((directive) => directive.name.value === 'join__field') ?? []
    const isInherited = joins.some((join) => !argument(join, 'graph'))
    return (
      narrower(getNamedType(field.type)).some((returned) => marked.has(returned.name)) ||
      joins.some((join) => fieldsDepend(type, text(argument(join, 'requires')))) ||
      // A subgraph that knows no objects of the interface tells the field for all of them, and says there what it is.
      (isInherited && isObjectType(type) && type.getInterfaces().some((each) => declares(each, name)))
    )
  }

  /** A type, and the types that its objects may have. */
  function narrower(type: GraphQLNamedType): readonly GraphQLNamedType[] {
    return isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [type]
  }

  /** What a subgraph needs of others before it can tell a field. */
  function fieldsDepend(type: GraphQLNamedType, fields: string | undefined): boolean {
    return fields !== undefined && documentDepends(parse(`fragment fields on ${type.name} { ${fields} }`))
  }

  function documentDepends(document: DocumentNode): boolean {
    const types = new TypeInfo(schema)
    let depends = false
    const visitor = visitWithTypeInfo(types, {
      Field({ name }) {
        if (name.value.startsWith('__')) return false
        const parent = types.getParentType()
        depends = parent ? fieldDepends(parent, name.value) : false
        return depends ? BREAK : undefined
      },
    })
    visit(document, visitor)
    return depends
  }

  return (document, operation) => {
    const alone = separateOperations(document)[operation.name?.value ?? '']
    return alone !== undefined && documentDepends(alone)
  }
}

const accessSpec = /\/(authenticated|requiresScopes|policy)\/v[\d.]+$/

/** Which access directive a specification is of, by its URL. */
export const accessDirectiveOf = (url: string): string | undefined => accessSpec.exec(url)?.[1]

/** The name of the directive for what depends on who asks, by the URL of its specification. */
export const perViewerOf = (url: string) =>
  /^https:\/\/supergraph\.local\/perViewer(\/|$)/.test(url) ? 'perViewer' : undefined

/** The types, by name, and the fields, by coordinate, that are said to depend on who asks. */
function readMarked(composed: DocumentNode): Set<string> {
  const perViewer = linkedNames(composed, perViewerOf)
  const names = new Set([
    ...linkedNames(composed, accessDirectiveOf),
    ...(perViewer.length > 0 ? perViewer : ['perViewer']),
  ])
  const isMarked = (node: { directives?: readonly { name: { value: string } }[] | undefined }) =>
    node.directives?.some(({ name }) => names.has(name.value))
  const marked = new Set(['Viewer'])
  for (const definition of composed.definitions) {
    if (!('name' in definition) || !definition.name || definition.kind === Kind.DIRECTIVE_DEFINITION) continue
    const type = definition.name.value
    if ('directives' in definition && isMarked(definition)) marked.add(type)
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
      continue
    for (const field of definition.fields ?? []) {
      if (isMarked(field)) marked.add(`${type}.${field.name.value}`)
    }
  }
  return marked
}
