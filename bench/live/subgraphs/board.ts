import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type DocumentNode, execute, type GraphQLSchema, parse } from 'graphql'
import { type WebSocket, WebSocketServer } from 'ws'
import { now } from '../clock.ts'
import { standingsAt } from './data.ts'

/** An operation that is subscribed to, and how its results are sent to each subscriber. */
type Topic = {
  document: DocumentNode
  variables: Record<string, unknown>
  subscribers: Set<(result: string) => void>
}

type Payload = { query: string; variables?: Record<string, unknown> }
type Message = { type: string; id?: string; payload?: Payload }

/**
 * The subgraph that owns the board: queries over HTTP, subscriptions over graphql-transport-ws on the same port. It executes
 * each distinct operation once per event, so that gateways that subscribe once for each reader are not held up by it.
 */
export async function listenBoard(schema: GraphQLSchema) {
  const topics = new Map<string, Topic>()
  let board = boardAt(1)

  const execution = (document: DocumentNode, variables: Record<string, unknown> = {}) => {
    const rootValue = { board: () => board, boardChanged: () => board }
    return JSON.stringify(execute({ schema, document, rootValue, variableValues: variables }))
  }

  const server = createServer(async (request, response) => {
    const { query, variables } = JSON.parse(await text(request))
    response.setHeader('content-type', 'application/json')
    response.end(execution(parse(query), variables))
  })
  const sockets = new WebSocketServer({
    server,
    handleProtocols: () => 'graphql-transport-ws',
    perMessageDeflate: false,
  })
  sockets.on('connection', (socket) => {
    const leaves = new Map<string, () => void>()
    socket.on('message', (data) => {
      const { type, id = '', payload } = JSON.parse(String(data)) as Message
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}')
      if (type === 'ping') socket.send('{"type":"pong"}')
      if (type === 'complete') leaves.get(id)?.()
      if (type === 'subscribe' && payload) leaves.set(id, subscribe(socket, id, payload))
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      for (const leave of leaves.values()) leave()
    })
  })

  /** Returns what unsubscribes. */
  function subscribe(socket: WebSocket, id: string, { query, variables = {} }: Payload): () => void {
    const name = JSON.stringify([query, variables])
    const topic = topics.get(name) ?? { document: parse(query), variables, subscribers: new Set() }
    topics.set(name, topic)
    const start = `{"id":${JSON.stringify(id)},"type":"next","payload":`
    const send = (result: string) => socket.send(`${start}${result}}`)
    topic.subscribers.add(send)
    send(execution(topic.document, variables))
    return () => topic.subscribers.delete(send)
  }

  /** Changes the board, and tells all; its stamp is taken first. */
  function publish(): number {
    board = boardAt(board.revision + 1)
    for (const [name, { document, variables, subscribers }] of topics) {
      if (subscribers.size === 0) topics.delete(name)
      else {
        const result = execution(document, variables)
        for (const send of subscribers) send(result)
      }
    }
    return board.publishedAt
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, publish }
}

function boardAt(revision: number) {
  const publishedAt = now()
  return {
    id: 'b1',
    publishedAt,
    revision,
    changedAt: new Date().toISOString(),
    standings: standingsAt(revision),
  }
}
