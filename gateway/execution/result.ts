import type { GraphQLFormattedError } from 'graphql'
import type { Caller } from '../../platform/identity.ts'

/** What an operation is run with. */
export type OperationRequest = {
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>
  readonly caller: Caller
  /** Whether the result may come in parts, where the operation has @defer. */
  readonly defer?: boolean
}

/** What an operation comes to. */
export type OperationResult = {
  /** The JSON text of `data`; undefined when nothing ran, since the variables do not fit. */
  readonly data: string | undefined
  /** With paths as the client sees them. Not masked yet: a code that is not one of platform/errors.ts is unexpected. */
  readonly errors: readonly GraphQLFormattedError[]
  /** What @defer put off, part by part; the last one says so. Returning it early stops the work behind it. */
  readonly later?: AsyncIterableIterator<LaterResult>
}

/** Parts of a result that come after its beginning, for `incremental` of the multipart protocol. */
export type LaterResult = {
  incremental: {
    /** The JSON text of `data`. */
    data: string
    /** Where it belongs into the result. */
    path: readonly (string | number)[]
    label?: string
    errors: readonly GraphQLFormattedError[]
  }[]
  hasNext: boolean
}
