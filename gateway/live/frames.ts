import type { ExecutionResult } from 'graphql'
import { latest, queue } from '../../platform/streams.ts'

/** How many events, each of which counts, may wait for a slow reader. */
const BACKLOG = 1_000

/** How long after an incomplete frame its event is resolved again: each time twice as long, up to the longest. */
const FIRST_PAUSE = 1_000 // ms
const LONGEST_PAUSE = 10_000 // ms

type Source<Event> = Parameters<typeof latest<Event>>[0]
type Frames = AsyncIterableIterator<ExecutionResult>

/** A frame for every event of a log; ends with an error for a reader who falls too far behind. */
export function logFrames<Event>(
  source: Source<Event>,
  resolve: (event: Event) => Promise<ExecutionResult>,
): Frames {
  return frames(queue(BACKLOG, source), resolve)
}

/**
 * A frame for the latest of events that are states. One that is incomplete is delivered as it is, and its event is
 * resolved again until a frame is complete, which is delivered, too, or a newer event has replaced it: on a quiet topic
 * there may be none for hours.
 */
export function stateFrames<Event>(
  source: Source<Event>,
  resolve: (event: Event) => Promise<ExecutionResult>,
  isComplete: (frame: ExecutionResult) => boolean,
): Frames {
  let newest: Event | null = null
  let again: NodeJS.Timeout | undefined
  const attempts = latest<{ event: Event; repetitions: number; repeat: () => void }>((push, fail, end) => {
    const attempt = (event: Event, repetitions: number) => {
      const pause = Math.min(FIRST_PAUSE * 2 ** repetitions, LONGEST_PAUSE)
      const repeat = () => {
        if (event === newest) again = setTimeout(attempt, pause, event, repetitions + 1)
      }
      push({ event, repetitions, repeat })
    }
    const begin = (event: Event) => {
      clearTimeout(again)
      newest = event
      attempt(event, 0)
    }
    const stop = source(begin, fail, end)
    return () => {
      clearTimeout(again)
      newest = null
      return stop()
    }
  })
  return frames(attempts, async ({ event, repetitions, repeat }) => {
    const frame = await resolve(event)
    if (isComplete(frame)) return frame
    repeat()
    return repetitions === 0 ? frame : null
  })
}

/** What events resolve to, one after the other, without those that resolve to null. */
function frames<Event>(
  events: AsyncIterableIterator<Event>,
  resolve: (event: Event) => Promise<ExecutionResult | null>,
): Frames {
  let isOpen = true
  return {
    async next() {
      while (isOpen) {
        const event = await events.next()
        if (event.done) break
        const value = await resolve(event.value).catch(async (error: unknown) => {
          await events.return?.() // who is thrown at does not return what threw
          throw error
        })
        if (isOpen && value) return { done: false, value }
      }
      return { done: true, value: undefined }
    },
    async return() {
      isOpen = false
      await events.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
