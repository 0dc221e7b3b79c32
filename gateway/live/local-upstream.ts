import type { LocalSubgraph } from '../transport/in-process.ts'
import type { Upstream, Watcher } from './upstream.ts'

/** Subscriptions on a subgraph in this process, without a socket between. It is never away while the process runs. */
export function openLocalUpstream(subgraph: Pick<LocalSubgraph, 'subscribe'>): Upstream {
  const watching = new Map<Watcher, () => void>()
  return {
    watch(operation, caller, watcher) {
      // Each watch has one of its own: who watches twice may leave one.
      const once: Watcher = {
        next: (event) => watcher.next(event),
        error(errors) {
          if (watching.delete(once)) watcher.error(errors)
        },
        complete() {
          if (watching.delete(once)) watcher.complete()
        },
      }
      const unsubscribe = subgraph.subscribe(operation(), caller, once)
      watching.set(once, unsubscribe)
      return () => {
        watching.delete(once)
        unsubscribe()
      }
    },
    async close() {
      for (const [watcher, unsubscribe] of watching) {
        unsubscribe()
        watcher.complete()
      }
    },
  }
}
