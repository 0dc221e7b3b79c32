import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { now } from './clock.ts'

export type Handlers = {
  /** A whole text message, which is good until this returns; `at` is when its last byte was read, in µs. */
  onMessage(data: Buffer, start: number, end: number, at: number): void
  /** It is closed, by whomever. */
  onClose(reason: string): void
}

export type Socket = { send(text: string): void; close(): void }

const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10

/** All sockets of a process read into the same memory, one after the other. */
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024) // bytes
const HEAD_END = '\r\n\r\n'
const NO_MASK = Buffer.alloc(4)

/**
 * A WebSocket that takes what well-behaved servers send and nothing else, so that ten thousand cost as little as can be
 * beside what is measured. Resolves when it is open.
 */
export function openSocket(port: number, path: string, { onMessage, onClose }: Handlers): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  let pending: Buffer | null = null
  let isOpen = false
  let closing = 'the connection was lost'

  const connection = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: { buffer: READ_BUFFER, callback: onRead },
  })
  connection.on('connect', () => connection.write(handshake(port, path)))
  connection.on('error', (error) => {
    closing = error.message
  })
  connection.on('close', () => {
    reject(new Error(closing))
    onClose(closing)
  })
  const socket: Socket = {
    send: (text) => connection.write(frame(TEXT, Buffer.from(text))),
    close: () => connection.resetAndDestroy(),
  }
  return promise

  function onRead(bytes: number): boolean {
    const at = now()
    const data: Buffer = pending ? Buffer.concat([pending, READ_BUFFER.subarray(0, bytes)]) : READ_BUFFER
    const end: number = pending ? data.length : bytes
    const rest = isOpen ? readFrames(data, 0, end, at) : readHead(data, end, at)
    pending = rest < end ? Buffer.from(data.subarray(rest, end)) : null
    return true
  }

  function readHead(data: Buffer, end: number, at: number): number {
    const head = data.toString('latin1', 0, end)
    const length = head.indexOf(HEAD_END)
    if (length < 0) return 0
    if (!head.startsWith('HTTP/1.1 101 ')) {
      connection.destroy(new Error(head.slice(0, head.indexOf('\r\n'))))
      return end
    }
    isOpen = true
    resolve(socket)
    return readFrames(data, length + HEAD_END.length, end, at)
  }

  /** Gives where the first frame begins that is not there whole yet. */
  function readFrames(data: Buffer, from: number, end: number, at: number): number {
    let next = from
    while (end - next >= 2) {
      const opcode = (data[next] as number) & 0x0f
      const short = (data[next + 1] as number) & 0x7f
      const start = next + (short < 126 ? 2 : short === 126 ? 4 : 10)
      if (start > end) break
      const length =
        short < 126 ? short : short === 126 ? data.readUInt16BE(next + 2) : data.readUInt32BE(next + 6)
      if (start + length > end) break
      next = start + length
      if (opcode === TEXT) onMessage(data, start, next, at)
      else if (opcode === PING) connection.write(frame(PONG, data.subarray(start, next)))
      else if (opcode === CLOSE) {
        const code =
          length < 2 ? 'no code' : `${data.readUInt16BE(start)} ${data.toString('utf8', start + 2, next)}`
        connection.destroy(new Error(`closed with ${code}`))
      }
    }
    return next
  }
}

function handshake(port: number, path: string): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
    'sec-websocket-protocol: graphql-transport-ws',
  ]
  return `${lines.join('\r\n')}${HEAD_END}`
}

/** A frame as clients have to send it, masked with zeros, which leave the payload as it is. */
function frame(opcode: number, payload: Buffer): Buffer {
  const size =
    payload.length < 126
      ? Buffer.of(0x80 | payload.length)
      : Buffer.of(0xfe, payload.length >> 8, payload.length & 0xff)
  return Buffer.concat([Buffer.of(0x80 | opcode), size, NO_MASK, payload])
}
