import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { Caller } from '../../platform/identity.ts'
import { createLiveCounters } from './counters.ts'
import { openGroup } from './group.ts'
import { Reader } from './reader.ts'
import { createOutlet, createSource, incompleteOf, quiet, resultOf } from './test-support.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const caller: Caller = { identity: { kind: 'gateway' }, requestId: 'r' }
const pass = (time: number) => jest.advanceTimersByTimeAsync(time)

/** A group with one reader. */
function watch() {
  const source = createSource()
  const counters = createLiveCounters()
  const ends: unknown[] = []
  const onEnd = (errors: unknown) => ends.push(errors)
  const group = openGroup({ source: source.source, caller, counters, logger: quiet, onEnd })
  const join = () => {
    const outlet = createOutlet()
    const reader = new Reader(caller, outlet.outlet, counters)
    group.join(reader)
    return { ...outlet, reader }
  }
  return { ...source, counters, group, ends, join, first: join() }
}

test('an event is resolved once and serialized once for all readers', async () => {
  const { topic, resolving, join, first, counters } = watch()
  const second = join()
  topic.publish('a')
  await pass(0)
  expect(resolving).toMatchObject([{ text: 'a' }])
  resolving[0]?.answer(resultOf('a'))
  await pass(0)
  expect(first.texts()).toEqual(['a'])
  expect(second.written[0]).toBe(first.written[0])
  const bytes = (text: string) => Buffer.from(text)
  expect(second.written[0]?.as(bytes)).toBe(first.written[0]?.as(bytes))
  expect(counters).toMatchObject({
    executions: 1,
    groups: 1,
    readers: { websocket: 2 },
    sent: { websocket: 2 },
  })
})

test('who comes later gets the latest frame at once', async () => {
  const { topic, resolving, join, first } = watch()
  topic.publish('a')
  await pass(0)
  resolving[0]?.answer(resultOf('a'))
  await pass(0)
  expect(join().written).toEqual(first.written)
})

test('a slow reader skips to the latest, and nobody else waits', async () => {
  const { topic, resolving, join, first, counters } = watch()
  const slow = join()
  slow.state.isBusy = true
  for (const text of ['a', 'b', 'c']) {
    topic.publish(text)
    await pass(0)
    resolving[0]?.answer(resultOf(text))
    await pass(0)
  }
  expect(first.texts()).toEqual(['a', 'b', 'c'])
  expect(slow.texts()).toEqual([])
  slow.reader.drained()
  expect(slow.texts()).toEqual([])
  slow.state.isBusy = false
  slow.reader.drained()
  slow.reader.drained()
  expect(slow.texts()).toEqual(['c'])
  expect(counters.skipped.websocket).toBe(2)
})

test('an outlet that breaks is let go, and the others are not concerned', async () => {
  const { topic, resolving, join, first } = watch()
  const broken = join()
  broken.outlet.write = () => {
    throw new Error('write after end')
  }
  const last = join()
  topic.publish('a')
  await pass(0)
  resolving[0]?.answer(resultOf('a'))
  await pass(0)
  expect([first.texts(), last.texts()]).toEqual([['a'], ['a']])
  expect(broken.reader.isOpen).toBe(false)
})

test('delays are told of changes alone, from the change to each write', async () => {
  const { topic, resolving, join, counters } = watch()
  const start = Date.now()
  const publish = async (changedAt: number) => {
    topic.publish(`at ${changedAt}`)
    await pass(0)
    resolving[0]?.answer(resultOf('a'))
    await pass(0)
  }
  await publish(start - 60_000) // as it has been for a minute
  join()
  await publish(start - 200)
  expect(counters.delays.counts.reduce((sum, count) => sum + count)).toBe(2)
  expect(counters.delays.sum).toBeCloseTo(0.4, 1)
  join()
  expect(counters.delays.counts.reduce((sum, count) => sum + count)).toBe(2)
})

test('an incomplete frame is delivered, and again once it is complete, however long that takes', async () => {
  const { topic, resolving, first } = watch()
  topic.publish('a')
  await pass(0)
  resolving[0]?.answer(incompleteOf('a'))
  for (const pause of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    await pass(pause - 1)
    expect(resolving).toEqual([])
    await pass(1)
    expect(resolving).toMatchObject([{ text: 'a' }])
    expect(first.texts()).toEqual(['a'])
    resolving[0]?.answer(incompleteOf('a'))
  }
  await pass(10_000)
  resolving[0]?.answer(resultOf('whole a'))
  await pass(60_000)
  expect(first.texts()).toEqual(['a', 'whole a'])
  expect(resolving).toEqual([])
  expect(jest.getTimerCount()).toBe(0)
})

