const headEnd = Buffer.from('\r\n\r\n')
const lineEnd = Buffer.from('\r\n')

type Reader = {
  /** Whether the bodies of messages are wanted; else only their lengths are. Asked at the start of each. */
  keepsBody(): boolean
  /** `head` is the first line and the headers; `body` its bytes, one character each, or empty. */
  onMessage(head: string, length: number, body: string): void
}

/**
 * Reads HTTP/1.1 messages with bodies, requests or responses, from the bytes of a connection. It takes what well-behaved
 * programs send and nothing else, so that it costs as little as can be beside what is measured.
 */
export function createReader({ keepsBody, onMessage }: Reader): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0)
  let state: 'head' | 'body' | 'chunk size' | 'chunk' | 'chunk end' | 'trailer' = 'head'
  let head = ''
  let left = 0
  let length = 0
  let keeps = false
  let body = ''

  return (chunk) => {
    const data = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk
    let at = 0
    while (at < data.length) {
      const next = step(data, at)
      if (next === at) break
      at = next
    }
    pending = at < data.length ? Buffer.from(data.subarray(at)) : Buffer.alloc(0)
  }

  /** Reads one part, and gives where the next begins; `at` when it is not all there yet. */
  function step(data: Buffer, at: number): number {
    if (state === 'head') {
      const end = data.indexOf(headEnd, at)
      return end < 0 ? at : begin(data.toString('latin1', at, end), end + headEnd.length)
    }
    if (state === 'body' || state === 'chunk') return take(data, at)
    const end = data.indexOf(lineEnd, at)
    if (end < 0) return at
    if (state === 'chunk end') state = 'chunk size'
    else if (state === 'trailer') finish()
    else {
      left = Number.parseInt(data.toString('latin1', at, end), 16)
      state = left === 0 ? 'trailer' : 'chunk'
    }
    return end + lineEnd.length
  }

  function begin(text: string, next: number): number {
    head = text
    length = 0
    body = ''
    keeps = keepsBody()
    const stated = /\r\ncontent-length: *(\d+)/i.exec(head)
    left = Number(stated?.[1] ?? 0)
    state = stated ? 'body' : /\r\ntransfer-encoding: *chunked/i.test(head) ? 'chunk size' : 'body'
    if (state === 'body' && left === 0) finish()
    return next
  }

  function take(data: Buffer, at: number): number {
    const end = Math.min(data.length, at + left)
    if (keeps) body += data.toString('latin1', at, end)
    length += end - at
    left -= end - at
    if (left === 0) {
      if (state === 'chunk') state = 'chunk end'
      else finish()
    }
    return end
  }

  function finish(): void {
    state = 'head'
    onMessage(head, length, body)
  }
}
