import { once } from 'node:events'
import { expect, test } from '@jest/globals'
import { eventually } from '../test-support/gateway.ts'
import { ann, PARTS, rawRequest, SSE, signedIn, streamFronts, ticks } from '../test-support/http-streams.ts'

const open = streamFronts()

test('a stream holds a place, as a socket does, until it ends or its reader leaves', async () => {
  const { readers, quota, subscribe } = await open()
  const socket = quota.enter('127.0.0.1')
  socket?.claim(ann)
  const first = await subscribe({ accept: SSE, headers: signedIn })
  const refused = await subscribe({ accept: SSE, headers: signedIn })
  expect(refused.response.status).toBe(429)
  expect(JSON.parse(await refused.rest()).errors[0].extensions.code).toBe('UNAVAILABLE')
  const anonymous = await Promise.all([1, 2, 3, 4].map(() => subscribe({ accept: PARTS })))
  expect((await subscribe({ accept: PARTS })).response.status).toBe(429)

  first.leave()
  await eventually(() => readers.length === 4)
  const second = await subscribe({ accept: SSE, headers: signedIn })
  expect(second.response.status).toBe(200)
  readers.at(-1)?.complete()
  await second.rest()
  // Its place is free when all of it has left the server, which is a moment later than that it is here.
  await eventually(async () => (await subscribe({ accept: SSE, headers: signedIn })).response.status === 200)
  for (const { leave } of anonymous) leave()
})

test('refused requests do not use up the places of newcomers', async () => {
  const { subscribe } = await open()
  const streams = await Promise.all([1, 2, 3, 4].map(() => subscribe({ accept: SSE })))
  for (let i = 0; i < 101; i++) await (await subscribe({ accept: SSE })).rest()
  expect((await subscribe({ accept: SSE, headers: signedIn })).response.status).toBe(200)
  for (const { leave } of streams) leave()
})

test('a reader who leaves closes the stream', async () => {
  const { readers, subscribe } = await open()
  const { until, leave } = await subscribe({ accept: SSE })
  await until('\n')
  expect(readers.length).toBe(1)
  leave()
  await eventually(() => readers.length === 0)
})

test('a reader who ends their side of the connection closes the stream', async () => {
  const { readers, write } = await open()
  const socket = await write(rawRequest())
  await eventually(() => readers.length === 1)
  socket.resume().end()
  await eventually(() => readers.length === 0)
})

test('a stream behind another one of its connection closes with it', async () => {
  const { readers, write } = await open()
  const socket = await write(rawRequest() + rawRequest())
  await eventually(() => readers.length === 2)
  socket.destroy()
  await eventually(() => readers.length === 0)
})

test.each([
  [SSE, 'event: complete\ndata:\n\n'],
  [PARTS, '"payload":null'],
])('a stream of %s ends with the token it was opened with', async (accept, end) => {
  const { readers, ends, subscribe } = await open({ expiresAt: new Date(Date.now() - 29_900) }) // within what clocks may differ
  const { rest } = await subscribe({ accept, headers: signedIn })
  const text = await rest()
  expect(text).toContain('UNAUTHENTICATED')
  expect(text).toContain(end)
  expect(readers).toEqual([])
  await eventually(() => ends.size === 0)
})

test('a stream ends with its session', async () => {
  const { readers, ends, subscribe } = await open()
  const { until, rest } = await subscribe({ accept: SSE, headers: signedIn })
  await until('\n')
  for (const end of ends) end()
  expect(await rest()).toContain('"extensions":{"code":"UNAUTHENTICATED"}')
  expect(readers).toEqual([])
  await eventually(() => ends.size === 0)
})

test.each([SSE, PARTS])(
  'when the server stops, connections of %s end without a word, and none begins',
  async (accept) => {
    const { readers, show, keys, subscriptions, subscribe, paused, front } = await open()
    const { until, rest } = await subscribe({ accept })
    await until('\n')
    const slow = await paused()
    await eventually(() => readers.length === 2)
    while (slow.theirs.writableLength === 0) {
      show(ticks(1).repeat(10_000))
      await new Promise(setImmediate)
    }
    const late = subscribe({ accept, headers: { authorization: 'Bearer later' } })
    await eventually(() => keys.isWaiting)
    const closed = front.close()
    await expect(rest()).rejects.toThrow()
    keys.come()
    await Promise.all([expect(late).rejects.toThrow(), closed])
    expect([readers, subscriptions.length]).toEqual([[], 3])
    slow.mine.destroy()
  },
)

test('no stream begins for who has left by then', async () => {
  const { readers, keys, subscriptions, write, front } = await open()
  const accepted = once(front.app.server, 'connection')
  const socket = await write(rawRequest('1.1', 'authorization: Bearer later\r\n'))
  const [theirs] = await accepted
  await eventually(() => keys.isWaiting)
  socket.destroy()
  await once(theirs, 'close')
  keys.come()
  await eventually(() => subscriptions.length === 1)
  expect(readers).toEqual([])
})
