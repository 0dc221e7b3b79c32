import type {
  FieldNode,
  FragmentDefinitionNode,
  FragmentSpreadNode,
  GraphQLSchema,
  InlineFragmentNode,
} from 'graphql'

/** What the completions of an operation are compiled from, besides the selection that each is for. */
export type CompletionSource = {
  /** What the client sees: nothing that is inaccessible. */
  schema: GraphQLSchema
  /** Of the client's document, by name. */
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Whether a subgraph may call an object of a type by another name: that of an interface. */
  isKnownAs(type: string, name: unknown): boolean
  /** The key of a field in the merged data. */
  keyOf(field: FieldNode): string
  /** What to leave out, since it is completed by a completion of its own. */
  isDeferred(node: FragmentSpreadNode | InlineFragmentNode): boolean
  /** Coerced variables. Only the booleans of @skip and @include are read: a completion holds for one combination of them. */
  flags: Readonly<Record<string, unknown>>
}
