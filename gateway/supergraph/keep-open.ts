/** How long what nobody uses stays open once it is not wanted any more: between two requests of one operation, too. */
const IDLE = 10_000 // ms

/** Something that is opened when it is used first. */
export type Kept<T> = {
  /** It, and what says that this use of it is over; saying so again does nothing. */
  use(): { it: T; done: () => void }
  /** Has it closed whenever nobody uses it for a while. One who does after that has it opened again. */
  retire(): void
}

/**
 * Keeps something open as long as it is wanted or used. While it is open, what closes it at once is in `closers`.
 * `idle` is in ms.
 */
export function keepOpen<T extends { close(): Promise<void> }>(
  open: () => T,
  closers: Set<() => Promise<void>>,
  idle = IDLE,
): Kept<T> {
  let opened: T | undefined
  let users = 0
  let isRetired = false
  let timer: NodeJS.Timeout | undefined

  function get(): T {
    clearTimeout(timer)
    closers.add(close)
    opened ??= open()
    return opened
  }

  async function close(): Promise<void> {
    clearTimeout(timer)
    closers.delete(close)
    const closing = opened
    opened = undefined
    await closing?.close()
  }

  function closeLater(): void {
    clearTimeout(timer)
    if (isRetired && users === 0 && opened) timer = setTimeout(() => void close(), idle).unref()
  }

  return {
    use() {
      const it = get()
      users++
      let isOver = false
      return {
        it,
        done() {
          if (isOver) return
          isOver = true
          users--
          closeLater()
        },
      }
    },
    retire() {
      isRetired = true
      closeLater()
    },
  }
}
