import type { GraphQLFormattedError } from 'graphql'
import type { Caller } from '../../platform/identity.ts'
import type { Frame } from './frame.ts'

/** What carries streams to clients: graphql-transport-ws, GraphQL over SSE, Apollo's multipart subscription protocol. */
export type Carrier = 'websocket' | 'sse' | 'multipart'

/** Where the frames of one reader are written. After `fail` and `complete` nothing more comes. */
export type Outlet = {
  readonly carrier: Carrier
  /**
   * Whether something that was written before has not left this process yet. Nothing is written then: the reader's
   * Stream is told by `drained` once it has.
   */
  isBusy(): boolean
  write(frame: Frame): void
  /** The stream ended before its time; the errors are masked already. */
  fail(errors: readonly GraphQLFormattedError[]): void
  /** There is no more. */
  complete(): void
}

/** One reader's stream, for who carries it. */
export type Stream = {
  /** What was written to the outlet has left. */
  drained(): void
  /** The reader is gone. */
  close(): void
}

/** A subscription as a client sends it. */
export type Subscription = {
  query: string
  operationName?: string | null | undefined
  variables?: Record<string, unknown> | null | undefined
  extensions?: Record<string, unknown> | null | undefined
}

/** Begins a stream for a reader. The outlet is not called before this has returned. */
export type OpenStream = (caller: Caller, outlet: Outlet) => Stream
