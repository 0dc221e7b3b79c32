import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { type Caller, type SignedCaller, verifyCaller } from '../../platform/identity.ts'
import { createHttpTransport } from './http.ts'
import { caller, closeAll, openSubgraph, query, secret, silent } from './test-support.ts'
import { SubgraphError } from './transport.ts'

afterEach(closeAll)

test('a request carries the signature of its exact bytes, and nothing else of whoever asked', async () => {
  let verified: Caller | null = null
  let headers: Record<string, unknown> = {}
  const { send } = await openSubgraph((request, response, body) => {
    headers = request.headers
    verified = verifyCaller(headers as Partial<SignedCaller>, {
      subgraph: 'users',
      body,
      secret,
      now: new Date(),
    })
    response.end('{"data":{"a":1}}')
  })
  const body = JSON.stringify({ query: '{ a }', variables: { name: 'Zoë ☃' } })
  expect(await send(query(body))).toBe('{"data":{"a":1}}')
  expect(verified).toEqual(caller)
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
    'accept-encoding': 'identity',
  })
  expect(Object.keys(headers).toSorted()).toEqual(
    ['accept', 'accept-encoding', 'connection', 'content-length', 'content-type', 'host', 'podium-caller', 'podium-signature'], // biome-ignore format: one list
  )
})

test('without a secret nothing is signed, and nothing is told of whoever asked', async () => {
  let names: string[] = []
  const { send } = await openSubgraph(
    (request, response) => {
      names = Object.keys(request.headers)
      response.end('{}')
    },
    { secret: null },
  )
  await send(query())
  expect(names.filter((name) => name.startsWith('podium-'))).toEqual([])
})

test('a byte order mark is no part of an answer', async () => {
  const { send } = await openSubgraph((_, response) => void response.end('\uFEFF{"data":null}'))
  expect(await send(query())).toBe('{"data":null}')
})

test('what is not ASCII comes through in both directions, wherever its bytes are cut', async () => {
  const answer = JSON.stringify({ data: { name: 'Zoë ☃ 🏃'.repeat(3) } })
  const { send, requests } = await openSubgraph((_, response) => {
    const bytes = Buffer.from(answer)
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7))
    response.end()
  })
  const body = '{"query":"{ a(name: \\"Zoë ☃ 🏃\\") }"}'
  expect(await send(query(body))).toBe(answer)
  expect(requests).toEqual([body])
})

test.each([
  ['of an error', 400, '{"errors":[{"message":"No."}]}'],
  ['that is no JSON', 200, '<html>'],
  ['of something between', 413, 'too large'],
  ['that is empty', 204, ''],
])('an answer %s is for whoever asked to read', async (_, status, body) => {
  const { send } = await openSubgraph((_, response) => response.writeHead(status).end(body))
  expect(await send(query())).toBe(body)
})

test.each([
  ['a failure', 500, '{"data":{"a":1}}'],
  ['a failure of what is before the subgraph', 502, '<html>'],
  ['a redirect', 307, ''],
])('%s is no answer', async (_, status, body) => {
  const { send, requests } = await openSubgraph((_, response) =>
    response.writeHead(status, { location: '/elsewhere' }).end(body),
  )
  await expect(send(query())).rejects.toThrow(new SubgraphError(`status ${status}`))
  expect(requests).toHaveLength(1)
})

test('an answer that breaks off is none, and is not asked for again', async () => {
  const { send, requests } = await openSubgraph((request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('{"data":', () => request.socket.destroy())
  })
  await expect(send(query())).rejects.toThrow(SubgraphError)
  expect(requests).toHaveLength(1)
})

test('an answer that is too large is cut off', async () => {
  let wasCut = false
  const { send } = await openSubgraph(
    (_, response) => {
      response.on('close', () => (wasCut = !response.writableFinished))
      const more = () => response.write('x'.repeat(10_000), (error) => error || setImmediate(more))
      more()
    },
    { answerBytes: 100_000 },
  )
  await expect(send(query())).rejects.toThrow('Response content exceeded max size')
  while (!wasCut) await new Promise(setImmediate)
})

test('a subgraph that does not answer in time is given up, and not asked again', async () => {
  let closed = 0
  const { send, requests } = await openSubgraph((request) => request.socket.on('close', () => closed++), {
    timeout: 1_000,
  })
  await expect(send(query())).rejects.toThrow(new SubgraphError('no answer within 1000 ms'))
  while (!closed) await new Promise(setImmediate)
  expect(requests).toHaveLength(1)
})

test('so is one that never comes to the end of its answer', async () => {
  const { send } = await openSubgraph(
    (_, response) => {
      const trickle = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(trickle))
    },
    { timeout: 100 },
  )
  await expect(send(query())).rejects.toThrow('no answer within 100 ms')
})

test.each([
  ['that is no HTTP', 'hello\r\n\r\n'],
  ['with a header that is too large', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['without an end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhe'],
])('an answer %s is none', async (_, bytes) => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('data', () => socket.end(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const address = { name: 'users', url: `http://127.0.0.1:${port}/graphql`, secret }
  const transport = createHttpTransport(address, { now: () => new Date(), logger: silent })
  await expect(transport.send(query())).rejects.toThrow(SubgraphError)
  await transport.close()
  for (const socket of sockets) socket.destroy()
  server.close()
})

test('an address that is none of HTTP is refused when it is given', () => {
  const create = (url: string) => () =>
    createHttpTransport({ name: 'users', url, secret }, { now: () => new Date(), logger: silent })
  expect(create('ws://127.0.0.1/graphql')).toThrow('ws://127.0.0.1/graphql is not a url of HTTP')
  expect(create('nowhere')).toThrow('Invalid URL')
})
