import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import { GraphQLError } from 'graphql'
import { handleProtocols, makeServer } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { GatewayConfig } from '../../platform/config.ts'
import { tooComplex, unauthenticated } from '../../platform/errors.ts'
import type { Identity } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import { maskErrors, maskGraphQLError } from '../../platform/mask-errors.ts'
import type { AddressOf } from '../access/address.ts'
import { SKEW } from '../access/authenticate.ts'
import { callerOf } from '../access/caller.ts'
import type { Authenticator } from '../access/credentials.ts'
import { isOwnOrigin } from '../access/cross-site.ts'
import { socketCredentials } from '../access/socket-credentials.ts'
import { createSocketQuota, type SocketPlace } from '../access/socket-quota.ts'
import { InvalidOperationError } from '../execution/invalid-operation.ts'
import type { Sessions } from './sessions.ts'
import { type createSubscriptions, type PreparedSubscription, StreamError } from './subscriptions.ts'
import { keepAlive, transport } from './transport.ts'

const INIT = 3_000 // ms
const CLOSE = 2_000 // ms that clients have to answer a close
const LONGEST_TIMER = 2 ** 31 - 1 // ms; beyond it a timer fires at once

/** Close codes. Clients come back after each of these. */
const GOING_AWAY = 1001
const TRY_AGAIN_LATER = 1013
const FORBIDDEN = 4403

type Options = {
  config: GatewayConfig
  authenticator: Authenticator
  addressOf: AddressOf
  subscriptions: Pick<ReturnType<typeof createSubscriptions>, 'prepare'>
  sessions: Sessions
  now: () => Date
  logger: Logger
}

/** What is known of one socket. */
type Connection = {
  socket: WebSocket
  request: IncomingMessage
  address: string | undefined
  place: SocketPlace
  /** What its operations are logged under. */
  requestId: string
  identity?: Identity
  /** What to do when it closes. */
  cleanups: (() => void)[]
}

/** Serves subscriptions as graphql-transport-ws at /graphql. `close` tells clients to go elsewhere. */
export function openSockets(server: Server, options: Options): { close(): Promise<void> } {
  const { config, addressOf, logger } = options
  const quota = createSocketQuota(config.limits)
  const graphql = createProtocol(options)
  const sockets = new WebSocketServer({
    server,
    path: '/graphql',
    handleProtocols,
    maxPayload: 64 * 1024, // bytes
    maxFragments: 64,
    perMessageDeflate: false,
    verifyClient({ origin, req }: { origin?: string; req: IncomingMessage }, answer) {
      // Programs send no origin; pages of other sites may not open sockets with this one.
      if (origin !== undefined && !isOwnOrigin(origin, req.headers.host, config.origins))
        return answer(false, 403)
      if (quota.isFull(addressOf(req) ?? '')) return answer(false, 429)
      answer(true)
    },
  })
  sockets.on('error', () => {}) // the HTTP server's own, such as a port in use, which its `listen` reports
  sockets.on('connection', (socket, request) => {
    const address = addressOf(request)
    const place = quota.enter(address ?? '')
    if (!place) return socket.close(TRY_AGAIN_LATER, 'Too many connections')
    const cleanups = [place.release]
    const connection: Connection = { socket, request, address, place, requestId: randomUUID(), cleanups }
    const closed = graphql.opened(transport(socket, logger), connection)
    connection.cleanups.push(keepAlive(socket))
    socket.on('error', (error) => logger.debug({ error: error.message }, 'a socket broke a rule or was lost'))
    socket.once('close', (code, reason) => {
      for (const clean of connection.cleanups) clean()
      closed(code, String(reason)).catch((error) =>
        logger.error({ error: String(error) }, 'a socket did not close well'),
      )
    })
  })
  return {
    async close() {
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Going away')
      const timer = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
      }, CLOSE)
      await new Promise((resolve) => sockets.close(resolve))
      clearTimeout(timer)
    },
  }
}

function createProtocol({ config, authenticator, subscriptions, sessions, now, logger }: Options) {
  const { subscriptionsPerSocket } = config.limits
  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: INIT,

    async onConnect({ connectionParams, extra: connection }) {
      const { socket, request, place, cleanups } = connection
      try {
        const { identity, expiresAt } = await authenticator.authenticate(
          socketCredentials(connectionParams, request),
        )
        if (socket.readyState !== socket.OPEN) return false
        if (!place.claim(identity)) {
          socket.close(TRY_AGAIN_LATER, 'Too many connections')
          return false
        }
        connection.identity = identity
        const end = () => socket.close(FORBIDDEN, 'Forbidden')
        if (identity.kind === 'person') cleanups.push(sessions.hold(identity, end))
        if (expiresAt) {
          const left = expiresAt.getTime() + SKEW - now().getTime()
          const expiry = setTimeout(end, Math.min(left, LONGEST_TIMER))
          cleanups.push(() => clearTimeout(expiry))
        }
        return true
      } catch (error) {
        const isRefused = error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED'
        socket.close(isRefused ? FORBIDDEN : TRY_AGAIN_LATER, isRefused ? 'Forbidden' : 'Try again later')
        return false
      }
    },

    onSubscribe({ subscriptions: open, extra: { identity, request, address, requestId } }, _, payload) {
      if (!identity) return [unauthenticated()]
      if (Object.keys(open).length > subscriptionsPerSocket) {
        return [tooComplex(`A socket may have ${subscriptionsPerSocket} subscriptions at most.`)]
      }
      try {
        const prepared = subscriptions.prepare(payload)
        const caller = callerOf(identity, request, { address, requestId })
        const { schema, document } = prepared
        return { schema, document, operationName: payload.operationName, contextValue: { prepared, caller } }
      } catch (error) {
        return [...errorsIn(error)]
      }
    },

    subscribe({ contextValue }) {
      // What onSubscribe, above, made.
      const { prepared, caller } = contextValue as Started
      return prepared.open(caller)
    },

    onNext: ({ extra: { requestId } }, _, __, ___, result) =>
      result.errors && { ...result, errors: mask(result.errors, requestId) },

    onError: ({ extra: { requestId } }, _, __, errors) => mask(errors.flatMap(errorsIn), requestId),
  })

  function mask(errors: readonly unknown[], requestId: string) {
    return maskErrors(errors, { logger, requestId }, (error, options) => {
      const [known = new GraphQLError('unexpected')] = errorsIn(error)
      return maskGraphQLError(known, options).toJSON()
    })
  }
}

type Started = { prepared: PreparedSubscription; caller: ReturnType<typeof callerOf> }

/** An error as the GraphQL errors that it stands for. */
function errorsIn(error: unknown): readonly GraphQLError[] {
  if (error instanceof InvalidOperationError || error instanceof StreamError) return error.errors
  if (error instanceof GraphQLError) {
    const { originalError } = error
    return originalError instanceof StreamError ? originalError.errors : [error]
  }
  return [
    new GraphQLError('unexpected', {
      originalError: error instanceof Error ? error : new Error(String(error)),
    }),
  ]
}
