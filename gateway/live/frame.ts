/** How a protocol writes a result (the JSON text of an ExecutionResult), as far as it is the same for all of its readers. */
export type Encoding = (result: string) => Buffer

/** A whole result, serialized once, whose bytes all of its readers get. */
export class Frame {
  /** The JSON text of an ExecutionResult. */
  readonly result: string
  /** When what it shows changed, in ms since 1970; null where that is not known, or it shows no change. */
  readonly changedAt: number | null
  #encoded = new Map<Encoding, Buffer>()

  constructor(result: string, changedAt: number | null = null) {
    this.result = result
    this.changedAt = changedAt
  }

  /** Its bytes in one protocol, made when they are first wanted. */
  as(encoding: Encoding): Buffer {
    const known = this.#encoded.get(encoding)
    if (known) return known
    const bytes = encoding(this.result)
    this.#encoded.set(encoding, bytes)
    return bytes
  }
}
