import { type ConstDirectiveNode, Kind, parse } from 'graphql'
import type { IsOfType } from './steps/rewrites.ts'

/** The keys that a subgraph knows entities of a type by, each as the fields at its top. */
export type KeysOf = (subgraph: string, typename: string) => readonly (readonly string[])[]

/** Reads keys from a supergraph's @join__type; those of interfaces hold for their types. */
export function readKeys(supergraphSdl: string, isOfType: IsOfType): KeysOf {
  const names = new Map<string, string>()
  /** By subgraph, then by type. */
  const keys = new Map<string, Map<string, string[][]>>()
  const { definitions } = parse(supergraphSdl, { noLocation: true })
  for (const node of definitions) {
    if (node.kind !== Kind.ENUM_TYPE_DEFINITION || node.name.value !== 'join__Graph') continue
    for (const { name, directives } of node.values ?? []) {
      names.set(name.value, stringArgument(directives?.[0], 'name') ?? name.value)
    }
  }
  for (const node of definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
    for (const directive of node.directives ?? []) {
      const key = stringArgument(directive, 'key')
      if (directive.name.value !== 'join__type' || key === undefined) continue
      const subgraph = names.get(stringArgument(directive, 'graph') ?? '') ?? ''
      const types = keys.get(subgraph) ?? new Map<string, string[][]>()
      keys.set(subgraph, types)
      types.set(node.name.value, [...(types.get(node.name.value) ?? []), topFields(key)])
    }
  }
  return (subgraph, typename) => {
    const types = [...(keys.get(subgraph) ?? [])]
    return types.flatMap(([type, known]) => (isOfType(typename, type) ? known : []))
  }
}

/** The fields at the top of a field set. */
function topFields(fieldSet: string): string[] {
  const [definition] = parse(`{${fieldSet}}`).definitions
  const selections = definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections : []
  return selections.flatMap((node) => (node.kind === Kind.FIELD ? [node.name.value] : []))
}

function stringArgument(directive: ConstDirectiveNode | undefined, name: string): string | undefined {
  const value = directive?.arguments?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined
}
