import { performance } from 'node:perf_hooks'
import type { Logger } from '../../platform/logger.ts'
import type { WakeUps } from '../../platform/wake-ups.ts'
import type { BoardRequest, BoardState, Snapshot } from './board.ts'
import { createFrameGroups, createStandingGroups, type Frame } from './frames.ts'
import type { LiveBoards } from './live-boards.ts'
import type { Standing } from './ranking.ts'
import { createStandingReader } from './standing-reader.ts'

export type WatchTiming = {
  /** Least time between two readings of a board, in ms; the first change after quiet is read at once. */
  tick: number
  /** How often a watched board is read though nothing was announced, in ms. */
  check: number
}

export type Watcher = {
  frames(first: number, push: (frame: Frame) => void): () => void
  standing(userId: string, push: (standing: Standing | null) => void): () => void
  close(): void
}

/**
 * Watches one board for everyone in this process who does: one subscription, and per tick one reading that serves all;
 * it takes several requests only where very many standings have to be read.
 * Ends with its last listener.
 */
export function openWatcher(options: {
  board: { competitionId: string; state: BoardState }
  boards: Pick<LiveBoards, 'read'>
  signals: Pick<WakeUps, 'listen'>
  logger: Logger
  timing: WatchTiming
  onEnd: () => void
}): Watcher {
  const { boards, signals, logger, timing, onEnd } = options
  const board = { ...options.board }
  const frames = createFrameGroups(board.competitionId)
  const people = createStandingGroups()
  let closed = false
  let reading = false
  let readAgain = false
  let next = 0 // of performance.now()
  let waiting: NodeJS.Timeout | undefined

  const touch = () => {
    if (closed || waiting) return
    if (reading) {
      readAgain = true
      return
    }
    const pause = next - performance.now()
    if (pause > 0) waiting = setTimeout(run, pause)
    else void run()
  }

  const run = async () => {
    waiting = undefined
    reading = true
    const start = performance.now()
    await read().catch((error: unknown) => {
      logger.error({ competitionId: board.competitionId, error: String(error) }, 'a board could not be read')
    })
    // A reading that takes long is followed by a pause as long, so that Redis serves others, too.
    next = start + Math.max(timing.tick, 2 * (performance.now() - start))
    reading = false
    if (readAgain) {
      readAgain = false
      touch()
    }
  }

  const ask = async (request: BoardRequest): Promise<Snapshot | null> => {
    const snapshot = await boards.read(board, request)
    if (closed) return null
    board.state = snapshot.state
    const [page] = snapshot.windows
    // Only a page of the first places is asked for here.
    const [asked] = request.windows
    if (page && asked?.kind === 'page') frames.show(snapshot, page.standings, asked.size)
    return snapshot
  }
  const standings = createStandingReader(people, ask)

  const read = async () => {
    if (standings.isSettled() && !frames.isAwaited() && !people.isAwaited()) return
    const size = frames.largest()
    await standings.read(
      size > 0 ? [{ kind: 'page', size, backwards: false, after: null, before: null }] : [],
    )
  }

  const unfollow = signals.listen(board.competitionId, touch)
  const checking = setInterval(touch, timing.check).unref()

  const close = () => {
    if (closed) return
    closed = true
    clearInterval(checking)
    clearTimeout(waiting)
    unfollow()
    onEnd()
  }
  const joined = (leave: () => void) => {
    touch()
    return () => {
      leave()
      if (frames.isEmpty() && people.isEmpty()) close()
    }
  }

  return {
    frames: (first, push) => joined(frames.join(first, push)),
    standing: (userId, push) => joined(people.join(userId, push)),
    close,
  }
}
