import type { IncomingMessage } from 'node:http'
import { GraphQLError } from 'graphql'
import { makeServer, type SubscribePayload } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { tooComplex, unauthenticated } from '../../platform/errors.ts'
import { anonymous, type Caller, type Identity } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import { apiOf } from '../access/api.ts'
import type { Budget } from '../access/budget.ts'
import { callerOf } from '../access/caller.ts'
import { wantsReport } from '../access/cost-report.ts'
import type { Authenticator } from '../access/credentials.ts'
import { identify } from '../access/identify.ts'
import { socketCredentials } from '../access/socket-credentials.ts'
import type { SocketPlace } from '../access/socket-quota.ts'
import type { TrustedByApi } from '../documents/trusted.ts'
import { badRequest, RequestError } from '../http/request-error.ts'
import { withCostInFirstFrame } from '../live/first-frame.ts'
import { lease } from '../live/lease.ts'
import { refusal } from '../live/refusal.ts'
import type { Sessions } from '../live/sessions.ts'
import type { PreparedStream, Streams } from '../live/streams.ts'
import { SocketOutlet, StreamFailure } from './socket-outlet.ts'
import type { SocketWire } from './socket-wire.ts'

/** Close codes. Clients come back after each of these. */
export const GOING_AWAY = 1001
export const TRY_AGAIN_LATER = 1013
const FORBIDDEN = 4403

const INIT = 3_000 // ms

/** What is known of one socket. */
export type Connection = {
  socket: WebSocket
  wire: SocketWire
  address: string | undefined
  place: SocketPlace
  /** What its operations are logged under. */
  requestId: string
  who: Newcomer | Known
  /** What to do when it closes. */
  cleanups: (() => void)[]
}

/** A socket that has not said yet who it is; its request, of some kilobytes, may tell. */
type Newcomer = { request: IncomingMessage }
type Known = { caller: Caller }

/** graphql-transport-ws, as far as a socket is not told frames. */
export function createSocketProtocol(options: {
  subscriptionsPerSocket: number
  authenticator: Authenticator
  budget: Budget
  trusted: TrustedByApi
  streams: Pick<Streams, 'prepare'>
  sessions: Sessions
  now: () => Date
  logger: Logger
}) {
  const { subscriptionsPerSocket, authenticator, budget, trusted, streams, sessions, now, logger } = options

  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: INIT,
    jsonMessageReviver: withText,

    async onConnect(context) {
      const { connectionParams, extra: connection } = context
      const { socket, who, address, requestId, place, cleanups } = connection
      if ('caller' in who) return false
      Reflect.deleteProperty(context, 'connectionParams') // a token, which would stay as long as the socket
      try {
        const authorization = socketCredentials(connectionParams, who.request)
        const asStranger = () => budget.accountOf({ identity: anonymous, address }).request()
        const credentials = await identify(authenticator, authorization, asStranger)
        if (socket.readyState !== socket.OPEN) return false
        if (!place.claim(credentials.identity)) {
          socket.close(TRY_AGAIN_LATER, 'Too many connections')
          return false
        }
        connection.who = { caller: callerOf(credentials.identity, who.request, { address, requestId }) }
        const end = () => socket.close(FORBIDDEN, 'Forbidden')
        cleanups.push(lease(credentials, { sessions, now, end }))
        return true
      } catch (error) {
        const isRefused = error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED'
        socket.close(isRefused ? FORBIDDEN : TRY_AGAIN_LATER, isRefused ? 'Forbidden' : 'Try again later')
        return false
      }
    },

    async onSubscribe({ subscriptions: open, extra: { who, wire, requestId } }, id, payload) {
      if (!('caller' in who)) return [unauthenticated()]
      if (Object.keys(open).length > subscriptionsPerSocket) {
        return [tooComplex(`A socket may have ${subscriptionsPerSocket} subscriptions at most.`)]
      }
      try {
        const { identity } = who.caller
        const account = budget.accountOf(who.caller)
        await account.request()
        const {
          schema,
          document,
          price,
          open: plain,
        } = streams.prepare({ ...payload, query: textOf(payload, identity) }, identity)
        await account.charge(price.estimated)
        const isReported = wantsReport(payload.extensions)
        const open = isReported ? withCostInFirstFrame(plain, price, account.limit) : plain
        const started: Started = { wire, id, caller: who.caller, open }
        return { schema, document, operationName: payload.operationName, contextValue: started }
      } catch (error) {
        const isRequest = error instanceof RequestError
        const errors = isRequest ? error.errors : refusal(error, { logger, requestId })
        const originalError = new StreamFailure(errors)
        return [new GraphQLError('refused', { originalError })]
      }
    },

    subscribe({ contextValue }) {
      // What onSubscribe, above, made.
      const { wire, ...stream } = contextValue as Started
      return new SocketOutlet(wire, stream)
    },

    onError: ({ extra: { requestId } }, _, __, errors) =>
      errors.flatMap((error) => {
        const { originalError } = error
        return originalError instanceof StreamFailure
          ? originalError.errors
          : refusal(error, { logger, requestId })
      }),
  })

  /** The text of what is subscribed to. Throws RequestError for what does not run. */
  function textOf(
    { query, documentId, extensions }: SubscribePayload & { documentId?: unknown },
    identity: Identity,
  ): string {
    if (documentId != null && typeof documentId !== 'string') throw badRequest('documentId must be a string.')
    const text = trusted[apiOf(identity)].textOf({
      query: query || undefined,
      documentId: documentId ?? undefined,
      extensions,
    })
    if (text === undefined && !query)
      throw badRequest('There must be a query, or the id of a trusted document.')
    return text ?? query
  }
}

/** A message as it is read. graphql-ws wants a text, which a trusted document that is asked for by its id has not. */
function withText(key: string, value: unknown): unknown {
  if (key !== '' || !isMap(value) || value.type !== 'subscribe' || !isMap(value.payload)) return value
  const { documentId, extensions } = value.payload
  const isById = documentId !== undefined || (isMap(extensions) && extensions.persistedQuery !== undefined)
  return isById ? { ...value, payload: { query: '', ...value.payload } } : value
}

const isMap = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Started = Pick<PreparedStream, 'open'> & { wire: SocketWire; id: string; caller: Caller }
