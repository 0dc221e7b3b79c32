import { CloseCode, type WebSocket as ProtocolSocket } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { Logger } from '../../platform/logger.ts'

/** How often a socket is asked whether anyone is there. */
const PING = 12_000 // ms

/** How much may wait for a reader who goes on asking. */
const BACKLOG = 8_000_000 // bytes

/** A socket as the protocol wants it. One whose other end asks without reading the answers is ended. */
export function transport(socket: WebSocket, logger: Logger): ProtocolSocket {
  const boundBacklog = () => {
    if (socket.bufferedAmount > BACKLOG) socket.terminate()
  }
  socket.on('ping', boundBacklog)
  socket.on('message', boundBacklog)
  return {
    protocol: socket.protocol,
    // Waiting until it is written out is what keeps a slow reader from filling memory: there is no second frame before.
    send: (data) =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) resolve()
        else socket.send(data, () => resolve())
      }),
    close: (code, reason) => socket.close(code, reason),
    onMessage: (handle) =>
      socket.on('message', (message) => {
        handle(String(message)).catch((error: unknown) => {
          logger.error(
            { error: error instanceof Error ? error.stack : String(error) },
            'a message was not handled',
          )
          socket.close(CloseCode.InternalServerError, 'Internal server error')
        })
      }),
  }
}

/** Ends a socket when nobody answers at its other end. Returns what stops asking. */
export function keepAlive(socket: WebSocket): () => void {
  let answered = true
  socket.on('pong', () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, PING)
  return () => clearInterval(timer)
}
