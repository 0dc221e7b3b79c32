import type { GraphQLFormattedError } from 'graphql'
import { describeError } from '../../platform/describe-error.ts'
import type { Caller } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import type { LiveCounters } from './counters.ts'
import type { Frame } from './frame.ts'
import type { Reader } from './reader.ts'
import {
  createTelling,
  isComplete,
  resolveEvent,
  type Source,
  type SourceEvent,
  watchSource,
} from './source.ts'

/** How long after an incomplete frame its event is resolved again: each time twice as long, up to the longest. */
const FIRST_PAUSE = 1_000 // ms
const LONGEST_PAUSE = 10_000 // ms

/** Those who get the same frames. */
export type Group = {
  /** Adds a reader, who gets the latest frame at once, or the first one there is. */
  join(reader: Reader): void
  leave(reader: Reader): void
  isEmpty(): boolean
  /** Goes on with the same under another supergraph: with a fresh frame after `pause` ms, unless its plan is the same. */
  adopt(source: Source, pause: number): void
  close(): void
}

type Options = {
  source: Source
  /** On whose behalf all is asked. */
  caller: Caller
  /** Its source is at an end: with errors before its time, without because there is no more. */
  onEnd: (errors: GraphQLFormattedError[] | null) => void
  counters: LiveCounters
  logger: Logger
}

/**
 * Watches a source once for all readers of a group. Each event is resolved once and serialized once, one event at a time: one that
 * comes meanwhile replaces the one that waits. A frame that lacks a part because a subgraph was away is shown, and its
 * event resolved again until it is whole or replaced: on a quiet topic there may be no other for hours.
 */
export function openGroup({ source: first, caller, onEnd, counters, logger }: Options): Group {
  const readers = new Set<Reader>()
  const tell = createTelling({ logger, requestId: caller.requestId })
  let source = first
  let isOpen = true
  let latest: Frame | null = null
  let waiting: Attempt | null = null
  let isResolving = false
  /** The source is at an end; what it sent before is shown first. */
  let over: { errors: GraphQLFormattedError[] | null } | undefined
  let newest: SourceEvent | null = null
  let changedAt: number | null = null
  let again: NodeJS.Timeout | undefined
  let adoption: NodeJS.Timeout | undefined
  counters.groups++
  let stop = watch()

  function watch(): () => void {
    const { primary } = source
    return watchSource(source, () => primary, caller, {
      next: take,
      fail: (errors) => finish(tell.failure(source, errors)),
      end: () => finish(null),
    })
  }

  function take(event: SourceEvent): void {
    newest = event
    const before = changedAt
    changedAt = source.changedAtOf(event.data)
    // Of the first event, and of one that comes anew after a pause, nobody has waited for the change.
    const isChange = before !== null && changedAt !== null && changedAt > before
    attempt({ event, changedAt: isChange ? changedAt : null, repetitions: 0 })
  }

  function attempt(next: Attempt): void {
    clearTimeout(again)
    waiting = next
    if (!isResolving) void resolveWaiting()
  }

  async function resolveWaiting(): Promise<void> {
    isResolving = true
    while (waiting && isOpen) {
      const current: Attempt = waiting
      waiting = null
      await resolve(current).catch((error: unknown) => {
        logger.error(
          { error: describeError(error), requestId: caller.requestId },
          'a frame could not be made',
        )
        end(tell.failure(source, []))
      })
    }
    isResolving = false
    if (over) end(over.errors)
  }

  async function resolve({ event, changedAt, repetitions }: Attempt): Promise<void> {
    const current = source
    counters.executions++
    const result = await resolveEvent(current, event, caller)
    if (!isOpen) return
    const whole = isComplete(result, current)
    if (whole || repetitions === 0) show(tell.frame(result, changedAt))
    if (whole || event !== newest || waiting || over) return
    const pause = Math.min(FIRST_PAUSE * 2 ** repetitions, LONGEST_PAUSE)
    again = setTimeout(attempt, pause, { event, changedAt: null, repetitions: repetitions + 1 })
  }

  function show(frame: Frame): void {
    latest = frame
    for (const reader of readers) {
      try {
        reader.show(frame)
      } catch (error) {
        logger.error({ error: describeError(error) }, 'a frame could not be written')
        reader.close() // one of many
      }
    }
  }

  function finish(errors: GraphQLFormattedError[] | null): void {
    over = { errors }
    if (!isResolving) end(errors)
  }

  function end(errors: GraphQLFormattedError[] | null): void {
    if (!isOpen) return
    close()
    onEnd(errors)
  }

  function close(): void {
    if (!isOpen) return
    isOpen = false
    counters.groups--
    clearTimeout(again)
    clearTimeout(adoption)
    readers.clear()
    stop()
  }

  return {
    join(reader) {
      readers.add(reader)
      if (latest) reader.begin(latest)
    },
    leave: (reader) => void readers.delete(reader),
    isEmpty: () => readers.size === 0,
    adopt(next, pause) {
      clearTimeout(adoption)
      const before = source
      const isSamePlan = next.operation.plan === before.operation.plan && next.upstream === before.upstream
      if (isSamePlan) {
        source = next
        return
      }
      adoption = setTimeout(() => {
        source = next
        if (next.upstream === before.upstream && next.primary.query === before.primary.query) {
          if (newest) attempt({ event: newest, changedAt: null, repetitions: 0 })
          return
        }
        stop()
        newest = waiting = changedAt = null // of another operation
        clearTimeout(again)
        stop = watch()
      }, pause)
    },
    close,
  }
}

type Attempt = { event: SourceEvent; changedAt: number | null; repetitions: number }
