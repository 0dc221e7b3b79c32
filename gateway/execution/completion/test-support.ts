import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql'
import type { Fault, Faults } from '../faults.ts'
import { compileCompletion } from './compile-completion.ts'
import type { CompletionSource } from './completion-source.ts'

/** The data key of tests: the field's name, and what its arguments are. */
export function keyOf({ name, arguments: args = [] }: FieldNode): string {
  const values = args.map(({ value }) => (value.kind === Kind.INT ? value.value : value.kind))
  return [name.value, ...values].join('_')
}

/** The query of a document, with what its completion is compiled from. */
export function sourceOf(schema: GraphQLSchema, text: string, flags: Record<string, boolean> = {}) {
  const { definitions } = parse(text)
  const fragments = definitions.filter(
    (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION,
  )
  const [operation] = definitions.filter(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  )
  const type = schema.getQueryType()
  if (!operation || !type) throw new Error('a test without a query')
  const source: CompletionSource = {
    schema,
    fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])),
    keyOf,
    // As graphql-js has it, which does not ask what an object says of itself where only one type can be.
    isKnownAs: () => true,
    isDeferred: ({ directives = [] }) => directives.some(({ name }) => name.value === 'defer'),
    flags,
  }
  return { source, operation, type }
}

/** Completes a query; `data` parsed again. */
export function complete(
  schema: GraphQLSchema,
  query: string,
  { data, faults, flags }: { data: object; faults?: Faults; flags?: Record<string, boolean> },
) {
  const { source, operation, type } = sourceOf(schema, query, flags)
  const completed = compileCompletion(source, type, [operation.selectionSet])(data, faults)
  return { text: completed.data, data: JSON.parse(completed.data), errors: completed.errors }
}

export function faultsAt(...entries: [object: object, key: string, ...faults: Fault[]][]): Faults {
  return {
    at: (object, key) =>
      entries.flatMap(([where, name, ...faults]) => (where === object && name === key ? [faults] : []))[0],
  }
}
