/** What a run has put off, and how far it is. */
export type Parts = {
  /** Starts what fills the fragments of this label, once `ready` has resolved. */
  start(label: string, ready: Promise<unknown>, work: () => Promise<unknown> | undefined): void
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
  let open = 0
  let isStopped = false
  let filled: string[] = []
  let changed = Promise.withResolvers<void>()
  let failure: { error: unknown } | undefined

  const request = (id: string) => {
    const known = requests.get(id) ?? Promise.withResolvers<void>()
    requests.set(id, known)
    return known
  }

  async function fill(label: string, ready: Promise<unknown>, work: () => Promise<unknown> | undefined) {
    try {
      await ready
      if (!isStopped) await work()
      filled.push(label)
    } catch (error) {
      failure = { error }
    }
    open--
    changed.resolve()
  }

  return {
    start(label, ready, work) {
      open++
      void fill(label, ready, work)
    },
    answered: (ids) => Promise.all(ids.map((id) => request(id).promise)),
    note: (id) => request(id).resolve(),
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
