import { expect, test } from '@jest/globals'
import { silent } from '../../test/support/stores.ts'
import { feedStream } from './feed-stream.ts'

type Item = { position: number }

/** A feed in memory, read two items at a time. */
function memoryFeed({ rest = 60_000 } = {}) {
  const items: Item[] = []
  const listeners = new Set<() => void>()
  const reads: number[] = []
  const read = async (after: number) => {
    reads.push(after)
    return items.filter(({ position }) => position > after).slice(0, 2)
  }
  return {
    reads,
    listeners,
    add: (...positions: number[]) => items.push(...positions.map((position) => ({ position }))),
    wake: () => listeners.forEach((wake) => void wake()),
    open: (start = 0, options: { read?: typeof read } = {}) =>
      feedStream(start, {
        read,
        listen: (wake) => {
          listeners.add(wake)
          return () => listeners.delete(wake)
        },
        logger: silent,
        rest,
        ...options,
      }),
  }
}

async function take(stream: AsyncIterator<Item>, count: number): Promise<(number | undefined)[]> {
  const positions: (number | undefined)[] = []
  while (positions.length < count) positions.push((await stream.next()).value?.position)
  return positions
}

test('what was missed comes first, oldest first, and then what is new', async () => {
  const feed = memoryFeed()
  feed.add(1, 2, 3, 4)
  const stream = feed.open(1)
  expect(await take(stream, 3)).toEqual([2, 3, 4])
  const next = stream.next()
  feed.add(5)
  feed.wake()
  expect((await next).value).toEqual({ position: 5 })
})

test('a page is read only when the one before was taken', async () => {
  const feed = memoryFeed()
  feed.add(1, 2, 3, 4, 5)
  const stream = feed.open()
  await take(stream, 2)
  for (let i = 0; i < 100; i++) feed.wake()
  expect(feed.reads).toEqual([0])
  await take(stream, 1)
  expect(feed.reads).toEqual([0, 2])
})

test('a wake-up during a read is not lost', async () => {
  const feed = memoryFeed()
  let first = true
  const stream = feed.open(0, {
    read: async (after) => {
      if (first) {
        first = false
        feed.add(1)
        feed.wake()
        return []
      }
      return [{ position: after + 1 }]
    },
  })
  expect(await take(stream, 1)).toEqual([1])
})

test('without a wake-up it looks by itself after a while', async () => {
  const feed = memoryFeed({ rest: 10 })
  const next = feed.open().next()
  feed.add(1)
  expect((await next).value).toEqual({ position: 1 })
})

test('a read that fails is tried again', async () => {
  const feed = memoryFeed()
  feed.add(1)
  let failures = 2
  const stream = feed.open(0, {
    read: async () => {
      if (failures-- > 0) throw new Error('away')
      return [{ position: 1 }]
    },
  })
  const next = stream.next()
  setImmediate(feed.wake)
  expect((await next).value).toEqual({ position: 1 })
})

test('several nexts at once get an item each', async () => {
  const feed = memoryFeed()
  const stream = feed.open()
  const nexts = [stream.next(), stream.next(), stream.next()]
  feed.add(1, 2, 3)
  feed.wake()
  expect((await Promise.all(nexts)).map(({ value }) => value?.position)).toEqual([1, 2, 3])
})

test('it can be returned while a next waits, and listens no more', async () => {
  const feed = memoryFeed()
  const stream = feed.open()
  const next = stream.next()
  await new Promise(setImmediate)
  await Promise.all([stream.return?.(), stream.return?.()])
  expect((await next).done).toBe(true)
  expect((await stream.next()).done).toBe(true)
  expect(feed.listeners.size).toBe(0)
})
