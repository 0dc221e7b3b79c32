import type { GraphQLFormattedError } from 'graphql'
import type { Caller } from '../../platform/identity.ts'
import type { Carrier, OpenStream, Outlet, Stream } from '../live/outlet.ts'
import type { Exchange } from './reply.ts'
import type { StreamProtocol } from './stream-protocol.ts'

/** A stream that is carried to a reader over HTTP. */
export type Carried = {
  /** Ends it with errors, which are masked already. */
  fail(errors: readonly GraphQLFormattedError[]): void
  /** Ends the connection without a word, so that its reader comes back. */
  drop(): void
}

type Options = {
  carrier: Carrier
  protocol: StreamProtocol
  /** How often the reader is told that the stream goes on, in ms. */
  heartbeat: number
  /** After how long a reader who has not taken what was written is given up, in ms. */
  patience: number
  caller: Caller
  open: OpenStream
  /** The reader is gone, or has been told that there is no more. */
  onClose: () => void
}

/**
 * Opens a stream for who reads a response, whose head is sent already. One frame or heartbeat is written at a time, and
 * nothing more until it has left.
 */
export function carry({ request: { socket }, response }: Exchange, options: Options): Carried {
  const { carrier, protocol, caller, open, onClose } = options
  let stream: Stream | undefined
  let writtenAt = 0 // ms

  response.once('close', leave)
  const timer = setInterval(beat, options.heartbeat)

  const isBusy = () => response.writableLength > 0
  const outlet: Outlet = {
    carrier,
    isBusy,
    write: (frame) => write(frame.as(protocol.encode)),
    fail: (errors) => end(protocol.failure(errors)),
    complete: () => end(protocol.end),
  }
  write(protocol.beginning)
  stream = open(caller, outlet)

  return {
    fail(errors) {
      if (!stream) return
      stream.close()
      end(protocol.failure(errors))
    },
    drop: () => void socket.destroy(),
  }

  function write(bytes: Buffer): void {
    writtenAt = performance.now()
    response.write(bytes, sent)
  }

  function sent(error?: Error | null): void {
    if (!error && !isBusy()) stream?.drained()
  }

  function end(bytes: Buffer): void {
    stream = undefined
    if (!isBusy()) writtenAt = performance.now()
    response.end(bytes)
  }

  function beat(): void {
    if (isBusy()) {
      if (performance.now() - writtenAt >= options.patience) socket.destroy()
    } else if (stream) {
      write(protocol.heartbeat)
    }
  }

  function leave(): void {
    clearInterval(timer)
    stream?.close()
    stream = undefined
    onClose()
  }
}
