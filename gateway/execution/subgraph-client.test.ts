import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { type Caller, type SignedCaller, verifyCaller } from '../../platform/identity.ts'
import { createLogger } from '../../platform/logger.ts'
import { createSubgraphClient } from './subgraph-client.ts'

const secret = 'a secret of more than thirty-two characters'
const caller: Caller = { identity: { kind: 'anonymous' }, requestId: 'r1' }

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

const servers = new Set<() => void>()
afterEach(() => {
  for (const close of servers) close()
  servers.clear()
})

/** A subgraph that does as it is told, and a client of it. */
async function open(handle: Handler) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => handle(request, response, Buffer.concat(chunks).toString()))
  })
  servers.add(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  const logger = createLogger('silent')
  return createSubgraphClient({ name: 'users', url, secret }, { now: () => new Date(), logger })
}

test('a request carries the signature of its exact bytes, and nothing else of whoever asked', async () => {
  let verified: Caller | null = null
  let names: string[] = []
  const send = await open((request, response, body) => {
    verified = verifyCaller(request.headers as Partial<SignedCaller>, {
      subgraph: 'users',
      body,
      secret,
      now: new Date(),
    })
    names = Object.keys(request.headers)
    response.end('{"data":{"a":1}}')
  })
  expect(await send({ query: '{ a }', variables: { name: 'Zoë ☃' } }, caller)).toEqual({ data: { a: 1 } })
  expect(verified).toEqual(caller)
  expect(names.filter((name) => name.startsWith('podium-')).toSorted()).toEqual([
    'podium-caller',
    'podium-signature',
  ])
  expect(names).not.toContain('authorization')
  expect(names).not.toContain('cookie')
})

test('of an error only message, path and code are kept', async () => {
  const error = { message: 'No.', path: ['a', 0], locations: [{ line: 1, column: 1 }], extensions: { code: 'FORBIDDEN', stacktrace: ['x'] } } // biome-ignore format: one value
  const send = await open((_, response) => response.writeHead(400).end(JSON.stringify({ errors: [error] })))
  expect(await send({ query: '{ a }' }, caller)).toEqual({
    errors: [{ message: 'No.', path: ['a', 0], extensions: { code: 'FORBIDDEN' } }],
  })
})

test.each([
  ['a failure', 500, '{"errors":[{"message":"A subgraph answers only what is signed."}]}'],
  ['something else than JSON', 200, '<html>'],
  ['something else than GraphQL', 413, '{"statusCode":413,"error":"Payload Too Large"}'],
])('%s is no answer', async (_, status, body) => {
  const send = await open((_, response) => response.writeHead(status).end(body))
  await expect(send({ query: '{ a }' }, caller)).rejects.toThrow()
})

test('a query is sent again over a new connection when its connection breaks; a mutation is not', async () => {
  let requests = 0
  const send = await open((request, response) => {
    requests++
    if (requests === 1) request.socket.destroy()
    else response.end('{"data":{"a":1}}')
  })
  expect(await send({ query: '{ a }' }, caller)).toEqual({ data: { a: 1 } })
  expect(requests).toBe(2)
  requests = 0
  await expect(send({ query: 'mutation { a }' }, caller)).rejects.toThrow()
  expect(requests).toBe(1)
})

test('a subgraph that does not answer is waited for five seconds', async () => {
  const send = await open(() => {})
  const started = performance.now()
  await expect(send({ query: '{ a }' }, caller)).rejects.toThrow()
  expect(performance.now() - started).toBeGreaterThan(4_900)
}, 10_000)
