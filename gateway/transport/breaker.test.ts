import { afterEach, expect, test } from '@jest/globals'
import { withBreaker } from './breaker.ts'
import {
  closeAll,
  createListeningLogger,
  createManualTransport,
  openSubgraph,
  query,
} from './test-support.ts'
import { SubgraphError } from './transport.ts'

afterEach(closeAll)

const leftAlone = 'it is left alone, since it did not answer'

test('a subgraph that gives no answers is left alone, tried now and then, and used again once it is back', async () => {
  let status = 503
  const { transport, requests } = await openSubgraph((_, response) => response.writeHead(status).end('{}'))
  const { logger, messages } = createListeningLogger()
  const { send } = withBreaker(transport, { name: 'users', logger, failures: 3, pause: 500 })
  for (let n = 0; n < 3; n++) await expect(send(query())).rejects.toThrow('status 503')
  await expect(send(query())).rejects.toThrow(new SubgraphError(leftAlone))
  expect(requests).toHaveLength(3)

  const tried = () => send(query()).catch((error: Error) => error.message)
  while (requests.length < 5) expect(await tried()).toMatch(/left alone|status 503/)
  status = 200
  while ((await tried()) !== '{}') await new Promise(setImmediate)
  expect(requests).toHaveLength(6)
  for (let n = 0; n < 3; n++) expect(await send(query())).toBe('{}')
  expect(messages).toEqual([
    'a subgraph does not answer; it is left alone until it does',
    'a subgraph answers again',
  ])
})

test('while one request tries a subgraph that hangs, others do not wait for it', async () => {
  const { transport, asked } = createManualTransport()
  const { logger } = createListeningLogger()
  const { send } = withBreaker(transport, { name: 'users', logger, failures: 1, pause: 20 })
  const first = send(query())
  asked[0]?.fail(new SubgraphError('no answer'))
  await expect(first).rejects.toThrow('no answer')

  const outcomes: Promise<string>[] = []
  while (asked.length < 2) {
    outcomes.push(send(query()).catch((error: Error) => error.message))
    await new Promise(setImmediate)
  }
  await expect(send(query())).rejects.toThrow(leftAlone)
  asked[1]?.answer('{}')
  expect((await Promise.all(outcomes)).at(-1)).toBe('{}')
  const next = send(query())
  asked[2]?.answer('{}')
  expect(await next).toBe('{}')
})

test('answers in between, and errors of GraphQL, keep a subgraph in use', async () => {
  const answers = [503, 503, 200, 503, 503, 400, 503, 503]
  const { transport, requests } = await openSubgraph((_, response) =>
    response.writeHead(answers[requests.length - 1] ?? 200).end('{"errors":[]}'),
  )
  const { logger, messages } = createListeningLogger()
  const { send } = withBreaker(transport, { name: 'users', logger, failures: 3 })
  for (const _ of answers) await send(query()).catch(() => {})
  expect(requests).toHaveLength(answers.length)
  expect(messages).toEqual([])
})

test('what is no fault of the subgraph does not count', async () => {
  const { transport, asked } = createManualTransport()
  const { logger } = createListeningLogger()
  const { send } = withBreaker(transport, { name: 'users', logger, failures: 1 })
  const first = send(query())
  asked[0]?.fail(new RangeError('a fault of ours'))
  await expect(first).rejects.toThrow(RangeError)
  const second = send(query())
  asked[1]?.answer('{}')
  expect(await second).toBe('{}')
})
