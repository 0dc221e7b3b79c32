import { once } from 'node:events'
import { Agent, request } from 'node:http'
import WebSocket from 'ws'

/** What a request was answered with. */
export type Answer = {
  /** The code of its first error; of one without, the status, or what the socket was closed with. */
  code: string
  isRefused: boolean
  /** From the first byte sent to the last one read, in ms. */
  time: number
}

/** A connection that is there already; it is made anew, outside the time that is told, where an answer ended it. */
export type Transport = {
  name: string
  /** Sends the parameters of a request. */
  send(body: string): Promise<Answer>
  close(): void
}

/** What closes a socket that sends too much, or what is no message. */
const refusals = [1009, 4400]

/** POST over a connection that is kept; `accept` is what the answer may be. */
export function openHttp(port: number, name: string, accept: string): Transport {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const headers = { 'content-type': 'application/json', accept }
  return {
    name,
    async send(body) {
      const bytes = Buffer.from(body)
      const start = performance.now()
      const sent = request(
        { agent, host: '127.0.0.1', port, path: '/graphql', method: 'POST', headers: { ...headers, 'content-length': bytes.length } },
      ) // biome-ignore format: one call
      sent.end(bytes)
      const [response] = await once(sent, 'response')
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += chunk
      const time = performance.now() - start
      return answerOf(text, `status ${response.statusCode}`, response.statusCode < 500, time)
    },
    close: () => agent.destroy(),
  }
}

/** graphql-transport-ws; each request is a subscription of its own. */
export async function openWebSocket(port: number): Promise<Transport> {
  let socket = await introduced(port)
  return {
    name: 'WebSocket',
    async send(body) {
      if (socket.readyState !== WebSocket.OPEN) socket = await introduced(port)
      const message = `{"id":"1","type":"subscribe","payload":${body}}`
      const over = new AbortController()
      const { signal } = over
      const start = performance.now()
      socket.send(message)
      try {
        const text = once(socket, 'message', { signal }).then(([data]) => String(data))
        const closed = once(socket, 'close', { signal }).then(([code]) => Number(code))
        const answer = await Promise.race([text, closed])
        const time = performance.now() - start
        if (typeof answer === 'string') return answerOf(answer, 'no code', true, time)
        return { code: `closed with ${answer}`, isRefused: refusals.includes(answer), time }
      } finally {
        over.abort()
      }
    },
    close: () => socket.terminate(),
  }
}

async function introduced(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
  })
  // What is still being sent when it is closed fails; that it was closed is told by itself.
  socket.on('error', () => {})
  await once(socket, 'open')
  socket.send('{"type":"connection_init"}')
  await once(socket, 'message')
  return socket
}

function answerOf(text: string, otherwise: string, isOrderly: boolean, time: number): Answer {
  const [, code] = /"code":"(\w+)"/.exec(text) ?? []
  const isRefused =
    isOrderly && code !== undefined && code !== 'INTERNAL_SERVER_ERROR' && !/"data":(?!null)/.test(text)
  return { code: code ?? otherwise, isRefused, time }
}
