import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { freePort } from '../test/support/ports.ts'
import { openRedis, removeRedis } from './redis.ts'
import type { Server } from './server.ts'
import { kill, nextLine, processesBelow, silent, startElsewhere, temporaryFolder } from './test-support.ts'

let directory: string
beforeEach(() => {
  directory = temporaryFolder()
})
afterEach(() => removeRedis(directory, silent))

test('Redis keeps its data across restarts', async () => {
  const first = await open()
  await command(first, 'set', 'kept', '42')
  await first.close()

  const second = await open()
  expect(await command(second, 'get', 'kept')).toBe('42')
  await second.close()
})

test('a closed Redis leaves no process', async () => {
  const server = await open()
  expect(processesBelow(directory)).toHaveLength(1)
  await server.close()
  expect(processesBelow(directory)).toEqual([])
})

test('a Redis whose starter was killed is stopped and opened anew', async () => {
  const starter = startElsewhere(
    './redis.ts',
    `const { url } = await local.openRedis({ directory: '${directory}', say() {}, durable: true })
     console.log(url)`,
  )
  const orphan = { url: await nextLine(starter) }
  await command(orphan, 'set', 'kept', '42')
  await kill(starter)
  expect(await command(orphan, 'get', 'kept')).toBe('42')

  const said: string[] = []
  const server = await openRedis({ directory, say: (line) => said.push(line), durable: true })
  expect(said).toEqual(['Stopped the Redis that an earlier start left behind'])
  expect(await command(server, 'get', 'kept')).toBe('42')
  await expect(command(orphan, 'get', 'kept')).rejects.toThrow()
  await server.close()
})

test('what was written survives the sudden end of Redis', async () => {
  const first = await open()
  await command(first, 'set', 'kept', '42')
  await first.crash()
  expect(processesBelow(directory)).toEqual([])

  const second = await open()
  expect(await command(second, 'get', 'kept')).toBe('42')
  await second.close()
})

test('a Redis that is not durable comes back empty, at the url of before when its port is kept', async () => {
  const port = await freePort()
  const first = await openRedis({ directory, say: silent, durable: false, port })
  await command(first, 'set', 'lost', '42')
  await first.close()

  const second = await openRedis({ directory, say: silent, durable: false, port })
  expect(second.url).toBe(first.url)
  expect(await command(second, 'get', 'lost')).toBeNull()
  await second.close()
})

test('Redis answers nobody who lacks the password', async () => {
  const server = await open()
  const { port } = new URL(server.url)
  await expect(command({ url: `redis://127.0.0.1:${port}` }, 'get', 'kept')).rejects.toThrow('NOAUTH')
  await server.close()
})

function open(): Promise<Server> {
  return openRedis({ directory, say: silent, durable: true })
}

async function command({ url }: { url: string }, name: string, ...args: string[]): Promise<unknown> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false })
  client.on('error', silent) // connect rejects as well
  await client.connect()
  try {
    return await client.call(name, ...args)
  } finally {
    client.disconnect()
  }
}