test('a newer event replaces one that waits to be resolved again', async () => {
  const { topic, resolving, resolutions, first } = watch()
  topic.publish('a')
  await pass(0)
  resolving[0]?.answer(incompleteOf('a'))
  await pass(500)
  topic.publish('b')
  await pass(0)
  resolving[0]?.answer(resultOf('b'))
  await pass(60_000)
  expect(first.texts()).toEqual(['a', 'b'])
  expect(resolutions()).toBe(2)
})

test('of the events that come while another is resolved the latest waits, and no older one comes after', async () => {
  const { topic, resolving, resolutions, first } = watch()
  topic.publish('a')
  await pass(0)
  for (const text of ['b', 'c']) topic.publish(text)
  await pass(60_000)
  expect(resolving).toMatchObject([{ text: 'a' }])
  resolving[0]?.answer(incompleteOf('a'))
  await pass(0)
  expect(resolving).toMatchObject([{ text: 'c' }])
  resolving[0]?.answer(resultOf('c'))
  await pass(60_000)
  expect(first.texts()).toEqual(['a', 'c'])
  expect(resolutions()).toBe(2)
})

test('a group that is closed while it waits or resolves lets go at once and tells nobody anything', async () => {
  const { topic, resolving, group, watchers, first, ends } = watch()
  topic.publish('a')
  await pass(0)
  resolving[0]?.answer(incompleteOf('a'))
  await pass(1_000)
  group.close()
  resolving[0]?.answer(resultOf('a'))
  await pass(60_000)
  expect(first.texts()).toEqual(['a'])
  expect([watchers.size, jest.getTimerCount(), ends]).toEqual([0, 0, []])
})

test('a source that fails, or ends, ends the group, once', async () => {
  const failed = watch()
  for (const watcher of [...failed.watchers])
    watcher.error([{ message: 'No.', extensions: { code: 'NOT_FOUND' } }])
  expect(failed.ends).toMatchObject([[{ message: 'No.', extensions: { code: 'NOT_FOUND' } }]])
  expect(failed.watchers.size).toBe(0)
  const ended = watch()
  for (const watcher of [...ended.watchers]) watcher.complete()
  expect(ended.ends).toEqual([null])
})

test('what a source sent before it ended is shown first', async () => {
  const { topic, resolving, watchers, first, ends } = watch()
  topic.publish('a')
  await pass(0)
  topic.publish('b')
  for (const watcher of [...watchers]) watcher.complete()
  for (const text of ['a', 'b']) {
    expect(ends).toEqual([])
    resolving[0]?.answer(resultOf(text))
    await pass(0)
  }
  expect(first.texts()).toEqual(['a', 'b'])
  expect(ends).toEqual([null])
})

test('a frame that cannot be made ends the group with what says nothing of why', async () => {
  const { topic, resolving, ends } = watch()
  topic.publish('a')
  await pass(0)
  resolving[0]?.fail(new Error('connect ECONNREFUSED 10.0.0.7'))
  await pass(0)
  expect(ends).toMatchObject([[{ extensions: { code: 'UNAVAILABLE' } }]])
  expect(JSON.stringify(ends)).not.toContain('10.0.0.7')
})

test('under another supergraph with the same plan it goes on as if nothing had been', async () => {
  const { topic, resolving, group, source, first, watchers } = watch()
  topic.publish('a')
  await pass(0)
  resolving[0]?.answer(resultOf('a'))
  const before = [...watchers]
  group.adopt({ ...source }, 1_000)
  await pass(60_000)
  expect(first.texts()).toEqual(['a'])
  expect([...watchers]).toEqual(before)
})

test('with another plan for what others add its event is resolved again, and it keeps its source', async () => {
  const { topic, resolving, group, source, first, watchers } = watch()
  topic.publish('a')
  await pass(0)
  resolving[0]?.answer(resultOf('a'))
  await pass(0)
  const before = [...watchers]
  group.adopt({ ...source, operation: { ...source.operation, plan: 'second' } }, 1_000)
  await pass(999)
  expect(resolving).toEqual([])
  await pass(1)
  resolving[0]?.answer(resultOf('a anew'))
  await pass(0)
  expect(first.texts()).toEqual(['a', 'a anew'])
  expect([...watchers]).toEqual(before)
})

test('with another field to watch it goes over to that, and what the one before sent comes no more', async () => {
  const { topic, resolving, group, first, watchers } = watch()
  const next = createSource({ plan: 'second', query: '{ other }' })
  topic.publish('a')
  await pass(0)
  group.adopt(next.source, 1_000)
  topic.publish('b')
  await pass(1_000)
  expect([watchers.size, next.watchers.size]).toEqual([0, 1])
  resolving[0]?.answer(resultOf('a'))
  next.topic.publish('c')
  await pass(0)
  next.resolving[0]?.answer(resultOf('c'))
  await pass(0)
  expect(first.texts()).toEqual(['a', 'c'])
})
