import {
  executeSync,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql'
import type { Data } from './steps/data.ts'

/** Answers what an operation asks about the schema itself; undefined for one that asks nothing. */
export function compileIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  { fields, fragments }: { fields: readonly FieldNode[]; fragments: Iterable<FragmentDefinitionNode> },
): ((variables: Readonly<Record<string, unknown>>) => Data) | undefined {
  if (fields.length === 0) return undefined
  // Whether the field is wanted is the completion's to say.
  const selections = fields.map((field) => ({ ...field, directives: [] }))
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections }
  const document = {
    kind: Kind.DOCUMENT as const,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION as const,
        operation: OperationTypeNode.QUERY,
        variableDefinitions: operation.variableDefinitions,
        selectionSet,
      },
      ...fragments,
    ],
  }
  // An answer is not kept: it may be a thousand times as large as its operation.
  return (variableValues) => {
    const { data, errors } = executeSync({ schema, document, variableValues })
    if (!data) throw new Error(`introspection failed: ${errors?.map(({ message }) => message).join(' ')}`)
    return data as Data
  }
}
