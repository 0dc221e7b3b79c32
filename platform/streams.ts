import { unavailable } from './errors.ts'

/** How long an admission to a stream holds before it is checked again. */
const ADMISSION = 30_000 // ms

/**
 * Starts a source; is given what takes its values, and returns what stops it. After `fail` or `end` nothing is taken;
 * what waits then is still read.
 */
type Source<T> = (
  push: (value: T) => void,
  fail: (error: unknown) => void,
  end: () => void,
) => () => void | Promise<void>

/**
 * A stream of states: it holds one value at most, and a newer one replaces it, so a slow reader skips to the latest.
 * Unlike an async generator it can be returned while a `next()` waits.
 */
export function latest<T>(source: Source<T>): AsyncIterableIterator<T> {
  return stream(source, (waiting, value) => waiting.splice(0, waiting.length, value))
}

/** A stream of events, each of which counts: a reader who falls `limit` behind is ended with an error and resumes. */
export function queue<T>(limit: number, source: Source<T>): AsyncIterableIterator<T> {
  return stream(source, (waiting, value) => {
    if (waiting.length >= limit) {
      throw unavailable(`You fell ${limit} events behind. Subscribe again after the last one that you got.`)
    }
    waiting.push(value)
  })
}

/** The same stream, except that `admit` is asked again before a value whenever the last answer is older than 30 s. */
export function readmitting<T>(
  source: AsyncIterableIterator<T>,
  admit: () => Promise<unknown>,
  now: () => number = Date.now,
): AsyncIterableIterator<T> {
  let admitted = now()
  return {
    async next() {
      const result = await source.next()
      if (result.done || now() - admitted < ADMISSION) return result
      try {
        await admit()
      } catch (error) {
        await source.return?.()
        throw error
      }
      admitted = now()
      return result
    },
    async return() {
      await source.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function stream<T>(source: Source<T>, keep: (waiting: T[], value: T) => void): AsyncIterableIterator<T> {
  type Waiter = { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void }
  const waiting: T[] = []
  const readers: Waiter[] = []
  let ended: { error?: unknown } | undefined
  let stop: ReturnType<Source<T>> | undefined

  const end = async (outcome: { error?: unknown }) => {
    if (ended) return
    ended = outcome
    for (const reader of readers.splice(0)) {
      if ('error' in outcome) reader.reject(outcome.error)
      else reader.resolve({ done: true, value: undefined })
    }
    await stop?.()
  }
  // Of an end that the source brought about nobody awaits how the stopping went.
  const endBySource = (outcome: { error?: unknown }) => void end(outcome).catch(() => {})
  const fail = (error: unknown) => endBySource({ error })
  const push = (value: T) => {
    if (ended) return
    const reader = readers.shift()
    if (reader) return reader.resolve({ done: false, value })
    try {
      keep(waiting, value)
    } catch (error) {
      fail(error)
    }
  }
  stop = source(push, fail, () => endBySource({}))
  // It ended before it had said how it is stopped.
  if (ended) void Promise.resolve(stop()).catch(() => {})

  return {
    next() {
      if (waiting.length > 0) return Promise.resolve({ done: false, value: waiting.shift() as T })
      if (ended && 'error' in ended) return Promise.reject(ended.error)
      if (ended) return Promise.resolve({ done: true, value: undefined })
      return new Promise((resolve, reject) => readers.push({ resolve, reject }))
    },
    async return() {
      waiting.length = 0
      await end({})
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
