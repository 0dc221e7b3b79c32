import { expect, test } from '@jest/globals'
import { latest, queue, readmitting } from './streams.ts'

/** A source that the test speaks for. */
function puppet<T>() {
  const said = { push: (_: T) => {}, fail: (_: unknown) => {}, end: () => {}, stopped: 0 }
  const source = (push: (value: T) => void, fail: (error: unknown) => void, end: () => void) => {
    Object.assign(said, { push, fail, end })
    return () => void said.stopped++
  }
  return { said, source }
}

const done = { done: true, value: undefined }

test('of states a slow reader gets the latest', async () => {
  const { said, source } = puppet<number>()
  const stream = latest(source)
  for (const value of [1, 2, 3]) said.push(value)
  expect((await stream.next()).value).toBe(3)
  const next = stream.next()
  said.push(4)
  expect((await next).value).toBe(4)
})

test('of events a reader gets each, in order', async () => {
  const { said, source } = puppet<number>()
  const stream = queue(10, source)
  for (const value of [1, 2, 3]) said.push(value)
  expect([await stream.next(), await stream.next(), await stream.next()].map(({ value }) => value)).toEqual([
    1, 2, 3,
  ])
})

test('a reader who falls behind the limit gets what waits, and then an error', async () => {
  const { said, source } = puppet<number>()
  const stream = queue(2, source)
  for (const value of [1, 2, 3]) said.push(value)
  expect(said.stopped).toBe(1)
  expect([(await stream.next()).value, (await stream.next()).value]).toEqual([1, 2])
  await expect(stream.next()).rejects.toThrow('You fell 2 events behind')
})

test.each([
  ['of states', latest],
  ['of events', <T>(source: Parameters<typeof latest<T>>[0]) => queue<T>(10, source)],
])('a stream %s can be returned while a next waits, and stops its source once', async (_, open) => {
  const { said, source } = puppet<number>()
  const stream = open(source)
  const [first, second] = [stream.next(), stream.next()]
  await stream.return?.()
  await stream.return?.()
  expect([await first, await second, await stream.next()]).toEqual([done, done, done])
  expect(said.stopped).toBe(1)
})

test('what waits is forgotten when the reader leaves', async () => {
  const { said, source } = puppet<number>()
  const stream = queue(10, source)
  said.push(1)
  await stream.return?.()
  said.push(2)
  expect(await stream.next()).toEqual(done)
})

test('a source that fails, fails the reader who waits', async () => {
  const { said, source } = puppet<number>()
  const next = latest(source).next()
  said.fail(new Error('away'))
  await expect(next).rejects.toThrow('away')
  expect(said.stopped).toBe(1)
})

test('a source that ends lets what waits be read', async () => {
  const { said, source } = puppet<number>()
  const stream = queue(10, source)
  said.push(1)
  said.end()
  expect((await stream.next()).value).toBe(1)
  expect(await stream.next()).toEqual(done)
})

test('a source that fails while it starts is stopped, and its failure is read', async () => {
  let stopped = 0
  const stream = queue<number>(1, (push) => {
    push(1)
    push(2)
    return () => void stopped++
  })
  expect((await stream.next()).value).toBe(1)
  await expect(stream.next()).rejects.toThrow('You fell 1 events behind')
  expect(stopped).toBe(1)
})

test('for await leaves nothing behind', async () => {
  const { said, source } = puppet<number>()
  const stream = latest(source)
  said.push(1)
  for await (const value of stream) {
    expect(value).toBe(1)
    break
  }
  expect(said.stopped).toBe(1)
})

/** A stream that was admitted at time 0 and is asked about again, by a clock that the test moves. */
function admitted() {
  const { said, source } = puppet<number>()
  const clock = { time: 0, asked: 0, admits: true }
  const admit = async () => {
    clock.asked++
    if (!clock.admits) throw new Error('not any more')
  }
  return { said, clock, stream: readmitting(queue(10, source), admit, () => clock.time) }
}

test('admission is asked for again before the first value after 30 s, and then holds again', async () => {
  const { said, clock, stream } = admitted()
  const askedAt = async (time: number) => {
    clock.time = time
    said.push(time)
    await stream.next()
    return clock.asked
  }
  expect(await askedAt(29_999)).toBe(0)
  expect(await askedAt(30_000)).toBe(1)
  expect(await askedAt(59_999)).toBe(1)
  expect(await askedAt(60_000)).toBe(2)
})

test('who is not admitted any more gets no value, and the source is stopped', async () => {
  const { said, clock, stream } = admitted()
  clock.admits = false
  clock.time = 30_000
  said.push(1)
  await expect(stream.next()).rejects.toThrow('not any more')
  expect(said.stopped).toBe(1)
  expect(await stream.next()).toEqual(done)
})

test('a stream that is asked about again can be returned while it waits', async () => {
  const { stream, said } = admitted()
  const next = stream.next()
  await stream.return?.()
  expect(await next).toEqual(done)
  expect(said.stopped).toBe(1)
})
