import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Account } from '../access/account.ts'
import type { Answer } from './answer.ts'
import { refusalOf } from './answer.ts'
import { eventsOf } from './event-stream.ts'
import {
  type Acceptable,
  acceptable,
  EVENT_STREAM,
  GRAPHQL_RESPONSE,
  MULTIPART_RESPONSE,
} from './media-types.ts'
import type { RequestError } from './request-error.ts'
import { createResponseHeaders } from './response-headers.ts'

/** A request that is to be answered. */
export type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Under which it is logged, here and in subgraphs. */
  readonly id: string
  /** What its client takes: anything, until its Accept header was read. */
  accepted: Acceptable
  /** Whose budget it is counted on: none, until that was found out. */
  account: Account | undefined
}

/** Some of what was asked for is missing, for whoever does not read bodies (GraphQL over HTTP, "Partial success"). */
const PARTIAL = 294

const anything = acceptable(undefined) as Acceptable // there is something

/** Answers with the status and the headers that GraphQL over HTTP wants. */
export function createReplies({
  origins,
  isStopping,
}: {
  origins: readonly string[]
  isStopping: () => boolean
}) {
  const headersFor = createResponseHeaders(origins)

  return {
    begin: (request: IncomingMessage, response: ServerResponse, id: string): Exchange => ({
      request,
      response,
      id,
      accepted: anything,
      account: undefined,
    }),

    send(exchange: Exchange, answer: Answer): void {
      if (exchange.accepted.events) sendEvents(exchange, answer)
      else end(exchange, answer, statusOf(answer, exchange.accepted))
    },

    refuse(exchange: Exchange, error: RequestError): void {
      if (exchange.response.headersSent) return void exchange.response.destroy()
      const { events, isLegacy } = exchange.accepted
      const answer = refusalOf(error.errors)
      const status = error.isOfDocument && isLegacy ? 200 : error.status
      if (events && isOfOperation(error)) sendEvents(exchange, answer)
      else end(exchange, answer, status, error.headers)
    },

    /** Begins an answer of several parts, and gives what they are written to. */
    parts(exchange: Exchange): ServerResponse {
      return exchange.response.writeHead(200, head(exchange, MULTIPART_RESPONSE))
    },

    /** Begins an answer without a foreseeable end, which proxies are asked not to wait for. */
    stream(exchange: Exchange, type: string): ServerResponse {
      return exchange.response.writeHead(200, [...head(exchange, type), 'x-accel-buffering', 'no'])
    },
  }

  function sendEvents(exchange: Exchange, { body }: Answer): void {
    write(exchange, eventsOf(body.toString()), 200, EVENT_STREAM)
  }

  function end(exchange: Exchange, { body }: Answer, status: number, more?: readonly string[]): void {
    write(exchange, body, status, status < 300 ? exchange.accepted.success : GRAPHQL_RESPONSE, more)
  }

  function write(
    exchange: Exchange,
    body: Buffer,
    status: number,
    type: string,
    more: readonly string[] = [],
  ): void {
    const headers = head(exchange, type)
    headers.push('content-length', String(body.length), ...more)
    exchange.response.writeHead(status, headers)
    exchange.response.end(body)
  }

  function head({ request, id, account }: Exchange, type: string): string[] {
    const headers = [...headersFor(request.headers.origin), 'x-request-id', id, 'content-type', type]
    if (account) headers.push(...account.headers())
    // A connection is kept open for a next request otherwise, which somebody else has to take.
    if (isStopping()) headers.push('connection', 'close')
    return headers
  }
}

/** Clients that know application/json alone take a body for GraphQL only under a status of 200. */
function statusOf({ outcome }: Answer, { success, isLegacy }: Acceptable): number {
  if (outcome === 'refused') return isLegacy ? 200 : 400
  return outcome === 'partial' && success === GRAPHQL_RESPONSE ? PARTIAL : 200
}

/**
 * Whether it is the operation that is refused, and not the request: who reads server-sent events is told of that in one,
 * as the protocol has it, since a browser shows nothing of an answer with another status.
 */
function isOfOperation({ status, errors }: RequestError): boolean {
  return status <= 400 && errors.every(({ extensions }) => extensions?.code !== 'BAD_REQUEST')
}
