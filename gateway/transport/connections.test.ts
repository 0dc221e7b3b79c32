import { type AddressInfo, createServer } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { createHttpTransport } from './http.ts'
import { closeAll, mutation, openSubgraph, query, secret, silent } from './test-support.ts'
import { SubgraphError } from './transport.ts'

afterEach(closeAll)

test('a query is sent again over a new connection when its connection breaks, once; a mutation is not', async () => {
  let breaking = 1
  const { send, requests, connections } = await openSubgraph((request, response) => {
    if (breaking-- > 0) request.socket.resetAndDestroy()
    else response.end('{}')
  })
  expect(await send(query())).toBe('{}')
  expect([requests.length, connections()]).toEqual([2, 2])
  breaking = 2
  await expect(send(query())).rejects.toThrow(SubgraphError)
  expect([requests.length, connections()]).toEqual([4, 3])
  breaking = 1
  await expect(send(mutation())).rejects.toThrow(SubgraphError)
  expect(requests).toHaveLength(5)
  expect(await send(mutation())).toBe('{}')
})

test('requests wait for a connection within their time, and too many are refused at once', async () => {
  const held: (() => void)[] = []
  const { send, requests, connections } = await openSubgraph(
    (_, response) => held.push(() => response.end('{}')),
    { connections: 1, waiting: 1 },
  )
  const first = send(query('{"query":"1"}'))
  const second = send(query('{"query":"2"}'))
  await expect(send(query('{"query":"3"}'))).rejects.toThrow('too many requests wait')
  for (const done of [first, second]) {
    while (held.length === 0) await new Promise(setImmediate)
    held.shift()?.()
    expect(await done).toBe('{}')
  }
  expect(requests).toEqual(['{"query":"1"}', '{"query":"2"}'])
  expect(connections()).toBe(1)
})

test('a request whose time is over while it waits is never sent', async () => {
  const { send, requests } = await openSubgraph(
    (_, response, body) => body.includes('quick') && response.end('{}'),
    { connections: 1, timeout: 2_000 },
  )
  const late = await Promise.allSettled([send(query('{"query":"first"}')), send(query('{"query":"second"}'))])
  expect(late.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await send(query('{"query":"quick"}'))).toBe('{}')
  expect(requests).toEqual(['{"query":"first"}', '{"query":"quick"}'])
})

test('a connection is used again, and one that the subgraph closed is replaced', async () => {
  const { send, connections } = await openSubgraph((request, response, body) => {
    if (body.includes('last')) response.setHeader('connection', 'close')
    response.end(String(request.headers.connection))
  })
  expect(await send(query())).toBe('keep-alive')
  await send(query('{"query":"last"}'))
  expect(connections()).toBe(1)
  await send(mutation())
  expect(connections()).toBe(2)
})

test('closing lets requests in flight finish, those that wait included, and takes no more', async () => {
  let answer = () => {}
  const { transport, send, requests } = await openSubgraph(
    (_, response) => (answer = () => response.end('{}')),
    { connections: 1 },
  )
  const running = send(query())
  const waiting = send(mutation())
  let isClosed = false
  const closed = transport.close().then(() => (isClosed = true))
  await expect(send(query())).rejects.toThrow('closed')
  for (const [count, done] of [running, waiting].entries()) {
    while (requests.length <= count) await new Promise(setImmediate)
    expect(isClosed).toBe(false)
    answer()
    expect(await done).toBe('{}')
  }
  await closed
})

test('a subgraph that is not there gives no answer, to those that wait neither, and the reason is named', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const address = { name: 'users', url: `http://127.0.0.1:${port}/graphql`, secret }
  const transport = createHttpTransport(address, { now: () => new Date(), logger: silent, connections: 1 })
  const answers = [query(), mutation(), query()].map((request) => transport.send(request))
  for (const { reason } of (await Promise.allSettled(answers)) as PromiseRejectedResult[]) {
    expect(reason).toBeInstanceOf(SubgraphError)
    expect(reason.message).toContain('ECONNREFUSED')
  }
  await transport.close()
})
