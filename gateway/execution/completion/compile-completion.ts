import type { GraphQLCompositeType, GraphQLFormattedError, SelectionSetNode } from 'graphql'
import type { Faults } from '../faults.ts'
import type { CompletionSource } from './completion-source.ts'
import { createErrorList } from './error-list.ts'
import { writeExactly } from './exact-writer.ts'
import { generateWriter } from './generated-writer.ts'
import { createSelection, type Place } from './selection.ts'

/**
 * Turns merged data into the result that the client asked for: its fields under its names in its order, each value fit
 * for its type, nulls as far up as they go.
 */
export type Completion = (
  data: object,
  faults: Faults | undefined,
  /** Where `data` belongs in the whole result, for the paths of errors. */
  path?: readonly (string | number)[],
) => CompletedData

export type CompletedData = {
  /** JSON text; `null` when null went up to the top. */
  data: string
  errors: readonly GraphQLFormattedError[]
}

/**
 * The completion of selections on a type: of an operation, the root type; of a deferred fragment, the type of its
 * place, which, if it is abstract, `data` tells more exactly by `__typename`.
 */
export function compileCompletion(
  source: CompletionSource,
  type: GraphQLCompositeType,
  selections: readonly SelectionSetNode[],
): Completion {
  const selection = createSelection(source, type, selections)
  const place: Place = { coordinate: type.name, nullable: true, content: { kind: 'object', selection } }
  const write = generateWriter(selection)
  return (data, faults, path = []) => {
    const text = write(data, faults)
    if (text !== undefined) return { data: text, errors: [] }
    const errors = createErrorList()
    return { data: writeExactly(place, data, { faults, path, errors }), errors: errors.errors }
  }
}
