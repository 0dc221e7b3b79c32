/** What a run has put off, and how far it is. */
export type Parts = {
  /**
   * Starts what fills the fragments of this label, once `ready` has resolved. They are filled no sooner than those of the label that
   * they are `within`.
   */
  start(part: {
    label: string
    within: string | undefined
    ready: Promise<unknown>
    work: () => Promise<unknown> | undefined
  }): void
  /** Resolves when the requests with these ids have been answered. */
  answered(ids: readonly string[]): Promise<unknown>
  /** Says that the request with this id has been answered. */
  note(id: string): void
  /** Labels as they are filled, all that are at the same moment together; null once there are no more. */
  next(): Promise<{ labels: string[]; hasNext: boolean } | null>
  /** Nothing is started any more, and whoever waits is let go. */
  stop(): void
}

export function createParts(): Parts {
  const requests = new Map<string, PromiseWithResolvers<void>>()
  const fillings = new Map<string, PromiseWithResolvers<void>>()
  let open = 0
  let isStopped = false
  let filled: string[] = []
  let changed = Promise.withResolvers<void>()
  let failure: { error: unknown } | undefined

  const signal = (signals: Map<string, PromiseWithResolvers<void>>, id: string) => {
    const known = signals.get(id) ?? Promise.withResolvers<void>()
    signals.set(id, known)
    return known
  }

  async function fill({ label, within, ready, work }: Parameters<Parts['start']>[0]): Promise<void> {
    try {
      await ready
      if (!isStopped) await work()
      if (within !== undefined) await signal(fillings, within).promise
      filled.push(label)
      signal(fillings, label).resolve()
    } catch (error) {
      failure = { error }
    }
    open--
    changed.resolve()
  }

  return {
    start(part) {
      open++
      void fill(part)
    },
    answered: (ids) => Promise.all(ids.map((id) => signal(requests, id).promise)),
    note: (id) => signal(requests, id).resolve(),
    async next() {
      while (filled.length === 0 && open > 0 && !isStopped && !failure) {
        await changed.promise
        changed = Promise.withResolvers<void>()
      }
      if (failure) throw failure.error
      if (filled.length === 0 || isStopped) return null
      const labels = filled
      filled = []
      return { labels, hasNext: open > 0 }
    },
    stop() {
      isStopped = true
      changed.resolve()
    },
  }
}
