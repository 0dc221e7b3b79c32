import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { SharedMessage } from './shared-message.ts'

const NOTHING = Buffer.alloc(0)

/** What wants to know when a wire is free again. */
export type Waiting = { drained(): void }

/**
 * The TCP connection under a WebSocket, where finished WebSocket frames are written without passing ws. They stay whole, since
 * ws also writes its own in one go: its sender (ws/lib/sender.js) only puts them off while it compresses or reads a
 * Blob, and neither happens here. A class, since there are tens of thousands.
 */
export class SocketWire {
  readonly #socket: WebSocket
  readonly #tcp: Duplex
  /** Whose turn is next comes first. */
  readonly #waiting: Waiting[] = []
  #isAwaited = false

  constructor(socket: WebSocket, tcp: Duplex) {
    this.#socket = socket
    this.#tcp = tcp
  }

  attach(waiting: Waiting): void {
    this.#waiting.push(waiting)
  }

  detach(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting)
    if (index !== -1) this.#waiting.splice(index, 1)
  }

  /** Whether anything that was written, by whomever, has not left yet. Who is told so hears of it once it has. */
  isBusy(): boolean {
    if (this.#tcp.writableLength === 0) return false
    this.#awaitFree()
    return true
  }

  /** Writes a WebSocket frame: its beginning, which must not change while the wire is busy, and what all readers have in common. */
  write(beginning: Buffer, message: SharedMessage): void {
    const { readyState, OPEN } = this.#socket
    if (readyState !== OPEN) return // nothing may follow the closing frame
    const piece = message.after(beginning)
    if (piece) this.#tcp.write(piece)
    else this.#writeBoth(beginning, message.rest)
    if (this.#tcp.writableLength === 0) return
    if (piece) message.leave()
    this.#awaitFree()
  }

  #writeBoth(beginning: Buffer, rest: Buffer): void {
    this.#tcp.cork()
    this.#tcp.write(beginning)
    this.#tcp.write(rest)
    this.#tcp.uncork()
  }

  #awaitFree(): void {
    if (this.#isAwaited) return
    this.#isAwaited = true
    // It comes after all that waits, and the event "drain" only after 64 kB.
    this.#tcp.write(NOTHING, (error) => {
      this.#isAwaited = false
      if (!error) void this.#takeTurns()
    })
  }

  /** Tells all in turn, until one of them makes the wire busy; then it is the next one's turn. */
  async #takeTurns(): Promise<void> {
    for (let left = this.#waiting.length; left > 0 && !this.isBusy(); left--) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#waiting.push(next)
      next.drained()
      await null // who awaits its turn in a promise writes now
    }
  }
}
