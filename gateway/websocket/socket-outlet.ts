import type { GraphQLFormattedError } from 'graphql'
import type { Caller } from '../../platform/identity.ts'
import type { Encoding, Frame } from '../live/frame.ts'
import type { OpenStream, Outlet, Stream } from '../live/outlet.ts'
import { MessageHead } from './message-head.ts'
import { SharedMessage } from './shared-message.ts'
import type { SocketWire } from './socket-wire.ts'

/** The message of a frame, after its id. */
const messageOf: Encoding<SharedMessage> = (result) => new SharedMessage(`${result}}`)

/** What a stream was ended with, as the client is told. */
export class StreamFailure extends Error {
  readonly errors: readonly GraphQLFormattedError[]
  constructor(errors: readonly GraphQLFormattedError[]) {
    super('a stream failed')
    this.errors = errors
  }
}

type End = { errors: readonly GraphQLFormattedError[] | null }

/**
 * A stream on a socket. To graphql-ws it is an iterator that is pending for as long as the stream lasts, and whose end it
 * tells the client; frames pass it by. A class, since there are tens of thousands.
 */
export class SocketOutlet implements Outlet, AsyncIterableIterator<never> {
  readonly #wire: SocketWire
  readonly #head: MessageHead
  readonly #stream: Stream
  #end: End | null = null
  #settle: (() => void) | null = null

  constructor(wire: SocketWire, { id, caller, open }: { id: string; caller: Caller; open: OpenStream }) {
    this.#wire = wire
    this.#head = new MessageHead(`{"id":${JSON.stringify(id)},"type":"next","payload":`)
    this.#stream = open(caller, this)
    wire.attach(this)
  }

  get carrier() {
    return 'websocket' as const
  }

  isBusy(): boolean {
    return this.#wire.isBusy()
  }

  write(frame: Frame): void {
    if (this.#end) return
    const message = frame.as(messageOf)
    this.#wire.write(this.#head.before(message.rest.length), message)
  }

  fail(errors: readonly GraphQLFormattedError[]): void {
    this.#finish({ errors })
  }

  complete(): void {
    this.#finish({ errors: null })
  }

  drained(): void {
    this.#stream.drained()
  }

  next(): Promise<IteratorResult<never, undefined>> {
    return new Promise((resolve, reject) => {
      this.#settle = () => {
        const errors = this.#end?.errors
        if (errors) reject(new StreamFailure(errors))
        else resolve({ done: true, value: undefined })
      }
      if (this.#end) this.#settle()
    })
  }

  /**
   * The client has left. What is pending stays so and is forgotten: graphql-ws would go on to complete whatever stream has the
   * same id by then, and the client may have used it again.
   */
  async return(): Promise<IteratorResult<never, undefined>> {
    this.#settle = null
    this.#finish({ errors: null })
    this.#stream.close()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator]() {
    return this
  }

  #finish(end: End): void {
    if (this.#end) return
    this.#end = end
    this.#wire.detach(this)
    this.#settle?.()
  }
}
