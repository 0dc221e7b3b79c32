import type { WebSocket } from 'ws'

/** How often a socket is asked whether anyone is there. */
const PING = 12_000 // ms

/** Sockets take turns in so many groups: ten thousand pings at once would hold up the frames. */
const TURNS = 48

export type KeepAlive = {
  /** Asks a socket from now on. Returns what stops asking. */
  watch(socket: WebSocket): () => void
  close(): void
}

/**
 * Pings sockets every so often (`every`, in ms), and ends those at whose other end nobody has answered until the next time. What
 * waits to be sent goes before the ping, so a reader who takes nothing in for that long is ended, too.
 */
export function createKeepAlive(every = PING): KeepAlive {
  /** Whether each has answered. */
  const turns = Array.from({ length: TURNS }, () => new Map<WebSocket, boolean>())
  let asking = 0
  let assigned = 0
  const timer = setInterval(() => {
    const sockets = turns[asking++ % TURNS]
    for (const [socket, hasAnswered] of sockets ?? []) {
      if (!hasAnswered) socket.terminate()
      else {
        sockets?.set(socket, false)
        socket.ping()
      }
    }
  }, every / TURNS)

  return {
    watch(socket) {
      const sockets = turns[assigned++ % TURNS]
      sockets?.set(socket, true)
      socket.on('pong', () => sockets?.set(socket, true))
      return () => sockets?.delete(socket)
    },
    close: () => clearInterval(timer),
  }
}
