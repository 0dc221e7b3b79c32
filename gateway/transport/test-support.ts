import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import type { Caller } from '../../platform/identity.ts'
import { createLogger } from '../../platform/logger.ts'
import { createHttpTransport } from './http.ts'
import type { Transport } from './transport.ts'

export const secret = 'a secret of more than thirty-two characters'
export const caller: Caller = { identity: { kind: 'anonymous' }, requestId: 'r1' }
export const silent = createLogger('silent')

export const query = (body = '{"query":"{ a }"}') => ({ body, kind: 'query' as const, caller })
export const mutation = (body = '{"query":"mutation { a }"}') => ({ body, kind: 'mutation' as const, caller })

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void
type Options = Partial<Parameters<typeof createHttpTransport>[1]> & { secret?: string | null }

const closers = new Set<() => Promise<void>>()

/** For afterEach. */
export async function closeAll(): Promise<void> {
  for (const close of closers) await close()
  closers.clear()
}

/** A subgraph that does with each request as it is told, and what leads to it. */
export async function openSubgraph(handle: Handler, options: Options = {}) {
  const requests: string[] = []
  let connections = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      requests.push(body)
      handle(request, response, body)
    })
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  const address = { name: 'users', url, secret: options.secret === undefined ? secret : options.secret }
  const transport = createHttpTransport(address, { now: () => new Date(), logger: silent, ...options })
  closers.add(async () => {
    server.close()
    server.closeAllConnections()
    await transport.close()
  })
  return {
    transport,
    send: transport.send,
    /** The bodies that came. */
    requests,
    /** How many connections were made. */
    connections: () => connections,
  }
}

/** A transport whose answers are given by the test, in the order in which they were asked for. */
export function createManualTransport() {
  const asked: { body: string; answer: (text: string) => void; fail: (error: Error) => void }[] = []
  const transport: Transport = {
    send: ({ body }) =>
      new Promise((resolve, reject) => {
        asked.push({ body, answer: resolve, fail: reject })
      }),
    async close() {},
  }
  return { transport, asked }
}

/** A logger and the messages that it was given, from info upwards. */
export function createListeningLogger() {
  const messages: string[] = []
  const logger = pino({ base: null }, { write: (line: string) => void messages.push(JSON.parse(line).msg) })
  return { logger, messages }
}
