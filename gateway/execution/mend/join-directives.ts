import { type ConstDirectiveNode, type DocumentNode, type InterfaceTypeDefinitionNode, Kind, type ObjectTypeDefinitionNode, parse, type SelectionSetNode, type TypeNode } from 'graphql' // biome-ignore format: one list

/** A type of a supergraph that has fields. */
export type TypeWithFields = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode

export function hasFields(node: { kind: Kind }): node is TypeWithFields {
  return node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION
}

/** The value of an argument that is a string, an enum value or a boolean. */
export function argumentOf(directive: ConstDirectiveNode, name: string): string | boolean | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value
  if (value?.kind === Kind.STRING || value?.kind === Kind.ENUM || value?.kind === Kind.BOOLEAN)
    return value.value
  return undefined
}

/** The applications of a directive. */
export function applied(name: string, { directives = [] }: { directives?: readonly ConstDirectiveNode[] }) {
  return directives.filter((directive) => directive.name.value === name)
}

/** The selections of a field set such as a key or a requirement. */
export function readFieldSet(text: string): SelectionSetNode {
  const [definition] = parse(`{${text}}`, { noLocation: true }).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`${text} is no field set`)
  return definition.selectionSet
}

/** What finds the name of the subgraph that a @join__ directive is about. */
export function readGraphNames({ definitions }: DocumentNode): (directive: ConstDirectiveNode) => string {
  const names = new Map<unknown, string>()
  for (const node of definitions) {
    if (node.kind !== Kind.ENUM_TYPE_DEFINITION || node.name.value !== 'join__Graph') continue
    for (const value of node.values ?? []) {
      const [graph] = applied('join__graph', value)
      names.set(value.name.value, String((graph && argumentOf(graph, 'name')) ?? value.name.value))
    }
  }
  return (directive) => names.get(argumentOf(directive, 'graph')) ?? ''
}

/** The type of a field, whatever it is a list of. */
export function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type)
}
