import { type Client, type ClientOptions, createClient } from 'graphql-ws'
import WebSocket from 'ws'
import type { GatewayConfig } from '../../platform/config.ts'
import { startGateway } from '../start.ts'
import type { TestSubgraphs } from './subgraphs.ts'

/** A gateway before these subgraphs, and what tests ask it with. */
export async function openGateway(
  subgraphs: TestSubgraphs,
  { config = {}, ...options }: Parameters<typeof startGateway>[1] & { config?: Partial<GatewayConfig> } = {},
) {
  const gateway = await startGateway({ ...subgraphs.config, ...config }, options)
  const { origin, host } = new URL(gateway.url)
  return {
    ...gateway,
    origin,
    socketUrl: `ws://${host}/graphql`,
    async ask(query: string, options: { token?: string; variables?: object; operationName?: string } = {}) {
      const { token, ...rest } = options
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ query, ...rest }),
      })
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer }
    },
    /** A client that does not come back by itself. */
    watch: (options: Partial<ClientOptions> = {}) =>
      createClient({
        url: `ws://${host}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        ...options,
      }),
  }
}

export type TestGateway = Awaited<ReturnType<typeof openGateway>>

export type Answer = {
  // Tests read what they asked for.
  // biome-ignore lint/suspicious/noExplicitAny: above
  data?: any
  errors?: {
    message: string
    path?: (string | number)[]
    extensions?: { code?: string; requestId?: string }
  }[]
}

/** The frames of a subscription, one at a time; rejects with what ended it. */
export function framesOf(client: Client, query: string, variables?: Record<string, unknown>) {
  return client.iterate({ query, variables }) as AsyncIterableIterator<Answer>
}

/** What a socket is closed with. */
export function closing(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve))
}

/** Calls until it is true, at most 50 s. */
export async function eventually(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 50_000; !(await isTrue()); ) {
    if (Date.now() > deadline) throw new Error('it did not come true')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
