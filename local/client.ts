import { createClient as createSubscriber } from 'graphql-ws'
import WebSocket from 'ws'

/** What a mutation answers beside its result. */
export type UserErrors = { userErrors: { code: string; message: string; field: string[] | null }[] }

export type Client = ReturnType<typeof createClient>

/** A plain client of the public API. Errors of any kind throw, with what the server said. */
export function createClient(url: string) {
  const sockets = new URL(url)
  sockets.protocol = sockets.protocol === 'https:' ? 'wss:' : 'ws:'
  return {
    /** Runs an operation and gives its data, typed by who wrote the operation. */
    async send<Data>(query: string, variables: object = {}, token?: string): Promise<Data> {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(30_000),
      })
      const { data, errors } = (await answer.json()) as { data: Data; errors?: { message: string }[] }
      if (errors?.length) throw new Error(errors.map(({ message }) => message).join(' '))
      return data
    },

    /** Runs a mutation with one root field and gives that field's payload; userErrors throw. */
    async mutate<Payload>(query: string, variables: object, token?: string): Promise<Payload> {
      const [payload] = Object.values(
        await this.send<Record<string, Payload & UserErrors>>(query, variables, token),
      )
      if (!payload) throw new Error('The answer is empty.')
      if (payload.userErrors.length > 0) throw new UserErrorsError(payload.userErrors)
      return payload
    },

    /**
     * Watches until closed; the socket is opened again when it breaks. What a frame lacks is null in it. `onError` hears why
     * it ended before that.
     */
    subscribe<Data>(
      operation: { query: string; variables: Record<string, unknown>; token?: string },
      onFrame: (data: Data) => void,
      onError: (error: Error) => void,
    ) {
      const { query, variables, token } = operation
      const client = createSubscriber({
        url: sockets.href,
        webSocketImpl: WebSocket,
        connectionParams: token ? { authorization: `Bearer ${token}` } : {},
        retryAttempts: 10,
        shouldRetry: () => true, // also where nobody listens for a while, which is no closing of a socket
      })
      const fail = (errors: readonly { message: string }[]) =>
        onError(new Error(errors.map(({ message }) => message).join(' ')))
      client.subscribe<Data>(
        { query, variables },
        {
          next: ({ data, errors }) => {
            if (data) onFrame(data)
            else if (errors) fail(errors)
          },
          error: (error) => {
            if (Array.isArray(error)) fail(error)
            else onError(new Error(`The connection to ${sockets.href} is lost.`))
          },
          complete: () => {},
        },
      )
      // It waits for a connection that is being made, which then may fail.
      return { close: () => Promise.resolve(client.dispose()).catch(() => {}) }
    },
  }
}

/** A mutation was refused; `codes` says by what. */
export class UserErrorsError extends Error {
  readonly codes: string[]
  constructor(errors: UserErrors['userErrors']) {
    super(errors.map(({ message }) => message).join(' '))
    this.codes = errors.map(({ code }) => code)
  }
}
