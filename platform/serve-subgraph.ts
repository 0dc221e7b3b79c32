import { ApolloServer, HeaderMap } from '@apollo/server'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { unauthenticated } from './errors.ts'
import { type Caller, operationBody, type SignedCaller, verifyCaller } from './identity.ts'
import { listen } from './listen.ts'
import type { Logger } from './logger.ts'
import { maskError } from './mask-errors.ts'
import type { IsFirst } from './replays.ts'
import { requestId } from './request-id.ts'
import type { Subgraph } from './subgraph.ts'
import { createStreams, executionOf, maskStreamError } from './subgraph-streams.ts'

/** A body larger than the gateway lets in, since it becomes larger on its way: representations repeat. */
const BODY_LIMIT = 16_000_000 // bytes

type Options = {
  host: string
  port: number
  secret: string
  now: () => Date
  logger: Logger
  /** Rejects while something that the subgraph needs is away. */
  ready: () => Promise<unknown>
  /** What knows signed mutations that come again; without it none is known. */
  isFirst?: IsFirst
}

export type ServedSubgraph = {
  url: string
  /**
   * Answers what a gateway in this process would POST, with the status and the text that it would get, without socket and
   * signature. Rejects where there would be no answer.
   */
  execute(body: string, caller: Caller): Promise<{ status: number; text: string }>
  /** Watches what a gateway in this process would subscribe to over its socket. */
  subscribe: ReturnType<typeof createStreams>['subscribe']
  close(): Promise<void>
}

/**
 * Serves a subgraph to gateways: /graphql over HTTP and graphql-transport-ws, signed requests alone (identity.ts), and
 * /livez and /readyz. Port 0 is any free port.
 */
export async function serveSubgraph(subgraph: Subgraph, options: Options): Promise<ServedSubgraph> {
  const { host, port, ready } = options
  const app = Fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: 'idle' })
  const apollo = await mountHttp(app, subgraph, options)
  app.get('/livez', () => ({ status: 'live' }))
  app.get('/readyz', async (_, reply) => {
    try {
      await ready()
      return { status: 'ready' }
    } catch {
      return reply.code(503).send({ status: 'not ready' })
    }
  })
  subgraph.routes?.(app)
  const origin = await listen(app, { host, port, setting: `${subgraph.name.toUpperCase()}_PORT` })
  // Once it listens: what fails before that is listen's to tell.
  const sockets = mountWebSocket(app, subgraph, options)
  const streams = createStreams(subgraph, options)
  return {
    url: `${origin}/graphql`,
    execute: (body, caller) => requestId.run(caller.requestId, () => execute(apollo, subgraph, body, caller)),
    subscribe: streams.subscribe,
    async close() {
      streams.close()
      await sockets.dispose()
      await apollo.stop()
    },
  }
}

async function mountHttp(app: FastifyInstance, subgraph: Subgraph, options: Options) {
  const { secret, now, logger, isFirst = async () => true } = options
  const apollo = new ApolloServer<object>({
    schema: subgraph.schema,
    csrfPrevention: false, // callers are gateways, known by their signature
    introspection: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    stopOnTerminationSignals: false,
    plugins: [fastifyApolloDrainPlugin(app), ApolloServerPluginInlineTraceDisabled()],
    formatError: (formatted, error) => maskError(formatted, error, { logger }),
  })
  await apollo.start()
  const callers = new WeakMap<object, Caller>()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    const body = String(text)
    const signed = request.headers as Partial<SignedCaller>
    const caller = verifyCaller(signed, { subgraph: subgraph.name, body, secret, now: now() })
    if (caller) callers.set(request, caller)
    try {
      done(null, JSON.parse(body))
    } catch {
      done(Object.assign(new Error('The body is not JSON.'), { statusCode: 400 }), undefined)
    }
  })
  const handle = fastifyApolloHandler(apollo, {
    context: async (request) => {
      const caller = callers.get(request)
      if (!caller) throw unsigned()
      // What only reads may come again: the answer is for who has the signature anyway.
      if (isMutation(request.body) && !(await isFirst(String(request.headers['podium-signature'])))) {
        throw unauthenticated('This request was carried out already.')
      }
      return subgraph.contextOf(caller)
    },
  })
  app.post('/graphql', (request, reply) =>
    requestId.run(callers.get(request)?.requestId ?? request.id, () => handle.call(app, request, reply)),
  )
  return apollo
}

/** A gateway begins an operation with its kind. */
function isMutation(body: unknown): boolean {
  const { query } = (body ?? {}) as { query?: unknown }
  return typeof query === 'string' && !/^\s*(query\b|\{)/.test(query)
}

async function execute(apollo: ApolloServer<object>, subgraph: Subgraph, body: string, caller: Caller) {
  const { status = 200, body: answer } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: 'POST',
      headers: new HeaderMap([['content-type', 'application/json']]),
      search: '',
      body: JSON.parse(body),
    },
    context: async () => subgraph.contextOf(caller),
  })
  if (answer.kind !== 'complete') throw new Error('a subgraph answers at once')
  return { status, text: answer.string }
}

function mountWebSocket(app: FastifyInstance, subgraph: Subgraph, { secret, now, logger }: Options) {
  const server = new WebSocketServer({ server: app.server, path: '/graphql', maxPayload: 1_000_000 })
  const callers = new WeakMap<object, Caller>()
  return useServer(
    {
      async onSubscribe(_, __, payload) {
        const caller = verifyCaller((payload.extensions ?? {}) as Partial<SignedCaller>, {
          subgraph: subgraph.name,
          body: operationBody(payload),
          secret,
          now: now(),
        })
        if (!caller) return [unsigned()]
        callers.set(payload, caller)
        return executionOf(subgraph, payload, caller)
      },
      onNext: (_, __, payload, ___, result) =>
        result.errors && { ...result, errors: result.errors.map((error) => mask(error, payload)) },
      onError: (_, __, payload, errors) => errors.map((error) => mask(error, payload)),
    },
    server,
    12_000, // ms between pings
  )

  function mask(error: unknown, payload: object) {
    const { requestId } = callers.get(payload) ?? {}
    return maskStreamError(error, requestId, logger)
  }
}

const unsigned = () => unauthenticated('A subgraph answers only requests that a gateway has signed.')
