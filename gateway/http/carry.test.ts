import { once } from 'node:events'
import { expect, test } from '@jest/globals'
import { eventually } from '../test-support/gateway.ts'
import { NEVER, PARTS, SSE, streamFronts, ticks } from '../test-support/http-streams.ts'

const open = streamFronts()

test.each([
  [SSE, ':\n\n:\n\n:\n\n'],
  [PARTS, '{}\r\n--graphql\r\ncontent-type: application/json\r\n\r\n{}\r\n--graphql'],
])('who reads %s is told that a quiet stream goes on', async (accept, heartbeats) => {
  const { subscribe } = await open({ heartbeat: 10 })
  const { until, leave } = await subscribe({ accept })
  await until(heartbeats)
  leave()
})

test('what frames are written as is made once for all readers of a protocol', async () => {
  const { show, subscribe } = await open()
  const streams = [await subscribe({ accept: SSE }), await subscribe({ accept: SSE })]
  const original = Buffer.from
  let made = 0
  Buffer.from = ((...args: Parameters<typeof Buffer.from>) => {
    if (String(args[0]).includes('"ticks":7')) made++
    return original(...args)
  }) as typeof Buffer.from
  show(ticks(7))
  Buffer.from = original
  for (const { until, leave } of streams) {
    await until('7}}\n\n')
    leave()
  }
  expect(made).toBe(1)
})

const large = (revision: number) => JSON.stringify({ data: { revision, text: 'x'.repeat(1_000_000) } })

test.each([NEVER, 1])(
  'for a slow reader no more than one frame waits, and then comes the latest (heartbeats every %i ms)',
  async (heartbeat) => {
    const { show, readers, counters, paused } = await open({ heartbeat })
    const { mine, theirs } = await paused()
    await eventually(() => readers.length === 1)
    for (let revision = 1; revision <= 40; revision++) {
      show(large(revision))
      await new Promise(setImmediate)
      expect(theirs.writableLength).toBeLessThan(1_010_000)
    }
    expect(counters.skipped.sse).toBeGreaterThan(10)
    const seen: number[] = []
    let text = ''
    mine.on('data', (chunk) => {
      text += String(chunk)
      for (const [, revision] of text.matchAll(/"revision":(\d+),"text":"x+"/g)) seen.push(Number(revision))
      text = text.slice(text.lastIndexOf('"}}') + 1)
    })
    mine.resume()
    await eventually(() => seen.at(-1) === 40)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.length).toBeLessThan(30)
    mine.destroy()
  },
)

test('who takes nothing for too long is given up, be it the end', async () => {
  const { show, readers, paused } = await open({ heartbeat: 10, patience: 50 })
  for (const isEnding of [false, true]) {
    const { mine, theirs } = await paused()
    const closed = once(theirs, 'close')
    await eventually(() => readers.length === 1)
    while (theirs.writableLength === 0 && !theirs.destroyed) {
      show(large(1))
      await new Promise(setImmediate)
    }
    if (isEnding) readers[0]?.complete()
    await closed
    expect(readers).toEqual([])
    mine.destroy()
  }
})

test('a quiet stream outlives the timeouts of requests', async () => {
  const times = {
    requestTimeout: 400,
    headersTimeout: 400,
    keepAliveTimeout: 400,
    connectionsCheckingInterval: 50,
  } // ms
  const { show, subscribe } = await open({ timeouts: times, heartbeat: 500 })
  const { until, leave } = await subscribe({ accept: SSE })
  await until(':\n\n')
  await until(':\n\n')
  await until(':\n\n')
  show(ticks(1))
  await until('"ticks":1')
  leave()
})
