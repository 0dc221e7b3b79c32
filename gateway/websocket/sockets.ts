import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { GatewayConfig } from '../../platform/config.ts'
import type { Logger } from '../../platform/logger.ts'
import type { AddressOf } from '../access/address.ts'
import type { Budget } from '../access/budget.ts'
import type { Authenticator } from '../access/credentials.ts'
import { isOwnOrigin } from '../access/cross-site.ts'
import type { createSocketQuota } from '../access/socket-quota.ts'
import type { TrustedByApi } from '../documents/trusted.ts'
import type { Sessions } from '../live/sessions.ts'
import type { Streams } from '../live/streams.ts'
import { createKeepAlive } from './keep-alive.ts'
import { type Connection, createSocketProtocol, GOING_AWAY, TRY_AGAIN_LATER } from './socket-protocol.ts'
import { socketTransport } from './socket-transport.ts'
import { SocketWire } from './socket-wire.ts'

const CLOSE = 2_000 // ms that clients have to answer a close

type Options = {
  config: Pick<GatewayConfig, 'origins' | 'limits'>
  authenticator: Authenticator
  addressOf: AddressOf
  budget: Budget
  quota: ReturnType<typeof createSocketQuota>
  trusted: TrustedByApi
  streams: Pick<Streams, 'prepare'>
  sessions: Sessions
  now: () => Date
  logger: Logger
  /** How often a socket is asked whether anyone is there, in ms. */
  ping?: number
}

/** Serves subscriptions as graphql-transport-ws at /graphql. `close` tells clients to go elsewhere. */
export function openSockets(server: Server, options: Options): { close(): Promise<void> } {
  const { config, addressOf, quota, logger } = options
  const { subscriptionsPerSocket } = config.limits
  const graphql = createSocketProtocol({ ...options, subscriptionsPerSocket })
  const keepAlive = createKeepAlive(options.ping)
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols,
    maxPayload: 64 * 1024, // bytes
    maxFragments: 64,
    // Of messages that come at once each is dealt with before the next: graphql-ws does not tell two with one id apart.
    allowSynchronousEvents: false,
    perMessageDeflate: false,
    verifyClient({ origin, req }: { origin?: string; req: IncomingMessage }, answer) {
      // Programs send no origin; pages of other sites may not open sockets with this one.
      if (origin !== undefined && !isOwnOrigin(origin, req.headers.host, config.origins))
        return answer(false, 403)
      if (quota.isFull(addressOf(req) ?? '')) return answer(false, 429)
      answer(true)
    },
  })
  const upgrade = (request: IncomingMessage, tcp: Duplex, head: Buffer) => {
    const [path] = (request.url ?? '').split('?')
    if (path !== '/graphql') return refuse(tcp)
    sockets.handleUpgrade(request, tcp, head, (socket) => serve(socket, tcp, request))
  }
  server.on('upgrade', upgrade)

  function serve(socket: WebSocket, tcp: Duplex, request: IncomingMessage): void {
    socket.on('error', logError)
    const address = addressOf(request)
    const place = quota.enter(address ?? '')
    if (!place) {
      socket.close(TRY_AGAIN_LATER, 'Too many connections')
      return
    }
    const connection: Connection = {
      socket,
      wire: new SocketWire(socket, tcp),
      address,
      place,
      requestId: randomUUID(),
      who: { request },
      cleanups: [place.release, keepAlive.watch(socket)],
    }
    const closed = graphql.opened(socketTransport(socket, logger), connection)
    socket.once('close', (code, reason) => {
      for (const clean of connection.cleanups) clean()
      closed(code, String(reason)).catch((error) =>
        logger.error({ error: String(error) }, 'a socket did not close well'),
      )
    })
  }

  function logError(error: Error): void {
    logger.debug({ error: error.message }, 'a socket broke a rule or was lost')
  }

  return {
    async close() {
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Going away')
      const timer = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
      }, CLOSE)
      await new Promise((resolve) => sockets.close(resolve))
      clearTimeout(timer)
      keepAlive.close()
      server.off('upgrade', upgrade)
    },
  }
}

/** Answers an upgrade where there is nothing. */
function refuse(tcp: Duplex): void {
  tcp.on('error', () => tcp.destroy())
  tcp.once('finish', () => tcp.destroy())
  tcp.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}
