import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GatewayConfig } from '../../platform/config.ts'
import { anonymous, type Caller } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import { maskError, maskErrors } from '../../platform/mask-errors.ts'
import type { Account } from '../access/account.ts'
import type { AddressOf } from '../access/address.ts'
import { type Api, apiOf } from '../access/api.ts'
import type { Budget } from '../access/budget.ts'
import { callerOf } from '../access/caller.ts'
import { costReport, priceOf, wantsReport } from '../access/cost-report.ts'
import type { Authenticator } from '../access/credentials.ts'
import { isCrossSite } from '../access/cross-site.ts'
import type { TrustedByApi } from '../documents/trusted.ts'
import type { Engine } from '../execution/engine.ts'
import type { Operation } from '../execution/operation.ts'
import type { OperationResult } from '../execution/result.ts'
import { createAdmissions } from './admissions.ts'
import { answerOf, type Mask } from './answer.ts'
import { ConnectionLostError, readBody } from './body.ts'
import { acceptable, isJson } from './media-types.ts'
import { type ResultInParts, writeParts } from './multipart.ts'
import { type Parameters, parametersOfBody, parametersOfUrl } from './parameters.ts'
import { createPersistedQueries } from './persisted-queries.ts'
import { refusedRequest } from './refused-request.ts'
import { createReplies, type Exchange } from './reply.ts'
import { badRequest } from './request-error.ts'
import { createSharing } from './sharing.ts'
import { createHttpStreams, type Live } from './streams.ts'

type Options = {
  config: GatewayConfig
  /** What runs operations of callers who see this; another one once the supergraph is another one. */
  engine: (api: Api) => Engine
  authenticator: Authenticator
  addressOf: AddressOf
  budget: Budget
  trusted: TrustedByApi
  live: Live
  isStopping: () => boolean
  logger: Logger
}

export type Front = {
  /** Answers a request to /graphql. False: it is for somebody else. */
  handle(request: IncomingMessage, response: ServerResponse): boolean
  /** Ends the connections of all streams, so that their readers go elsewhere. */
  endStreams(): void
  close(): Promise<void>
}

type Runnable = Exclude<Operation, { kind: 'subscription' }>

/**
 * GraphQL over HTTP. An operation that the engine knows runs at once; any other is first judged by Apollo Server. From
 * there on the two are one, so that they cannot be answered differently.
 */
