import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecutionResult, GraphQLFormattedError } from 'graphql'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { unavailable } from '../../platform/errors.ts'
import { type Caller, operationBody, signCaller } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import type { SubgraphAddress } from '../../platform/settings/subgraph-addresses.ts'
import { reasonOf } from '../transport/reason.ts'
import type { SubgraphOperation } from './resume.ts'

/** How often a silent subgraph is asked whether it is there. It may take half as long to say so. */
const PING = 10_000 // ms

/** Who watches: what came, why nothing will come any more, or that there is no more. */
export type Watcher = {
  next(event: ExecutionResult<Record<string, unknown>>): void
  error(errors: readonly GraphQLFormattedError[]): void
  complete(): void
}

/** Subscriptions on one subgraph. */
export type Upstream = {
  /** Subscribes; `operation` is asked again whenever the subgraph was away and is back. Returns what unsubscribes. */
  watch(operation: () => SubgraphOperation, caller: Caller, watcher: Watcher): () => void
  close(): Promise<void>
}

type Options = {
  now: () => Date
  logger: Logger
  /** How long watchers of a subgraph that is away wait for it before they get an error, in ms. */
  patience: number
  /** What tests set, since it is too long to wait for: how often a silent subgraph is asked, in ms. */
  ping?: number
}

/**
 * All subscriptions on one subgraph share one connection, each signed for its caller. A connection that breaks is made
 * again, with growing pauses, and all that are watched are subscribed again; their watchers notice nothing.
 */
export function openUpstream(subgraph: SubgraphAddress, options: Options): Upstream {
  const { now, logger, patience, ping = PING } = options
  const { name, url, secret } = subgraph
  const watchers = new Set<Watcher>()
  const closing = new AbortController()
  let givingUp: NodeJS.Timeout | undefined
  let pong: NodeJS.Timeout | undefined

  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: UpstreamSocket,
    lazyCloseTimeout: 1_000, // ms
    connectionAckWaitTimeout: 3_000, // ms
    keepAlive: ping,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: pause,
    on: {
      connecting: () => (givingUp ??= setTimeout(giveUp, patience)),
      connected: stopWaiting,
      closed: (event) => {
        clearTimeout(pong)
        logger.debug(
          { subgraph: name, code: (event as { code?: number }).code },
          'the connection to a subgraph closed',
        )
      },
      ping: (received) => {
        if (!received) pong = setTimeout(() => client.terminate(), ping / 2)
      },
      pong: (received) => {
        if (received) clearTimeout(pong)
      },
    },
  })

  /** Gateways that lost the same subgraph do not all come back at the same moment. */
  async function pause(retries: number): Promise<void> {
    const time = Math.min(100 * 2 ** retries, 2_000) * (0.5 + Math.random() / 2) // ms
    await sleep(time, undefined, { signal: closing.signal }).catch(() => {})
  }

  function stopWaiting(): void {
    clearTimeout(givingUp)
    givingUp = undefined
  }

  function giveUp(): void {
    stopWaiting()
    if (watchers.size > 0) logger.warn({ subgraph: name, watchers: watchers.size }, 'a subgraph stays away')
    for (const watcher of [...watchers]) watcher.error([unavailable().toJSON()])
  }

  return {
    watch(operation, caller, watcher) {
      const payload = {
        get query() {
          return operation().query
        },
        get variables() {
          return operation().variables
        },
        // Read at every sending, since a signature holds for a short time only.
        get extensions() {
          if (secret === null) return undefined
          const body = operationBody(operation())
          return signCaller(caller, { subgraph: name, body, secret, now: now() })
        },
      }
      const once: Watcher = {
        next(event) {
          if (watchers.has(once)) watcher.next(event)
        },
        error(errors) {
          if (!watchers.delete(once)) return
          unsubscribe()
          watcher.error(errors)
        },
        complete() {
          if (watchers.delete(once)) watcher.complete()
        },
      }
      watchers.add(once)
      const unsubscribe = client.subscribe<Record<string, unknown>>(payload, {
        next: once.next,
        error: (error) => once.error(errorsOf(error)),
        complete: once.complete,
      })
      return () => {
        watchers.delete(once)
        unsubscribe()
        if (watchers.size === 0) stopWaiting()
      }
    },
    async close() {
      stopWaiting()
      clearTimeout(pong)
      closing.abort()
      // It waits for a connection that is being made, which then may fail.
      await Promise.resolve(client.dispose()).catch(() => {})
    },
  }

  function errorsOf(error: unknown): readonly GraphQLFormattedError[] {
    // An `error` message is a list of GraphQL errors; anything else is about the connection.
    if (Array.isArray(error)) return error
    logger.warn({ subgraph: name, error: reasonOf(error) }, 'a subgraph refuses the connection')
    return [unavailable().toJSON()]
  }
}

class UpstreamSocket extends WebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol, { perMessageDeflate: false, maxPayload: 16_000_000, handshakeTimeout: 3_000 })
  }
}
