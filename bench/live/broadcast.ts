import { createServer } from 'node:http'
import { createClient } from 'graphql-ws'
import { WebSocket, WebSocketServer } from 'ws'
import { splitAtStamp } from './frame.ts'

/**
 * What there is to compare with: the bytes that a gateway would send, sent to every socket by `ws`, without a gateway.
 * It is told by the same subscription of the same subgraph when to.
 */
export type Started = { port: number; board: string; message: string }

const ACKNOWLEDGED = '{"type":"connection_ack"}'

const { port, board, message } = JSON.parse(process.env.BROADCAST ?? '') as Started
const [before, after] = splitAtStamp(message)
const readers = new Set<WebSocket>()
let frame = Buffer.from(message)

const server = createServer((_, response) => response.end('{}'))
const sockets = new WebSocketServer({
  server,
  handleProtocols: () => 'graphql-transport-ws',
  perMessageDeflate: false,
})
sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { type } = JSON.parse(String(data))
    if (type === 'connection_init') socket.send(ACKNOWLEDGED)
    if (type !== 'subscribe') return
    readers.add(socket)
    socket.send(frame, { binary: false })
  })
  socket.on('error', () => socket.terminate())
  socket.on('close', () => readers.delete(socket))
})

const source = createClient({ url: board.replace(/^http/, 'ws'), webSocketImpl: WebSocket, lazy: false })
source.subscribe<{ boardChanged: { publishedAt: number } }>(
  { query: 'subscription { boardChanged(id: "b1") { publishedAt } }' },
  {
    next({ data }) {
      frame = Buffer.from(`${before}${data?.boardChanged.publishedAt}${after}`)
      for (const reader of readers) reader.send(frame, { binary: false })
    },
    error: (error) => {
      throw error
    },
    complete: () => {},
  },
)

process.on('disconnect', () => process.exit())
process.on('SIGINT', () => {}) // the command ends it
server.listen(port, '127.0.0.1')
