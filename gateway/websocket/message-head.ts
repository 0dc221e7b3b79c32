const TEXT = 0x81 // a text, whole in this frame

/**
 * How a WebSocket frame begins whose payload is a text in two parts, of which the first is always the same. Only the
 * length is written anew. A class, since there are tens of thousands.
 */
export class MessageHead {
  readonly #first: string
  #bytes: Buffer
  /** Of the header, of which there are three. */
  #headerLength = 0

  constructor(first: string) {
    this.#first = first
    this.#bytes = Buffer.from(first)
  }

  /** What goes before a second part of so many bytes. Good until it is called again. */
  before(length: number): Buffer {
    const payload = this.#bytes.length - this.#headerLength + length
    const headerLength = payload < 126 ? 2 : payload < 65_536 ? 4 : 10
    if (headerLength !== this.#headerLength) this.#begin(headerLength)
    if (headerLength === 2) this.#bytes[1] = payload
    else if (headerLength === 4) this.#bytes.writeUInt16BE(payload, 2)
    else this.#bytes.writeUIntBE(payload, 4, 6)
    return this.#bytes
  }

  #begin(headerLength: number): void {
    const header = Buffer.alloc(headerLength)
    header[0] = TEXT
    header[1] = headerLength === 4 ? 126 : 127
    this.#bytes = Buffer.concat([header, Buffer.from(this.#first)])
    this.#headerLength = headerLength
  }
}