export async function createFront(options: Options): Promise<Front> {
  const { config, engine, authenticator, addressOf, budget, logger } = options
  const admissions = await createAdmissions({ config, engine, logger })
  const { whole, partner } = options.trusted
  const textOf = { whole: createPersistedQueries(whole), partner: createPersistedQueries(partner) }
  const sharing = createSharing()
  const replies = createReplies({ origins: config.origins, isStopping: options.isStopping })
  const streams = createHttpStreams(options.live, replies)
  /** What passed: the engine also knows what came over a socket, where other rules hold. */
  const admitted = new WeakSet<Operation>()

  return {
    handle(request, response) {
      const { url = '', method } = request
      if (url !== '/graphql' && !url.startsWith('/graphql?')) return false
      if (method === 'OPTIONS' && isPreflight(request)) return false
      const exchange = replies.begin(request, response, randomUUID())
      serve(exchange).catch((error) => refuseCounted(exchange, error))
      return true
    },
    endStreams: streams.end,
    close: admissions.stop,
  }

  async function serve(exchange: Exchange): Promise<void> {
    const { request, id } = exchange
    const isGet = checkHead(request)
    const accepted = acceptable(request.headers.accept)
    if (!accepted) throw badRequest(takeable, 406)
    exchange.accepted = accepted
    const body = isGet ? undefined : await readBody(request, config.limits.bodyBytes)
    const address = addressOf(request)
    const asStranger = () => count(exchange, { identity: anonymous, address })
    const credentials = await authenticator.authenticate(request.headers.authorization, asStranger)
    const caller = callerOf(credentials.identity, request, { address, requestId: id })
    const account = await count(exchange, caller)
    const parameters = body ? parametersOfBody(body) : parametersOfUrl(request.url ?? '')
    const { operation, query } = await find(parameters, apiOf(caller.identity), id)
    if (isGet && operation.kind === 'mutation') {
      throw badRequest('Mutations are sent by POST.', 405, ['allow', 'POST'])
    }
    await account.charge(operation.cost.estimate(parameters.variables ?? {}))
    if (operation.kind === 'subscription') {
      const subscription = { ...parameters, query }
      return streams.serve(exchange, { subscription, length: body?.length ?? 0, credentials, caller })
    }
    await run(operation, parameters, caller, exchange)
  }

  /** What the head of a request says. Gives whether its parameters are in its URL. */
  function checkHead(request: IncomingMessage): boolean {
    const { method, headers } = request
    if (method === 'POST') {
      if (!isJson(headers['content-type'])) throw badRequest('The body must be application/json.', 415)
      const encoding = headers['content-encoding']?.toLowerCase() || 'identity'
      if (encoding !== 'identity') throw badRequest('The body must not be encoded.', 415)
      return false
    }
    if (method !== 'GET' && method !== 'HEAD') {
      throw badRequest('Send GET or POST.', 405, ['allow', 'GET, HEAD, POST'])
    }
    if (isCrossSite(request, config.origins)) {
      throw badRequest('A page of another site must send the header apollo-require-preflight with a GET.')
    }
    return true
  }

  /** A browser's question about a page of another origin, which Fastify's plugin answers if there may be such pages. */
  function isPreflight({ headers }: IncomingMessage): boolean {
    return config.origins.length > 0 && !!headers.origin && !!headers['access-control-request-method']
  }

  async function find(
    parameters: Parameters,
    api: Api,
    id: string,
  ): Promise<{ operation: Operation; query: string }> {
    const present = engine(api)
    const { query, keep } = textOf[api](parameters)
    const { operationName } = parameters
    let operation = present.known(query, operationName)
    if (!operation || !admitted.has(operation)) {
      const admission = await admissions.to(api)
      operation = await admission.admit(query, operationName, id)
      admitted.add(operation)
    }
    keep?.()
    return { operation, query }
  }

  async function run(
    operation: Runnable,
    { variables = {}, extensions }: Parameters,
    caller: Caller,
    exchange: Exchange,
  ): Promise<void> {
    const { requestId } = caller
    const mask: Mask = (errors) =>
      maskErrors(errors, { logger, requestId }, (error, options) => maskError(error, error, options))
    const start = (defer: boolean) => operation.run({ variables, caller, defer })
    const isReported = wantsReport(extensions, exchange.request.headers)
    const answer = async () => {
      const result = await start(false)
      return answerOf(result, mask, isReported ? reportOf(result) : undefined)
    }
    const reportOf = ({ data = 'null' }: OperationResult) =>
      costReport(priceOf(operation.cost, variables), JSON.parse(data), exchange.account?.limit ?? null)

    if (operation.kind === 'mutation') {
      return replies.send(exchange, await answer().finally(sharing.changed))
    }
    // What it cost is known once all is there.
    if (operation.hasDefer && exchange.accepted.multipart && !isReported) {
      const result = await start(true)
      if (!isInParts(result)) return replies.send(exchange, answerOf(result, mask))
      return writeParts(replies.parts(exchange), result, mask)
    }
    if (!config.sharing.clientRequests || isReported) return replies.send(exchange, await answer())
    const { identity } = caller
    replies.send(exchange, await sharing.query({ operation, variables, identity }, answer))
  }

  /** Counts a request on a budget, of which its answer then tells. Throws RATE_LIMITED. */
  async function count(exchange: Exchange, whose: Pick<Caller, 'identity' | 'address'>): Promise<Account> {
    const account = budget.accountOf(whose)
    exchange.account = account
    await account.request()
    return account
  }

  /** Whoever could not be told who they are is counted by their address. */
  async function refuseCounted(exchange: Exchange, error: unknown): Promise<void> {
    if (error instanceof ConnectionLostError) return
    if (exchange.account) return refuse(exchange, error)
    try {
      await count(exchange, { identity: anonymous, address: addressOf(exchange.request) })
      refuse(exchange, error)
    } catch (limited) {
      refuse(exchange, limited)
    }
  }

  function refuse(exchange: Exchange, error: unknown): void {
    replies.refuse(exchange, refusedRequest(error, { logger, requestId: exchange.id }))
  }
}

const takeable =
  'Accept must name application/graphql-response+json; for a stream text/event-stream, or multipart/mixed;subscriptionSpec="1.0".'

const isInParts = (result: OperationResult): result is ResultInParts => result.later !== undefined
