import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { describeError } from '../../platform/describe-error.ts'
import type { Caller } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import { queue } from '../../platform/streams.ts'
import type { LiveCounters } from './counters.ts'
import type { Outlet, Stream } from './outlet.ts'
import type { Resumable } from './resume.ts'
import { createTelling, resolveEvent, type Source, type SourceEvent, watchSource } from './source.ts'

/** How many events may wait for a slow reader. */
const BACKLOG = 1_000

/** A log for one reader. */
export type Log = Stream & {
  /** Goes on under another supergraph, after the last event that came. */
  adopt(source: Source, resuming: Resumable): void
}

/**
 * Reads a log: every event counts, so each is a frame, for this reader alone; who falls too far behind is ended with an
 * error, and resumes after the last event that came.
 */
export function openLog(options: {
  source: Source
  resuming: Resumable
  caller: Caller
  outlet: Outlet
  onEnd: () => void
  counters: LiveCounters
  logger: Logger
}): Log {
  const { caller, outlet, onEnd, counters, logger } = options
  const tell = createTelling({ logger, requestId: caller.requestId })
  let { source, resuming } = options
  let isOpen = true
  let last: SourceEvent['data'] = null
  let proceed: (() => void) | undefined
  let unwatch: () => void = () => {}
  let watch: () => void = () => {}

  const events = queue<{ event: SourceEvent; source: Source }>(BACKLOG, (push, fail, end) => {
    watch = () => {
      unwatch()
      const asked = source // what it sends is resolved as it was asked for
      unwatch = watchSource(asked, resuming.operation, caller, {
        next(event) {
          last = event.data ?? last
          if (event.data) resuming.saw(event.data)
          push({ event, source: asked })
        },
        fail: (errors) => fail(new SourceError(errors)),
        end,
      })
    }
    watch()
    return () => unwatch()
  })
  counters.readers[outlet.carrier]++
  void run()

  async function run(): Promise<void> {
    try {
      for await (const { event, source } of events) {
        counters.executions++
        const frame = tell.frame(await resolveEvent(source, event, caller), null)
        while (isOpen && outlet.isBusy()) await drained()
        if (!isOpen) return
        outlet.write(frame)
        counters.sent[outlet.carrier]++
      }
      if (end()) outlet.complete()
    } catch (error) {
      if (end()) outlet.fail(errorsOf(error))
    }
  }

  function errorsOf(error: unknown): readonly GraphQLFormattedError[] {
    if (error instanceof SourceError) return tell.failure(source, error.errors)
    if (error instanceof GraphQLError) return [error.toJSON()] // the queue's
    logger.error({ error: describeError(error), requestId: caller.requestId }, 'a frame could not be made')
    return tell.failure(source, [])
  }

  function drained(): Promise<void> {
    return new Promise((resolve) => {
      proceed = resolve
    })
  }

  function end(): boolean {
    if (!isOpen) return false
    isOpen = false
    counters.readers[outlet.carrier]--
    onEnd()
    return true
  }

  return {
    drained: () => proceed?.(),
    close() {
      if (!end()) return
      proceed?.()
      void events.return?.()
    },
    adopt(next, after) {
      const before = source
      source = next
      if (next.upstream === before.upstream && next.primary.query === before.primary.query) return
      resuming = after
      if (last) resuming.saw(last)
      watch()
    },
  }
}

/** The source ended before its time. */
class SourceError extends Error {
  readonly errors: readonly GraphQLFormattedError[]
  constructor(errors: readonly GraphQLFormattedError[]) {
    super('a source failed')
    this.errors = errors
  }
}
