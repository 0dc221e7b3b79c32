import type { Client, Dispatcher } from 'undici'
import { isAnswer } from './is-answer.ts'
import { reasonOf } from './reason.ts'
import { SubgraphError } from './transport.ts'

/** Where an exchange gets its connection from. */
type ConnectionPool = {
  /** One that still waits need not be started any more. */
  forget(exchange: Exchange): void
  /** A connection is free again. */
  leave(client: Client): void
}

type Options = {
  request: Dispatcher.DispatchOptions
  connections: ConnectionPool
  /** From the beginning to the end of the answer, in ms. */
  timeout: number
  /** Called when the connection broke before any answer and the request is sent again; null: it must not be. */
  onRepeat: ((error: Error) => void) | null
  resolve: (text: string) => void
  reject: (error: SubgraphError) => void
}

/** What an established connection says when it breaks. */
const broken: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/**
 * A request and its answer. Handles undici's events in their older form: the newer one is wrapped round it and parses
 * headers that nobody reads, a tenth of what a request costs.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: Options
  readonly #timer: NodeJS.Timeout
  readonly #chunks: Buffer[] = []
  #client: Client | undefined
  /** There while a connection has the request. */
  #abort: (() => void) | undefined
  #isRepeated = false
  #isAnswered = false
  #isOver = false
  #status = 0

  constructor(options: Options) {
    this.#options = options
    this.#timer = setTimeout(expire, options.timeout, this)
  }

  /** Sends the request over a connection that has no other. */
  start(client: Client): void {
    this.#client = client
    this.#abort = undefined
    client.dispatch(this.#options.request, this)
  }

  /** Ends an exchange that has not been started. */
  fail(reason: string): void {
    clearTimeout(this.#timer)
    this.#options.reject(new SubgraphError(reason))
  }

  /** Its time is over. */
  expire(): void {
    const { connections, reject, timeout } = this.#options
    this.#isOver = true
    reject(new SubgraphError(`no answer within ${timeout} ms`))
    if (this.#client) this.#abort?.()
    else connections.forget(this)
  }

  onConnect(abort: () => void): void {
    if (this.#isOver) abort()
    else this.#abort = abort
  }

  onResponseStarted(): void {
    this.#isAnswered = true
  }

  onHeaders(status: number): boolean {
    this.#status = status
    return true
  }

  onData(chunk: Buffer): boolean {
    if (isAnswer(this.#status)) this.#chunks.push(chunk)
    return true
  }

  onComplete(): void {
    clearTimeout(this.#timer)
    if (this.#client) this.#options.connections.leave(this.#client)
    const { resolve, reject } = this.#options
    if (isAnswer(this.#status)) resolve(textOf(this.#chunks))
    else reject(new SubgraphError(`status ${this.#status}`))
  }

  onError(error: Error): void {
    const { connections, onRepeat, reject } = this.#options
    const client = this.#client
    if (client && this.#mayRepeat(error)) {
      this.#isRepeated = true
      onRepeat?.(error)
      afterwards(() => this.start(client))
      return
    }
    clearTimeout(this.#timer)
    if (client) afterwards(() => connections.leave(client))
    reject(new SubgraphError(reasonOf(error)))
  }

  #mayRepeat(error: Error & { code?: unknown }): boolean {
    if (!this.#options.onRepeat || this.#isRepeated || this.#isOver) return false
    return this.#abort !== undefined && !this.#isAnswered && broken.has(error.code)
  }
}

/** A client that tells of an error is in the middle of getting rid of its connection, and takes no request until it has. */
const afterwards = queueMicrotask

const expire = (exchange: Exchange) => exchange.expire()

function textOf(chunks: Buffer[]): string {
  const [first] = chunks
  if (!first) return ''
  const text = (chunks.length === 1 ? first : Buffer.concat(chunks)).toString()
  return text.startsWith('\uFEFF') ? text.slice(1) : text // a byte order mark is not JSON's
}
