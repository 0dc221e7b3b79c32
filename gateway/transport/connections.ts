import { Client } from 'undici'
import type { Exchange } from './exchange.ts'

/** Connections to one origin that are kept open, each with one exchange at a time. */
export type Connections = {
  /** Starts an exchange, or has it wait until a connection is free. Fails it when too many wait already. */
  enter(exchange: Exchange): void
  /** For exchanges: one that still waits need not be started any more. */
  forget(exchange: Exchange): void
  /** For exchanges: a connection is free again. */
  leave(client: Client): void
  /** Takes no more exchanges and waits for those it has. */
  close(): Promise<void>
}

type Limits = {
  connections: number
  /** How many exchanges may wait for one of them. */
  waiting: number
  /** How long a connection may take to stand, in ms. */
  connectTimeout: number
  answerBytes: number
}

/**
 * A client per connection instead of undici's pool, which looks for a free one among all at every request and cannot
 * drop a request that waits.
 */
export function openConnections(origin: string, limits: Limits): Connections {
  const clients: Client[] = []
  // The one that was used last is taken first, so that those of a peak fall idle and are closed.
  const free: Client[] = []
  const waiting = new Set<Exchange>()
  let closing: Promise<void> | undefined
  let onIdle = () => {}

  const connections: Connections = {
    enter(exchange) {
      if (closing) return exchange.fail('the gateway has closed its connections')
      const client = free.pop() ?? open()
      if (client) exchange.start(client)
      else if (waiting.size < limits.waiting) waiting.add(exchange)
      else exchange.fail('too many requests wait for a connection')
    },
    forget: (exchange) => void waiting.delete(exchange),
    leave(client) {
      for (const next of waiting) {
        waiting.delete(next)
        next.start(client)
        return
      }
      free.push(client)
      if (isIdle()) onIdle()
    },
    close: () => (closing ??= finish()),
  }
  return connections

  function open(): Client | undefined {
    if (clients.length >= limits.connections) return undefined
    const client = new Client(origin, {
      connectTimeout: limits.connectTimeout,
      maxResponseSize: limits.answerBytes,
      // An exchange has one timeout for the whole of it.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    clients.push(client)
    return client
  }

  async function finish(): Promise<void> {
    if (!isIdle()) await new Promise<void>((resolve) => (onIdle = resolve))
    await Promise.all(clients.map((client) => client.close()))
  }

  function isIdle(): boolean {
    return free.length === clients.length
  }
}
