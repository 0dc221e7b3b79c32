import { randomUUID } from 'node:crypto'
import { createServer, type ServerOptions } from 'node:http'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import Fastify, { type FastifyInstance } from 'fastify'
import type { GatewayConfig } from '../platform/config.ts'
import type { Logger } from '../platform/logger.ts'
import { maskError } from '../platform/mask-errors.ts'
import type { AddressOf } from './access/address.ts'
import type { Api } from './access/api.ts'
import type { Budget } from './access/budget.ts'
import type { Authenticator } from './access/credentials.ts'
import type { TrustedByApi } from './documents/trusted.ts'
import type { Engine } from './execution/engine.ts'
import { createFront } from './http/front.ts'
import { crossOrigin } from './http/response-headers.ts'
import type { Live } from './http/streams.ts'

const timeouts: ServerOptions = {
  requestTimeout: 30_000, // ms, until a request has come in whole
  keepAliveTimeout: 72_000, // ms, of a connection without a request
}

type Options = {
  config: GatewayConfig
  /** What runs operations of callers who see this; another one once the supergraph is another one. */
  engine: (api: Api) => Engine
  authenticator: Authenticator
  addressOf: AddressOf
  budget: Budget
  trusted: TrustedByApi
  live: Live
  logger: Logger
  /** What tests set, since it is too long to wait for. */
  timeouts?: ServerOptions
}

/**
 * Serves operations at /graphql, which is the front's alone, and whatever is mounted beside it by Fastify. `close` lets
 * requests in flight finish and ends streams.
 */
export async function openServer(
  options: Options,
): Promise<{ app: FastifyInstance; close(): Promise<void> }> {
  const { config, logger } = options
  let isStopping = false
  const front = await createFront({ ...options, isStopping: () => isStopping })
  const app = Fastify({
    serverFactory: (others) =>
      createServer({ ...timeouts, ...options.timeouts }, (request, response) => {
        if (!front.handle(request, response)) others(request, response)
      }),
    bodyLimit: config.limits.bodyBytes,
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    // It answers an address that cannot be decoded in words of its own otherwise.
    frameworkErrors(_, { id }, { raw }) {
      raw.writeHead(404, { 'x-request-id': id, 'content-type': 'application/json; charset=utf-8' })
      raw.end(JSON.stringify(nothingHere))
    },
  })
  app.addHook('preClose', async () => {
    isStopping = true
    front.endStreams()
  })
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id))
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    const code = status < 500 ? 'BAD_REQUEST' : undefined
    const masked = maskError({ message: error.message, extensions: { code } }, error, { logger, requestId: request.id }) // biome-ignore format: one call
    return reply.code(status).send({ errors: [masked] })
  })
  app.setNotFoundHandler((_, reply) => reply.code(404).send(nothingHere))
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } }, // biome-ignore format: one policy
  })
  await app.register(cors, {
    origin: config.origins.length > 0 ? config.origins : false,
    ...crossOrigin,
  })
  return {
    app,
    async close() {
      await app.close()
      await front.close()
    },
  }
}

const nothingHere = { errors: [{ message: 'There is nothing here.', extensions: { code: 'NOT_FOUND' } }] }
