import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

/** How long a viewer waits for a frame. */
const PATIENCE = 60_000 // ms

type Frame = { data?: unknown; errors?: readonly Failure[] }
type Failure = { message: string; extensions?: { code?: string } }

/** How a stream ended before its viewer left: by GraphQL errors, for which the codes stand, a close, or as complete. */
export type Ending = { codes: string[] } | { closedWith: number | undefined } | 'complete'

export type Viewer<Data> = {
  /** The latest frame's data, once there is one. */
  latest(): Data | undefined
  /** The first frame, the latest included, that satisfies. */
  until(satisfies: (data: Data) => boolean): Promise<Data>
  /** How the stream ended. */
  ended: Promise<Ending>
  /** What its sockets were closed with, in turn. */
  closes: number[]
  /** Once one of them was closed. */
  closed(): Promise<void>
  /** Breaks its socket off without a word. */
  cut(): void
  /** Reads nothing that comes over its socket, until `resume`. */
  pause(): void
  resume(): void
  leave(): Promise<void>
}

/**
 * Somebody who watches over a `graphql-ws` client, which comes back by itself. `token` is asked for at every connection, `onFrame`
 * hears of every frame and on which connection it came.
 */
export function openViewer<Data>(
  url: string,
  subscription: { query: string; variables?: Record<string, unknown> },
  options: {
    token?: () => string | Promise<string>
    onFrame?: (frame: Frame & { data: Data }, connection: number) => void
  } = {},
): Viewer<Data> {
  const { token, onFrame } = options
  const closes: number[] = []
  const ended = Promise.withResolvers<Ending>()
  const closed = Promise.withResolvers<void>()
  const listeners = new Set<(data: Data) => void>()
  let latest: Data | undefined
  let connection = 0
  let end: Ending | undefined
  let socket: WebSocket | undefined

  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: async () => (token ? { authorization: `Bearer ${await token()}` } : {}),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    // Hundreds that were cut at once do not come back at once.
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 500)),
    on: {
      opened: (opened) => {
        socket = opened as WebSocket
        connection += 1
      },
      closed(event) {
        closes.push((event as { code: number }).code)
        closed.resolve()
      },
    },
  })
  const endWith = (ending: Ending) => {
    end = ending
    ended.resolve(ending)
  }
  client.subscribe<Data>(subscription, {
    next(frame) {
      onFrame?.(frame as Frame & { data: Data }, connection)
      if (!frame.data) return
      latest = frame.data
      for (const listener of listeners) listener(frame.data)
    },
    error(error) {
      if (!Array.isArray(error)) return endWith({ closedWith: (error as { code?: number }).code })
      endWith({ codes: (error as Failure[]).map(({ extensions }) => extensions?.code ?? 'none') })
    },
    complete: () => endWith('complete'),
  })

  return {
    latest: () => latest,
    until(satisfies) {
      if (latest !== undefined && satisfies(latest)) return Promise.resolve(latest)
      const { promise, resolve, reject } = Promise.withResolvers<Data>()
      const listen = (data: Data) => {
        if (satisfies(data)) resolve(data)
      }
      listeners.add(listen)
      const told = () => JSON.stringify({ latest, end, closes })
      const timer = setTimeout(() => reject(new Error(`no such frame came: ${told()}`)), PATIENCE)
      void ended.promise.then(() => reject(new Error(`the stream ended: ${told()}`)))
      return promise.finally(() => {
        clearTimeout(timer)
        listeners.delete(listen)
      })
    },
    ended: ended.promise,
    closes,
    closed: () => closed.promise,
    cut: () => socket?.terminate(),
    pause: () => socket?.pause(),
    resume: () => socket?.resume(),
    // It waits for a connection that is being made, which then may fail.
    leave: async () => void (await Promise.resolve(client.dispose()).catch(() => {})),
  }
}
