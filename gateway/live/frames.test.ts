import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { ExecutionResult } from 'graphql'
import { createTopic } from '../test-support/topic.ts'
import { logFrames, stateFrames } from './frames.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const complete = (event: string): ExecutionResult => ({ data: { event } })
const incomplete = (event: string): ExecutionResult => ({ data: { event }, extensions: { incomplete: true } })

/** Frames of states that are resolved by hand. */
function watchStates() {
  const topic = createTopic<string>()
  const resolving: {
    event: string
    answer: (frame: ExecutionResult) => void
    fail: (error: Error) => void
  }[] = []
  let resolutions = 0
  const frames = stateFrames<string>(
    topic.subscribe,
    (event) =>
      new Promise((resolve, reject) => {
        resolutions++
        const settled =
          <T>(settle: (value: T) => void) =>
          (value: T) => {
            resolving.shift()
            settle(value)
          }
        resolving.push({ event, answer: settled(resolve), fail: settled(reject) })
      }),
    (frame) => !frame.extensions,
  )
  return { topic, resolving, frames, resolutions: () => resolutions }
}

/** The frames that are delivered from now on. */
function deliveriesOf(frames: AsyncIterableIterator<ExecutionResult>) {
  const delivered: ExecutionResult[] = []
  const read = async () => {
    for await (const frame of frames) delivered.push(frame)
  }
  return { delivered, end: read() }
}

const pass = (time: number) => jest.advanceTimersByTimeAsync(time)

test('an incomplete frame is delivered, and again once it is complete, however long that takes', async () => {
  const { topic, resolving, frames } = watchStates()
  const { delivered } = deliveriesOf(frames)
  topic.publish('a')
  await pass(0)
  resolving[0]?.answer(incomplete('a'))
  for (const pause of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    await pass(pause - 1)
    expect(resolving).toEqual([])
    await pass(1)
    expect(resolving).toMatchObject([{ event: 'a' }])
    expect(delivered).toEqual([incomplete('a')])
    resolving[0]?.answer(incomplete('a'))
  }
  await pass(10_000)
  resolving[0]?.answer(complete('a'))
  await pass(60_000)
  expect(delivered).toEqual([incomplete('a'), complete('a')])
  expect(resolving).toEqual([])
  expect(jest.getTimerCount()).toBe(0)
})

test('a newer event replaces one that waits to be resolved again', async () => {
  const { topic, resolving, frames, resolutions } = watchStates()
  const { delivered } = deliveriesOf(frames)
  topic.publish('a')
  await pass(0)
  resolving[0]?.answer(incomplete('a'))
  await pass(500)
  topic.publish('b')
  await pass(0)
  resolving[0]?.answer(complete('b'))
  await pass(60_000)
  expect(delivered).toEqual([incomplete('a'), complete('b')])
  expect(resolutions()).toBe(2)
})

test('an event that comes while another is resolved waits for it, and no older one comes after', async () => {
  const { topic, resolving, frames, resolutions } = watchStates()
  const { delivered } = deliveriesOf(frames)
  topic.publish('a')
  await pass(0)
  resolving[0]?.answer(incomplete('a'))
  await pass(1_000)
  topic.publish('b')
  topic.publish('c')
  await pass(60_000)
  expect(resolving).toMatchObject([{ event: 'a' }])
  resolving[0]?.answer(incomplete('a'))
  await pass(0)
  expect(resolving).toMatchObject([{ event: 'c' }])
  resolving[0]?.answer(complete('c'))
  await pass(60_000)
  expect(delivered).toEqual([incomplete('a'), complete('c')])
  expect(resolutions()).toBe(3)
})

test('who returns while a frame waits to be resolved again is let go at once', async () => {
  const { topic, resolving, frames } = watchStates()
  const { end } = deliveriesOf(frames)
  topic.publish('a')
  await pass(0)
  resolving[0]?.answer(incomplete('a'))
  await pass(0)
  expect(jest.getTimerCount()).toBe(1)
  await frames.return?.()
  await end
  expect(jest.getTimerCount()).toBe(0)
  expect(topic.readers.size).toBe(0)
})

test('who returns while a frame is resolved starts nothing more', async () => {
  const { topic, resolving, frames } = watchStates()
  const { delivered, end } = deliveriesOf(frames)
  topic.publish('a')
  await pass(0)
  await frames.return?.()
  resolving[0]?.answer(incomplete('a'))
  await end
  expect(delivered).toEqual([])
  expect(jest.getTimerCount()).toBe(0)
})

test('a frame that cannot be resolved ends the stream, and its source', async () => {
  const { topic, resolving, frames } = watchStates()
  const { end } = deliveriesOf(frames)
  topic.publish('a')
  await pass(0)
  resolving[0]?.fail(new Error('broken'))
  await expect(end).rejects.toThrow('broken')
  expect(topic.readers.size).toBe(0)
})

test('of a log every event has one frame', async () => {
  const topic = createTopic<string>()
  const frames = logFrames<string>(topic.subscribe, async (event) => incomplete(event))
  const { delivered } = deliveriesOf(frames)
  for (const event of ['a', 'b']) topic.publish(event)
  await pass(60_000)
  expect(delivered).toEqual([incomplete('a'), incomplete('b')])
})
