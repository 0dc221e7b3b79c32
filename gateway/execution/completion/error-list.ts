import type { GraphQLFormattedError } from 'graphql'
import { errorCodes } from '../../../platform/errors.ts'

/** A result has no more errors than this. */
const LIMIT = 1_000

/** The errors of a result; the last of too many says that there are more. */
export type ErrorList = {
  readonly errors: readonly GraphQLFormattedError[]
  add(error: () => GraphQLFormattedError): void
}

export function createErrorList(): ErrorList {
  const errors: GraphQLFormattedError[] = []
  let isFull = false
  return {
    errors,
    add(error) {
      if (isFull) return
      if (errors.length < LIMIT) {
        errors.push(error())
        return
      }
      isFull = true
      const code = errorCodes.find((code) => code === error().extensions?.code) ?? 'UNAVAILABLE'
      errors[LIMIT - 1] = {
        message: `There are more errors than the ${LIMIT} that are told.`,
        // That of an unexpected error would have the message masked.
        extensions: { code },
      }
    },
  }
}
