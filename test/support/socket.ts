import WebSocket from 'ws'

type Message = { id?: string; type: string; payload?: unknown }

/** How long a message is waited for. */
const PATIENCE = 20_000 // ms

/** A socket that speaks graphql-transport-ws word by word, for what no client would say; open, and not introduced yet. */
export async function openSocket(url: string) {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws')
  const messages: Message[] = []
  const listeners = new Set<() => void>()
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  socket.on('message', (message) => {
    messages.push(JSON.parse(String(message)))
    for (const listener of listeners) listener()
  })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {}) // its close follows

  const say = (message: object | string) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message))

  /** The first message, an earlier one included, of which it holds. */
  function message(holds: (message: Message) => boolean): Promise<Message> {
    const { promise, resolve, reject } = Promise.withResolvers<Message>()
    const look = () => {
      const found = messages.find(holds)
      if (found) resolve(found)
    }
    const fail = (why: string) => reject(new Error(`${why}: ${JSON.stringify(messages)}`))
    const timer = setTimeout(() => fail('it did not come'), PATIENCE)
    void closed.then((code) => fail(`the socket was closed with ${code}`))
    listeners.add(look)
    look()
    return promise.finally(() => {
      clearTimeout(timer)
      listeners.delete(look)
    })
  }

  return {
    say,
    message,
    /** What it was closed with. */
    closed,
    /** Introduces itself, as whom a token says. */
    async introduce(token?: string): Promise<void> {
      say({ type: 'connection_init', payload: token ? { authorization: `Bearer ${token}` } : {} })
      await message(({ type }) => type === 'connection_ack')
    },
    subscribe: (id: string, query: string, variables: object = {}) =>
      say({ id, type: 'subscribe', payload: { query, variables } }),
    /** What an operation was ended with: the codes of its errors. */
    async refusal(id: string): Promise<(string | undefined)[]> {
      const { payload } = await message((message) => message.type === 'error' && message.id === id)
      return (payload as { extensions?: { code?: string } }[]).map(({ extensions }) => extensions?.code)
    },
    /** Ends it without a word. */
    cut: () => socket.terminate(),
  }
}
