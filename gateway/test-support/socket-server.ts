import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema, parse } from 'graphql'
import { pino } from 'pino'
import WebSocket from 'ws'
import type { Caller } from '../../platform/identity.ts'
import { createAddressOf } from '../access/address.ts'
import { openBudget } from '../access/budget.ts'
import { createSocketQuota } from '../access/socket-quota.ts'
import { noneTrusted } from '../documents/trusted.ts'
import type { Outlet } from '../live/outlet.ts'
import { openSockets } from '../websocket/sockets.ts'
import { limits } from './front.ts'
import { eventually } from './gateway.ts'

const schema = buildSchema('type Query { ping: Int } type Subscription { board: String }')
const document = parse('subscription { board }')

/** A stream of a test, which does nothing by itself. */
export type OpenedStream = {
  caller: Caller
  outlet: Outlet
  isClosed: boolean
  /** What happens when what was written has left. */
  onDrained: () => void
}

type Message = { id?: string; type: string; payload?: unknown }

/** Sockets of a server without anything else, whose streams a test writes. */
export async function openSocketServer({ ping }: { ping?: number } = {}) {
  const server = createServer((_, response) => response.end())
  const streams: OpenedStream[] = []
  const ends: (() => void)[] = []
  const sockets = openSockets(server, {
    config: { origins: [], limits },
    quota: createSocketQuota({ socketsPerAddress: 100, socketsPerPerson: 100, socketsPerKey: 100 }),
    addressOf: createAddressOf([]),
    authenticator: {
      authenticate: async () => ({
        identity: { kind: 'person', id: 'ada', role: 'USER', scopes: [], sessionId: 'one' },
        expiresAt: null,
      }),
      close() {},
    },
    sessions: {
      hold(_, end) {
        ends.push(end)
        return () => {}
      },
      close() {},
    },
    budget: openBudget({ limits, redis: null }),
    trusted: { whole: noneTrusted, partner: noneTrusted },
    streams: {
      prepare: () => ({
        schema,
        document,
        price: { estimated: 0, actual: () => ({ cost: 0, isClamped: false }) },
        open(caller, outlet) {
          const stream: OpenedStream = { caller, outlet, isClosed: false, onDrained() {} }
          streams.push(stream)
          return {
            drained: () => stream.onDrained(),
            close() {
              stream.isClosed = true
            },
          }
        },
      }),
    },
    now: () => new Date(),
    logger: pino({ level: 'silent' }),
    ping,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `ws://127.0.0.1:${port}/graphql`

  async function connect(options: WebSocket.ClientOptions = {}) {
    const socket = new WebSocket(url, 'graphql-transport-ws', options)
    const texts: string[] = []
    const messages: Message[] = []
    socket.on('message', (data) => {
      texts.push(String(data))
      messages.push(JSON.parse(String(data)))
    })
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const send = (message: object) => socket.send(JSON.stringify(message))
    return { socket, texts, messages, send }
  }

  return {
    port,
    url,
    streams,
    /** Ends all sessions. */
    endSessions: () => ends.forEach((end) => void end()),
    connect,

    /** A socket that has introduced itself and watches under these ids; `texts` begins after that. */
    async watch(ids: string[] = ['1'], options: WebSocket.ClientOptions = {}) {
      const connection = await connect(options)
      connection.send({ type: 'connection_init' })
      const before = streams.length
      await eventually(() => connection.messages.length === 1)
      for (const id of ids) connection.send({ id, type: 'subscribe', payload: { query: '{ board }' } })
      await eventually(() => streams.length === before + ids.length)
      connection.texts.length = connection.messages.length = 0
      return { ...connection, opened: streams.slice(before) as [OpenedStream, ...OpenedStream[]] }
    },

    close: sockets.close,
    async end() {
      await sockets.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type SocketServer = Awaited<ReturnType<typeof openSocketServer>>
