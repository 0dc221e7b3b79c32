import { type OperationDefinitionNode, visit } from 'graphql'

/** This name has a meaning of its own in every request for entities. */
const RESERVED = 'representations'

/** An operation with another name for a variable of the client's that has the reserved one. */
export function withoutReserved(operation: OperationDefinitionNode) {
  const names = new Set<string>()
  visit(operation, { Variable: ({ name }) => void names.add(name.value) })
  if (!names.has(RESERVED)) return { planning: operation, variableOf: (name: string) => name }
  let other = `${RESERVED}_`
  while (names.has(other)) other += '_'
  const planning: OperationDefinitionNode = visit(operation, {
    Variable: (node) =>
      node.name.value === RESERVED ? { ...node, name: { ...node.name, value: other } } : undefined,
  })
  return { planning, variableOf: (name: string) => (name === other ? RESERVED : name) }
}
