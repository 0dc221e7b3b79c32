/** What a protocol makes of a result (the JSON text of an ExecutionResult) that is the same for all of its readers. */
export type Encoding<Encoded = Buffer> = (result: string) => Encoded

/** A whole result, serialized once, whose bytes all of its readers get. */
export class Frame {
  /** The JSON text of an ExecutionResult. */
  readonly result: string
  /** When what it shows changed, in ms since 1970; null where that is not known, or it shows no change. */
  readonly changedAt: number | null
  #encoded = new Map<Encoding<unknown>, unknown>()

  constructor(result: string, changedAt: number | null = null) {
    this.result = result
    this.changedAt = changedAt
  }

  /** What one protocol makes of it, made when it is first wanted. */
  as<Encoded>(encoding: Encoding<Encoded>): Encoded {
    const known = this.#encoded.get(encoding)
    if (known !== undefined) return known as Encoded // what this very encoding gave
    const encoded = encoding(this.result)
    this.#encoded.set(encoding, encoded)
    return encoded
  }
}
