import type { GraphQLFormattedError } from 'graphql'
import type { OperationResult } from '../execution/result.ts'

/** Says what a client may see of the errors of a result. */
export type Mask = (errors: readonly GraphQLFormattedError[]) => readonly GraphQLFormattedError[]

/** A result, written. */
export type Answer = {
  body: Buffer
  /** Whether all was found, some of it (be it nothing), or the operation was not begun. */
  outcome: 'complete' | 'partial' | 'refused'
}

/**
 * Writes a result: the errors first, as the GraphQL specification asks, so that nobody overlooks them. `extensions` is JSON text.
 */
export function answerOf({ data, errors }: OperationResult, mask: Mask, extensions?: string): Answer {
  if (data === undefined) return refusalOf(mask(errors))
  return {
    body: Buffer.from(
      `{${membersOf({ data, errors }, mask)}${extensions ? `,"extensions":${extensions}` : ''}}`,
    ),
    outcome: errors.length > 0 ? 'partial' : 'complete',
  }
}

/** Writes errors that are all there is; they are masked already. */
export function refusalOf(errors: readonly GraphQLFormattedError[]): Answer {
  return { body: Buffer.from(`{"errors":${JSON.stringify(errors)}}`), outcome: 'refused' }
}

/** `"errors":…,"data":…`, without errors if there are none. */
export function membersOf(
  { data, errors }: { data: string; errors: readonly GraphQLFormattedError[] },
  mask: Mask,
): string {
  return errors.length > 0 ? `"errors":${JSON.stringify(mask(errors))},"data":${data}` : `"data":${data}`
}
