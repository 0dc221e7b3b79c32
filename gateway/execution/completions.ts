import {
  type DocumentNode,
  type FragmentSpreadNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type InlineFragmentNode,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql'
import { type Completion, compileCompletion } from './completion/compile-completion.ts'
import type { DataKeys } from './data-keys.ts'
import { fragmentsOf } from './planning-form.ts'
import type { IsOfType } from './steps/rewrites.ts'

/** How many combinations of conditions are kept of one selection. */
const COMBINATIONS = 32

/** Which conditions hold: the coerced variables that @skip, @include and @defer go by. */
export type Flags = Readonly<Record<string, unknown>>

/**
 * Completions of a selection, compiled for each combination of its conditions when it is first met: which fields there are, and
 * in which order, is known then.
 */
export function createCompletions(options: {
  schema: GraphQLSchema
  document: DocumentNode
  keys: DataKeys
  isOfType: IsOfType
  isDeferred: (fragment: FragmentSpreadNode | InlineFragmentNode, flags: Flags) => boolean
}) {
  const { schema, document, keys, isOfType, isDeferred } = options
  const fragments = fragmentsOf(document)
  const conditions = conditionsOf(document)

  return (type: GraphQLCompositeType, selections: SelectionSetNode) => {
    const known = new Map<string, Completion>()
    return (flags: Flags): Completion => {
      const combination = conditions.map((name) => (flags[name] === true ? '1' : '0')).join('')
      const compiled =
        known.get(combination) ??
        compileCompletion(
          {
            schema,
            fragments,
            keyOf: keys.of,
            isKnownAs: (type, name) => typeof name === 'string' && isOfType(type, name),
            isDeferred: (fragment) => isDeferred(fragment, flags),
            flags,
          },
          type,
          [selections],
        )
      if (known.size < COMBINATIONS) known.set(combination, compiled)
      return compiled
    }
  }
}

/** The variables that conditions depend on. */
export function conditionsOf(document: DocumentNode): string[] {
  const names = new Set<string>()
  visit(document, {
    Directive({ arguments: args = [] }) {
      for (const { name, value } of args) {
        if (name.value === 'if' && value.kind === Kind.VARIABLE) names.add(value.name.value)
      }
    },
  })
  return [...names]
}
