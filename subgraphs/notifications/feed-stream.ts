import type { Logger } from '../../platform/logger.ts'

/** How long a stream rests before it looks into the feed by itself: wake-ups can get lost. */
const REST = 30_000 // ms
/** The same after a read that failed. */
const RETRY = 1_000 // ms

/**
 * A person's feed from a position on, without end. It holds one page at most, and reads the next when that was taken,
 * so a slow reader costs nothing and misses nothing. Unlike an async generator it can be returned while a `next()`
 * waits. A read that fails is tried again: to end the stream would only have the reader come back.
 */
export function feedStream<Item extends { position: number }>(
  start: number,
  feed: {
    /** The first items after a position; none if there are none yet. */
    read: (after: number) => Promise<Item[]>
    /** Calls back whenever there may be more; returns what ends that. */
    listen: (wake: () => void) => () => void
    logger: Logger
    rest?: number
  },
): AsyncIterableIterator<Item> {
  const { read, logger, rest = REST } = feed
  let position = start
  let page: Item[] = []
  let ended = false
  let woken = false
  let rouse = () => {}
  const wake = () => {
    woken = true
    rouse()
  }
  const stopListening = feed.listen(wake)

  async function pull(): Promise<IteratorResult<Item>> {
    while (!ended) {
      const item = page.shift()
      if (item) {
        position = item.position
        return { done: false, value: item }
      }
      woken = false
      const pause = await turnPage()
      if (page.length === 0 && !woken) await sleep(pause)
    }
    return { done: true, value: undefined }
  }

  /** Returns how long to rest if there was nothing. */
  async function turnPage(): Promise<number> {
    try {
      page = await read(position)
      return rest
    } catch (error) {
      logger.warn({ error: error instanceof Error ? error.message : String(error) }, 'feed not read')
      return RETRY
    }
  }

  function sleep(pause: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(wake, pause)
      rouse = () => {
        clearTimeout(timer)
        rouse = () => {}
        resolve()
      }
    })
  }

  let turn: Promise<unknown> = Promise.resolve()
  return {
    next() {
      const result = turn.then(pull)
      turn = result
      return result
    },
    async return() {
      if (!ended) {
        ended = true
        stopListening()
        wake()
      }
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
