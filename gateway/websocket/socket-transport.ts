import { CloseCode, type WebSocket as ProtocolSocket } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { describeError } from '../../platform/describe-error.ts'
import type { Logger } from '../../platform/logger.ts'
import { parseJson } from '../http/json.ts'

/** How much may wait for a reader who goes on asking. */
const BACKLOG = 8_000_000 // bytes

/** A socket as the protocol wants it. One whose other end asks without reading the answers is ended. */
export function socketTransport(socket: WebSocket, logger: Logger): ProtocolSocket {
  socket.on('ping', boundBacklog)
  socket.on('message', boundBacklog)
  return {
    protocol: socket.protocol,
    send(data) {
      if (socket.readyState === socket.OPEN) socket.send(data)
    },
    close: (code, reason) => socket.close(code, reason),
    onMessage: (handle) =>
      socket.on('message', (message) => {
        const text = String(message)
        if (!isOrderly(text)) return socket.close(CloseCode.BadRequest, 'Invalid message received')
        handle(text).catch((error: unknown) => {
          logger.error({ error: describeError(error) }, 'a message was not handled')
          socket.close(CloseCode.InternalServerError, 'Internal server error')
        })
      }),
  }
}

/** Whether a message is JSON, by the rules that bodies over HTTP are read by. */
function isOrderly(text: string): boolean {
  try {
    parseJson(text)
    return true
  } catch {
    return false
  }
}

function boundBacklog(this: WebSocket): void {
  if (this.bufferedAmount > BACKLOG) this.terminate()
}
