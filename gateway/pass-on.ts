import type { IncomingHttpHeaders } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { GraphQLFormattedError } from 'graphql'
import { Agent, request as send } from 'undici'
import { describeError } from '../platform/describe-error.ts'
import { unavailable } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { AddressOf } from './access/address.ts'
import type { Budget } from './access/budget.ts'
import { countRequest } from './http/count-request.ts'
import { inPairs } from './http/in-pairs.ts'
import { refusedRequest } from './http/refused-request.ts'

type Method = 'GET' | 'HEAD' | 'PUT'

type Options = {
  /** As Fastify has it, such as /files/*. */
  path: string
  methods: Method[]
  /** The origin of who answers; undefined: there is nobody, and nothing here. */
  to: () => string | undefined
  /** Most that a body may have, in bytes. */
  bodyLimit: number
  /** Each request is counted on the files of its address. */
  addressOf: AddressOf
  budget: Pick<Budget, 'filesAt'>
  logger: Logger
}

/** Longest that one request is passed on, its body and its answer included. */
const LIMIT = 600_000 // ms

/** How many requests are passed on at once; others wait. */
const CONNECTIONS = 200

const timeouts = {
  connect: { timeout: 5_000 }, // ms
  headersTimeout: 10_000, // ms, from the last byte that was sent
  bodyTimeout: 30_000, // ms, between bytes
}

/**
 * Passes requests for a path on to who serves it, so that clients know one origin alone. Bodies are streamed. Nothing
 * of who asks goes along: neither credentials nor the gateway's own headers.
 */
export function passOn(app: FastifyInstance, options: Options): void {
  const { path, methods, to, bodyLimit, addressOf, budget, logger } = options
  const agent = new Agent({ ...timeouts, connections: CONNECTIONS })
  app.addHook('onClose', () => agent.close())

  // In a scope of its own: here a body is bytes of whatever type.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_, payload, done) => done(null, payload))
    scope.options(path, { config: { cors: { methods } } }, (_, reply) => reply.callNotFound())
    scope.route({ method: methods, url: path, exposeHeadRoute: false, handler: pass })
  })

  async function pass(request: FastifyRequest, reply: FastifyReply) {
    const origin = to()
    if (origin === undefined || !isPlainPath(request.url, origin)) return reply.callNotFound()
    const body = request.body as Readable | undefined // as the parser above leaves it
    const fault = faultOfLength(request.headers, bodyLimit)
    if (fault)
      return refuse(reply, fault.status, { message: fault.message, extensions: { code: 'BAD_REQUEST' } })
    try {
      await countRequest(budget.filesAt(addressOf(request.raw)), reply)
    } catch (error) {
      const { status, errors, headers } = refusedRequest(error, { logger, requestId: request.id })
      return reply.code(status).headers(inPairs(headers)).send({ errors })
    }
    try {
      const answer = await send(`${origin}${request.url}`, {
        dispatcher: agent,
        method: request.method as Method, // of the route's
        headers: headersOf(request.headers),
        body: body ? sparing(body) : null,
        signal: AbortSignal.timeout(LIMIT),
      })
      if (answer.statusCode >= 500) {
        await answer.body.dump()
        return refuse(reply, 503, unavailable())
      }
      reply.code(answer.statusCode).headers(withoutHops(answer.headers))
      if (request.method !== 'HEAD') return reply.send(answer.body)
      await answer.body.dump()
      return reply.send()
    } catch (error) {
      logger.warn({ path, error: describeError(error) }, 'a request could not be passed on')
      return refuse(reply, 503, unavailable())
    }
  }
}

/** Whether a URL is the path that it was routed by, and no other place or path to whoever reads it more kindly. */
function isPlainPath(url: string, origin: string): boolean {
  if (!url.startsWith('/') || !URL.canParse(url, origin)) return false
  const { origin: place, pathname, search } = new URL(url, origin)
  return place === origin && `${pathname}${search}` === url
}

/** Of a body whose length is not known beforehand, nobody could say that it is too long. */
function faultOfLength(headers: IncomingHttpHeaders, limit: number) {
  if (headers['transfer-encoding'] !== undefined) {
    return { status: 411, message: 'The content-length must be said.' }
  }
  const isTooLong = Number(headers['content-length'] ?? 0) > limit
  return isTooLong ? { status: 413, message: `The body may have ${limit} bytes at most.` } : null
}

function headersOf(headers: IncomingHttpHeaders): Record<string, string> {
  const passed = ['accept', 'content-type', 'content-length', 'if-none-match', 'if-modified-since'] as const
  return Object.fromEntries(passed.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])))
}

/** What is between two neighbours on the way alone. */
const hops = ['connection', 'keep-alive', 'proxy-authenticate', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'date'] // biome-ignore format: one list

function withoutHops(headers: Record<string, string | string[] | undefined>) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hops.includes(name)))
}

/**
 * A body whose rest is read and thrown away when it is refused before its end: whoever sends it reads the answer
 * then, which they could not over a connection that is cut off.
 */
function sparing(body: Readable): Readable {
  const copy = new PassThrough()
  body.pipe(copy)
  body.once('close', () => body.readableEnded || copy.destroy())
  copy.once('close', () => body.resume())
  return copy
}

function refuse(reply: FastifyReply, status: number, error: GraphQLFormattedError) {
  return reply.code(status).send({ errors: [error] })
}
