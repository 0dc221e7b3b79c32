import { randomUUID } from 'node:crypto'
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled' // biome-ignore format: one list
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import type { GatewayConfig } from '../platform/config.ts'
import { badUserInput } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import { maskError } from '../platform/mask-errors.ts'
import { requestId } from '../platform/request-id.ts'
import type { AddressOf } from './access/address.ts'
import type { Authenticator } from './access/authenticate.ts'
import { callerOf } from './access/caller.ts'
import { checkOperation } from './access/operation-limits.ts'
import type { GatewayContext } from './execution/data-source.ts'
import type { Executor } from './execution/gateway.ts'

type Options = {
  config: GatewayConfig
  executor: Executor
  authenticator: Authenticator
  addressOf: AddressOf
  logger: Logger
}

/** Serves queries and mutations at /graphql. `close` lets requests in flight finish. */
export async function openServer(
  options: Options,
): Promise<{ app: FastifyInstance; close(): Promise<void> }> {
  const { config, logger } = options
  const app = Fastify({
    bodyLimit: config.limits.bodyBytes,
    requestTimeout: 30_000, // ms, until a request has come in whole
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
  })
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id))
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    const code = status < 500 ? 'BAD_REQUEST' : undefined
    const masked = maskError({ message: error.message, extensions: { code } }, error, { logger, requestId: request.id }) // biome-ignore format: one call
    return reply.code(status).send({ errors: [masked] })
  })
  app.setNotFoundHandler((_, reply) =>
    reply
      .code(404)
      .send({ errors: [{ message: 'There is nothing here.', extensions: { code: 'NOT_FOUND' } }] }),
  )
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } }, // biome-ignore format: one policy
  })
  await app.register(cors, {
    origin: config.origins.length > 0 ? config.origins : false,
    methods: ['GET', 'POST'],
    allowedHeaders: ['content-type', 'authorization', 'apollo-require-preflight', 'x-apollo-operation-name'],
    exposedHeaders: ['x-request-id'],
    maxAge: 86_400, // s
  })
  const apollo = await mountApollo(app, options)
  return { app, close: () => apollo.stop() }
}

async function mountApollo(app: FastifyInstance, options: Options) {
  const { config, executor, logger } = options
  const apollo = new ApolloServer<GatewayContext>({
    gateway: executor,
    nodeEnv: config.production ? 'production' : 'development',
    introspection: !config.production,
    csrfPrevention: true,
    parseOptions: { maxTokens: config.limits.tokens },
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger,
    plugins: [
      guard(config),
      fastifyApolloDrainPlugin(app),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
    ],
    formatError: (formatted, error) => maskError(formatted, error, { logger }),
  })
  await apollo.start()
  const handle = fastifyApolloHandler(apollo, {
    context: async (request) => ({ caller: await callerOfRequest(request, options) }),
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler(request, reply) {
      reply.header('cache-control', 'no-store')
      return requestId.run(request.id, () => handle.call(app, request, reply))
    },
  })
  return apollo
}

/** Refuses operations before anything is planned; validation has bounded them by then. */
function guard({ limits }: GatewayConfig): ApolloServerPlugin<GatewayContext> {
  return {
    requestDidStart: async () => ({
      async didResolveOperation({ document, operation }) {
        try {
          // Apollo's type is wrong: a document may have no operation of the name that was given.
          if (!operation) throw unresolved()
          if (operation.operation === 'subscription') throw badUserInput(elsewhere)
          checkOperation(document, limits)
        } catch (error) {
          throw withStatus(400, error)
        }
      },
    }),
  }
}

const elsewhere = 'Subscriptions are served at this address over WebSocket, as graphql-transport-ws.'

async function callerOfRequest(request: FastifyRequest, { authenticator, addressOf }: Options) {
  try {
    const { identity } = await authenticator.authenticate(request.headers.authorization)
    return callerOf(identity, request.raw, { address: addressOf(request.raw), requestId: request.id })
  } catch (error) {
    throw withStatus(isUnauthenticated(error) ? 401 : 503, error)
  }
}

const unresolved = () =>
  new GraphQLError(
    'The document has several operations, or none of this name: operationName must name one.',
    {
      extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
    },
  )

const isUnauthenticated = (error: unknown) =>
  error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED'

/** The same error with the HTTP status that the whole request is answered with. */
function withStatus(status: number, error: unknown): unknown {
  if (!(error instanceof GraphQLError)) return error
  const headers = status === 401 ? new Map([['www-authenticate', 'Bearer']]) : new Map()
  return new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status, headers } } })
}
