import type { GraphQLFormattedError } from 'graphql'
import type { GatewayConfig } from '../../platform/config.ts'
import { type Caller, signCaller } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'

/** Longest that a subgraph may take to answer. */
const TIMEOUT = 5_000 // ms

/** Where a subgraph is, and the secret that the gateway shares with it. */
export type SubgraphAddress = GatewayConfig['subgraphs'][number]

/** An operation on one subgraph. */
export type SubgraphOperation = {
  query: string
  variables?: Record<string, unknown>
  operationName?: string
}

/** What a subgraph answered: data, and errors with their message, path and code alone. */
export type SubgraphAnswer = { data?: Record<string, unknown> | null; errors?: GraphQLFormattedError[] }

/** Sends signed operations to one subgraph. Throws when it gives no answer of GraphQL. */
export type SubgraphClient = (operation: SubgraphOperation, caller: Caller) => Promise<SubgraphAnswer>

/** What a gateway sends with: operations over HTTP, each signed on behalf of its caller; nothing else of a client's goes along. */
export function createSubgraphClient(
  subgraph: SubgraphAddress,
  { now, logger }: { now: () => Date; logger: Logger },
): SubgraphClient {
  const { name, url, secret } = subgraph

  async function post(body: string, caller: Caller, signal: AbortSignal): Promise<Response> {
    return fetch(url, {
      method: 'POST',
      redirect: 'error',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'accept-encoding': 'identity',
        ...signCaller(caller, { subgraph: name, body, secret, now: now() }),
      },
      body,
      signal,
    })
  }

  return async ({ query, variables, operationName }, caller) => {
    const body = JSON.stringify({ query, variables, operationName })
    const signal = AbortSignal.timeout(TIMEOUT)
    const isQuery = !query.trimStart().startsWith('mutation')
    const response = await post(body, caller, signal).catch((error: unknown) => {
      // A connection that was kept open may be closed at the moment of use; only a query can be sent twice.
      if (!isQuery || signal.aborted) throw error
      logger.debug({ subgraph: name, error: reasonOf(error) }, 'the connection broke; trying once more')
      return post(body, caller, signal)
    })
    const answer: unknown = response.status < 500 ? await response.json() : await discard(response)
    if (!isAnswer(answer)) throw new Error(`status ${response.status} without an answer of GraphQL`)
    return { ...(answer.data !== undefined && { data: answer.data }), ...(answer.errors && { errors: answer.errors.map(bare) }) } // biome-ignore format: one thought
  }
}

/** Why there was no answer, for the log. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause ? `${error.message}: ${reasonOf(error.cause)}` : error.message || error.name
}

/** A request that is broken or that the subgraph does not accept from us says nothing to whoever sent it to the gateway. */
async function discard(response: Response): Promise<undefined> {
  await response.body?.cancel()
}

function isAnswer(answer: unknown): answer is SubgraphAnswer {
  if (typeof answer !== 'object' || answer === null) return false
  return 'data' in answer || ('errors' in answer && Array.isArray(answer.errors))
}

function bare({ message, path, extensions }: GraphQLFormattedError): GraphQLFormattedError {
  return { message, ...(path && { path }), extensions: { code: extensions?.code } }
}
