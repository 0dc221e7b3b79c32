import { pino } from 'pino'
import type { SubscriptionOperation } from '../execution/operation.ts'
import type { OperationResult } from '../execution/result.ts'
import { createTopic } from '../test-support/topic.ts'
import type { Frame } from './frame.ts'
import type { Outlet } from './outlet.ts'
import type { Source } from './source.ts'
import type { Upstream, Watcher } from './upstream.ts'

export const quiet = pino({ level: 'silent' })

/** What an event `text` is resolved to. */
export const resultOf = (text: string): OperationResult => ({ data: JSON.stringify({ text }), errors: [] })

/** The same, but for what a subgraph that is away would add. */
export const incompleteOf = (text: string): OperationResult => ({
  ...resultOf(text),
  errors: [{ message: 'away', extensions: { code: 'UNAVAILABLE', serviceName: 'names' } }],
})

/** A source whose events are published, and resolved, by hand. */
export function createSource({ plan = 'first', query = '{ text }' } = {}) {
  const topic = createTopic<string>()
  const watchers = new Set<Watcher>()
  const resolving: { text: unknown; answer(result: OperationResult): void; fail(error: Error): void }[] = []
  let resolutions = 0
  const upstream: Upstream = {
    watch(_, __, watcher) {
      watchers.add(watcher)
      const stop = topic.subscribe((text) => watcher.next({ data: { text } }))
      return () => {
        watchers.delete(watcher)
        stop()
      }
    },
    async close() {},
  }
  const operation = {
    plan,
    primary: { serviceName: 'texts' },
    told: (errors: readonly unknown[]) => errors,
    resolve: ({ data }: { data: { text: unknown } }) =>
      new Promise((resolve, reject) => {
        resolutions++
        const take = () => resolving.splice(resolving.indexOf(entry), 1)
        const entry = {
          text: data.text,
          answer(result: OperationResult) {
            take()
            resolve(result)
          },
          fail(error: Error) {
            take()
            reject(error)
          },
        }
        resolving.push(entry)
      }),
  } as object as SubscriptionOperation // what a group asks of one
  const source: Source = {
    operation,
    variables: {},
    upstream,
    primary: { query },
    changedAtOf: (data) => Number(/\d+$/.exec(String(data?.text))?.[0] ?? Number.NaN) || null,
  }
  return { source, topic, watchers, resolving, resolutions: () => resolutions }
}

/** An outlet that keeps what it is given, and is busy when told to. */
export function createOutlet() {
  const written: Frame[] = []
  const ends: unknown[] = []
  const state = { isBusy: false }
  const outlet: Outlet = {
    carrier: 'websocket',
    isBusy: () => state.isBusy,
    write: (frame) => void written.push(frame),
    fail: (errors) => void ends.push(errors),
    complete: () => void ends.push('complete'),
  }
  return {
    outlet,
    state,
    ends,
    written,
    texts: () => written.map(({ result }) => JSON.parse(result).data.text),
  }
}
