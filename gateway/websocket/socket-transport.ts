import { CloseCode, type WebSocket as ProtocolSocket } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { describeError } from '../../platform/describe-error.ts'
import type { Logger } from '../../platform/logger.ts'

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
        handle(String(message)).catch((error: unknown) => {
          logger.error({ error: describeError(error) }, 'a message was not handled')
          socket.close(CloseCode.InternalServerError, 'Internal server error')
        })
      }),
  }
}

function boundBacklog(this: WebSocket): void {
  if (this.bufferedAmount > BACKLOG) this.terminate()
}
