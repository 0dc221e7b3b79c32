import type { GraphQLFormattedError } from 'graphql'
import { EVENT_STREAM } from './media-types.ts'
import type { StreamProtocol } from './stream-protocol.ts'

const COMMENT = Buffer.from(':\n\n')

/** A browser's EventSource tells an event whose data are empty, and none that has no data. */
const COMPLETE = 'event: complete\ndata:\n\n'

/** GraphQL over server-sent events, distinct connections mode (enisdenjo/graphql-sse, PROTOCOL.md). */
export const eventStream: StreamProtocol = {
  contentType: EVENT_STREAM,
  get beginning() {
    // Those whose connections end together do not all come back together.
    return Buffer.from(`retry: ${1_000 + Math.floor(Math.random() * 4_000)}\n\n`) // ms
  },
  heartbeat: COMMENT,
  encode: (result) => Buffer.from(next(result)),
  end: Buffer.from(COMPLETE),
  failure: (errors) => Buffer.from(next(errorsOnly(errors)) + COMPLETE),
}

/** A result that is all there is, the JSON text of an ExecutionResult, as such a stream. */
export const eventsOf = (result: string) => Buffer.from(next(result) + COMPLETE)

/** Each line of the data is a field of its own, which the reader joins again. */
const next = (result: string) => `event: next\ndata: ${result.replace(/\r\n?|\n/g, '\ndata: ')}\n\n`

const errorsOnly = (errors: readonly GraphQLFormattedError[]) => JSON.stringify({ errors })
