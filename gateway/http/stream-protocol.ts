import type { GraphQLFormattedError } from 'graphql'
import type { Encoding } from '../live/frame.ts'

/** How a protocol over HTTP writes a stream. */
export type StreamProtocol = {
  readonly contentType: string
  /** Goes with the head, so that readers know at once that the stream is there. */
  readonly beginning: Buffer
  /** Says nothing but that the stream goes on. */
  readonly heartbeat: Buffer
  /** One for all readers: it is by the function that a frame knows its bytes. */
  readonly encode: Encoding
  /** There is no more. */
  readonly end: Buffer
  /** Errors, and that there is no more. */
  failure(errors: readonly GraphQLFormattedError[]): Buffer
}
