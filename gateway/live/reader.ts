import type { GraphQLFormattedError } from 'graphql'
import type { Caller } from '../../platform/identity.ts'
import type { LiveCounters } from './counters.ts'
import type { Frame } from './frame.ts'
import type { Outlet } from './outlet.ts'

/**
 * One reader of a stream of states. While its outlet is busy the latest frame waits, in the place of the one before: no
 * reader can make the server queue. A class, since there are tens of thousands.
 */
export class Reader {
  readonly caller: Caller
  /** Who is told that this reader has ended. */
  onClose: (reader: Reader) => void = () => {}
  readonly #outlet: Outlet
  readonly #counters: LiveCounters
  #waiting: Frame | null = null
  #isWaitingChange = false
  #isOpen = true

  constructor(caller: Caller, outlet: Outlet, counters: LiveCounters) {
    this.caller = caller
    this.#outlet = outlet
    this.#counters = counters
    counters.readers[outlet.carrier]++
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Shows what there is to who has just come. */
  begin(frame: Frame): void {
    this.#put(frame, false)
  }

  /** Shows what has changed. */
  show(frame: Frame): void {
    this.#put(frame, true)
  }

  /** What was written has left. */
  drained(): void {
    const frame = this.#waiting
    if (!frame || this.#outlet.isBusy()) return
    this.#waiting = null
    this.#write(frame, this.#isWaitingChange)
  }

  fail(errors: readonly GraphQLFormattedError[]): void {
    if (this.#end()) this.#outlet.fail(errors)
  }

  complete(): void {
    if (this.#end()) this.#outlet.complete()
  }

  /** The reader is gone. */
  close(): void {
    this.#end()
  }

  #put(frame: Frame, isChange: boolean): void {
    if (!this.#isOpen) return
    if (!this.#outlet.isBusy()) {
      this.#write(frame, isChange)
      return
    }
    if (this.#waiting) this.#counters.skipped[this.#outlet.carrier]++
    this.#waiting = frame
    this.#isWaitingChange = isChange
  }

  #write(frame: Frame, isChange: boolean): void {
    this.#outlet.write(frame)
    this.#counters.sent[this.#outlet.carrier]++
    if (isChange && frame.changedAt !== null) this.#counters.delays.observe(Date.now() - frame.changedAt)
  }

  #end(): boolean {
    if (!this.#isOpen) return false
    this.#isOpen = false
    this.#waiting = null
    this.#counters.readers[this.#outlet.carrier]--
    this.onClose(this)
    return true
  }
}
