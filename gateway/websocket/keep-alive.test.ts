import { EventEmitter } from 'node:events'
import { afterEach, expect, jest, test } from '@jest/globals'
import WebSocket from 'ws'
import { Frame } from '../live/frame.ts'
import { closing, eventually } from '../test-support/gateway.ts'
import { openSocketServer, type SocketServer } from '../test-support/socket-server.ts'
import { createKeepAlive } from './keep-alive.ts'

const PING = 1_000 // ms

let server: SocketServer
afterEach(() => server.end())

test('who does not answer is ended, who answers goes on', async () => {
  server = await openSocketServer({ ping: PING })
  const answering = await server.watch()
  const silent = await server.watch(['1'], { autoPong: false })
  let pings = 0
  answering.socket.on('ping', () => pings++)
  expect(await closing(silent.socket)).toBe(1006)
  await eventually(() => silent.opened[0].isClosed)
  await eventually(() => pings >= 4)
  expect(answering.socket.readyState).toBe(WebSocket.OPEN)
})

test('who takes nothing in is ended', async () => {
  server = await openSocketServer({ ping: PING })
  const { socket, opened } = await server.watch()
  socket.pause()
  opened[0].outlet.write(new Frame(JSON.stringify('x'.repeat(20_000_000))))
  await eventually(() => opened[0].isClosed)
  expect(opened[0].outlet.isBusy()).toBe(false)
})

test('sockets are asked every 12 seconds, one after the other', () => {
  jest.useFakeTimers()
  try {
    const keepAlive = createKeepAlive()
    let pings = 0
    for (let count = 0; count < 48; count++) {
      const socket = Object.assign(new EventEmitter(), { ping: () => pings++ })
      keepAlive.watch(socket as unknown as WebSocket) // nothing else of it is used
    }
    for (let turn = 1; turn <= 48; turn++) {
      jest.advanceTimersByTime(12_000 / 48)
      expect(pings).toBe(turn)
    }
    keepAlive.close()
  } finally {
    jest.useRealTimers()
  }
})

test('all are sent elsewhere when the server stops; who does not answer is not waited for', async () => {
  server = await openSocketServer()
  const watching: WebSocket[] = []
  for (let count = 0; count < 50; count++) watching.push((await server.watch()).socket)
  const deaf = await server.watch()
  deaf.socket.pause()
  const codes = Promise.all(watching.map(closing))
  await server.close()
  expect(new Set(await codes)).toEqual(new Set([1001]))
  expect(deaf.opened[0].isClosed).toBe(true)
  await expect(server.connect()).rejects.toThrow()
})
