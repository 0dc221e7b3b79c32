import { badUserInput, unauthenticated, unavailable } from '../../platform/errors.ts'
import type { Caller, Identity } from '../../platform/identity.ts'
import { wantsReport } from '../access/cost-report.ts'
import type { Credentials } from '../access/credentials.ts'
import type { createSocketQuota, SocketPlace } from '../access/socket-quota.ts'
import { withCostInFirstFrame } from '../live/first-frame.ts'
import { lease } from '../live/lease.ts'
import type { Subscription } from '../live/outlet.ts'
import type { Sessions } from '../live/sessions.ts'
import type { PreparedStream } from '../live/streams.ts'
import { type Carried, carry } from './carry.ts'
import { eventStream } from './event-stream.ts'
import { multipartStream } from './multipart-stream.ts'
import type { createReplies, Exchange } from './reply.ts'
import { badRequest, RequestError } from './request-error.ts'

/** What a subscription may be sent with: as much as a message over WebSocket. */
const LONGEST_BODY = 64 * 1024 // bytes

const times = {
  /**
   * How often readers are told that a stream goes on. It is also how one who has vanished is found out, once the kernel gives
   * up sending: its own probes would not tell, since none is sent while anything waits to be acknowledged.
   */
  heartbeat: { sse: 12_000, multipart: 5_000 }, // ms
  /** After how long a reader who takes nothing is given up. */
  patience: 24_000, // ms
}

const protocols = { sse: eventStream, multipart: multipartStream }

/** What streams are made of, beside the requests for them. */
export type Live = {
  streams: { prepare(subscription: Subscription, identity: Identity): Pick<PreparedStream, 'open' | 'price'> }
  /** Places for streams, which are those for sockets. */
  quota: ReturnType<typeof createSocketQuota>
  sessions: Sessions
  now: () => Date
  /** What tests set, since it is too long to wait for. */
  times?: typeof times
}

/** A subscription that came over HTTP and was found to be in order. */
type Request = {
  subscription: Subscription
  /** How long the body was that it came in, in bytes. */
  length: number
  credentials: Credentials
  caller: Caller
}

/** Serves subscriptions over HTTP, as streams that go on after their request: each holds a place as a socket does. */
export function createHttpStreams(live: Live, replies: ReturnType<typeof createReplies>) {
  const { streams, quota, sessions, now } = live
  const { heartbeat, patience } = live.times ?? times
  const carried = new Set<Carried>()
  let isEnded = false

  return {
    /** Throws RequestError, GraphQLError or InvalidOperationError for what does not begin. */
    serve(exchange: Exchange, { subscription, length, credentials, caller }: Request): void {
      const { request, response, accepted } = exchange
      const carrier = accepted.stream
      if (!carrier) throw badUserInput(ways)
      if (length > LONGEST_BODY) {
        throw badRequest(`The body of a subscription may have ${LONGEST_BODY} bytes at most.`, 413)
      }
      const prepared = streams.prepare(subscription, caller.identity)
      const open = wantsReport(subscription.extensions, request.headers)
        ? withCostInFirstFrame(prepared.open, prepared.price, exchange.account?.limit ?? null)
        : prepared.open
      const protocol = protocols[carrier]
      if (request.method === 'HEAD') return void replies.stream(exchange, protocol.contentType).end()
      // As at the end of those that are there: whoever is answered with a status may not come back.
      if (isEnded) request.socket.destroy()
      if (response.destroyed || request.socket.destroyed) return
      const place = takePlace(caller)

      replies.stream(exchange, protocol.contentType)
      const onClose = () => {
        carried.delete(stream)
        letGo()
        place.release()
      }
      const stream = carry(exchange, { carrier, protocol, heartbeat: heartbeat[carrier], patience, caller, open, onClose }) // biome-ignore format: one call
      carried.add(stream)
      const letGo = lease(credentials, { sessions, now, end: () => stream.fail([expired]) })
    },

    /** Ends all streams as a lost connection does, so that their readers come back elsewhere; and lets none begin. */
    end(): void {
      isEnded = true
      for (const stream of carried) stream.drop()
    },
  }

  function takePlace({ identity, address = '' }: Caller): SocketPlace {
    const place = quota.enter(address)
    if (place?.claim(identity)) return place
    place?.release()
    throw new RequestError(429, [unavailable(full).toJSON()])
  }
}

const ways =
  'Subscriptions are served at this address over WebSocket, as graphql-transport-ws; over HTTP as server-sent events, to who accepts text/event-stream; and in parts, to who accepts multipart/mixed;subscriptionSpec="1.0".'

const full = 'As many streams are open as one may have. Close one, or try again later.'

const expired = unauthenticated(
  'The access token or API key is valid no longer: it expired, or was withdrawn.',
).toJSON()
