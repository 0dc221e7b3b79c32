import {
  type ExecutionArgs,
  execute,
  type GraphQLSchema,
  getOperationAST,
  type OperationTypeNode,
  parse,
} from 'graphql'
import { pino } from 'pino'
import type { GatewayConfig } from '../../platform/config.ts'
import { createAddressOf } from '../access/address.ts'
import { anonymousOnly } from '../access/authenticate.ts'
import { openBudget } from '../access/budget.ts'
import type { Authenticator } from '../access/credentials.ts'
import { createSocketQuota } from '../access/socket-quota.ts'
import { noneTrusted, type TrustedDocuments } from '../documents/trusted.ts'
import type { Engine } from '../execution/engine.ts'
import type { Operation } from '../execution/operation.ts'
import type { OperationRequest, OperationResult } from '../execution/result.ts'
import type { Live } from '../http/streams.ts'
import { createLiveCounters } from '../live/counters.ts'
import { Frame } from '../live/frame.ts'
import type { Subscription } from '../live/outlet.ts'
import { Reader } from '../live/reader.ts'
import { openServer } from '../server.ts'

export const limits = { bodyBytes: 100_000, tokens: 1_000, depth: 12, aliases: 30, rootFields: 20, selections: 2_000, cost: null, costPerKey: null, listSize: 10, perMinute: { person: { requests: null, cost: null }, key: { requests: null, cost: null }, address: { requests: null, cost: null } }, subscriptionsPerSocket: 3, socketsPerPerson: 2, socketsPerKey: 3, socketsPerAddress: 4 } // biome-ignore format: one line

/** What an operation of a test comes to; without it graphql-js runs it. */
export type Run = (request: OperationRequest & { kind: string }) => Promise<OperationResult>

/** An engine of one schema, without subgraphs. `runs` counts what it ran. */
export function engineOf(
  schema: GraphQLSchema,
  { rootValue, run, hasDefer = false }: { rootValue?: unknown; run?: Run; hasDefer?: boolean } = {},
) {
  const kept = new Map<string, Operation>()
  const counted = { runs: 0, compiled: 0 }
  const engine: Engine = {
    schema,
    known: (query, operationName) => kept.get(`${operationName ?? ''}\n${query}`),
    operation(query, operationName, document = parse(query)) {
      const key = `${operationName ?? ''}\n${query}`
      const found = kept.get(key)
      if (found) return found
      counted.compiled++
      const operation = operationOf({ schema, document, operationName, rootValue })
      kept.set(key, operation)
      return operation
    },
    kept: () => [],
  }
  function operationOf(args: ExecutionArgs): Operation {
    const kind = getOperationAST(args.document, args.operationName)?.operation as OperationTypeNode
    const cost = { estimate: () => 0, actual: () => ({ cost: 0, isClamped: false }) }
    if (kind === 'subscription') return { kind, cost } as Partial<Operation> as Operation // nothing here runs it
    return {
      kind,
      size: 1,
      cost,
      hasDefer,
      async run(request) {
        counted.runs++
        if (run) return run({ ...request, kind })
        const { data, errors = [] } = await execute({ ...args, variableValues: request.variables })
        return {
          data: data === undefined ? undefined : JSON.stringify(data),
          errors: errors.map((error) => ({
            ...error.toJSON(),
            extensions: { code: 'BAD_USER_INPUT', ...error.extensions },
          })),
        }
      },
    }
  }
  return { engine, counted }
}

/** A server before an engine of a test, on a socket of its own. */
export async function openFront(
  engine: () => Engine,
  {
    config = {},
    authenticator = anonymousOnly,
    trusted = noneTrusted,
    live = {},
    timeouts = {},
    port = 0,
  }: {
    config?: Partial<GatewayConfig>
    authenticator?: Authenticator
    trusted?: TrustedDocuments
    live?: Partial<Live>
    timeouts?: Parameters<typeof openServer>[0]['timeouts']
    port?: number
  } = {},
) {
  const whole = {
    production: false,
    introspection: true,
    sharing: { subgraphRequests: true, clientRequests: true, streams: true },
    origins: ['https://podium.example'],
    limits,
    ...config,
  } as GatewayConfig // a server reads no more of it
  const logged: { error?: string; requestId?: string }[] = []
  const logger = pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) })
  const { app, close } = await openServer({
    config: whole,
    engine,
    authenticator,
    addressOf: createAddressOf([]),
    budget: openBudget({ limits: whole.limits, redis: null }),
    trusted: { whole: trusted, partner: noneTrusted },
    live: {
      streams: createTestStreams().streams,
      quota: createSocketQuota(limits),
      sessions: { hold: () => () => {}, close() {} },
      now: () => new Date(),
      ...live,
    },
    timeouts,
    logger,
  })
  const origin = await app.listen({ host: '127.0.0.1', port, listenTextResolver: () => '' })
  const url = `${origin}/graphql`
  return {
    app,
    origin,
    url,
    close,
    logged,
    /** Sends a request's parameters as JSON. */
    async post(parameters: unknown, headers: Record<string, string> = {}) {
      const body = typeof parameters === 'string' ? parameters : JSON.stringify(parameters)
      return read(
        await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body,
        }),
      )
    },
    async get(parameters: Record<string, string>, headers: Record<string, string> = {}) {
      return read(await fetch(`${url}?${new URLSearchParams(parameters)}`, { headers }))
    },
  }
}

/** Streams that show what a test shows: `readers` are those that are there now. */
export function createTestStreams() {
  const readers: Reader[] = []
  const subscriptions: Subscription[] = []
  const counters = createLiveCounters()
  const streams: Live['streams'] = {
    prepare(subscription) {
      subscriptions.push(subscription)
      return {
        price: { estimated: 0, actual: () => ({ cost: 0, isClamped: false }) },
        open(caller, outlet) {
          const reader = new Reader(caller, outlet, counters)
          reader.onClose = () => void readers.splice(readers.indexOf(reader), 1)
          readers.push(reader)
          return reader
        },
      }
    },
  }
  return {
    streams,
    readers,
    subscriptions,
    counters,
    /** Shows all of them the same result. */
    show(result: string): void {
      const frame = new Frame(result)
      for (const reader of readers) reader.show(frame)
    },
  }
}

export type Front = Awaited<ReturnType<typeof openFront>>

async function read(response: Response) {
  const text = await response.text()
  // Tests read what they asked for.
  // biome-ignore lint/suspicious/noExplicitAny: above
  const body = text ? (JSON.parse(text) as any) : undefined
  return { status: response.status, headers: response.headers, text, body }
}
