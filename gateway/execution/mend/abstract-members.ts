import { baseType, federationMetadata, isAbstractType, isCompositeType, isInterfaceType, isObjectType, possibleRuntimeTypes, type Schema, type Supergraph } from '@apollo/federation-internals' // biome-ignore format: one list

/** Which objects abstract types have in which subgraph. */
export type AbstractMembers = {
  /** Whether there are any for which `differs` is true. */
  readonly any: boolean
  /** Whether subgraphs differ in the objects of an abstract type. */
  differs(abstractType: string): boolean
  isMember(subgraph: string, abstractType: string, type: string): boolean
  /** The type of a field that a subgraph has a value for without asking for anything; undefined where it has none. */
  typeOf(subgraph: string, type: string, field: string): string | undefined
}

export function readAbstractMembers(supergraph: Supergraph): AbstractMembers {
  const schemas = new Map<string, Schema>()
  for (const subgraph of supergraph.subgraphs()) schemas.set(subgraph.name, subgraph.schema)
  const seen = new Map<string, string>()
  const differing = new Set<string>()
  for (const schema of schemas.values()) {
    for (const type of schema.types()) {
      if (!isAbstractType(type)) continue
      const members = membersOf(schema, type.name).toSorted().join()
      if ((seen.get(type.name) ?? members) !== members) differing.add(type.name)
      seen.set(type.name, members)
    }
  }
  return {
    any: differing.size > 0,
    differs: (abstractType) => differing.has(abstractType),
    isMember: (subgraph, abstractType, type) => membersOf(schemas.get(subgraph), abstractType).includes(type),
    typeOf(subgraph, type, name) {
      const schema = schemas.get(subgraph)
      const metadata = schema && federationMetadata(schema)
      const parent = schema?.type(type)
      const field =
        parent && (isObjectType(parent) || isInterfaceType(parent)) ? parent.field(name) : undefined
      if (!metadata || !field || metadata.isFieldExternal(field)) return undefined
      if (!field.type || field.hasAppliedDirective(metadata.requiresDirective())) return undefined
      return baseType(field.type).name
    },
  }
}

function membersOf(schema: Schema | undefined, name: string): string[] {
  const type = schema?.type(name)
  return type && isCompositeType(type) ? possibleRuntimeTypes(type).map(({ name }) => name) : []
}
