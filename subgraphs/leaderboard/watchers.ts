import type { Logger } from '../../platform/logger.ts'
import { latest } from '../../platform/streams.ts'
import type { WakeUps } from '../../platform/wake-ups.ts'
import type { BoardState } from './board.ts'
import type { Frame } from './frames.ts'
import type { LiveBoards } from './live-boards.ts'
import type { Standing } from './ranking.ts'
import { openWatcher, type Watcher, type WatchTiming } from './watcher.ts'

export type Watchers = ReturnType<typeof createWatchers>

/** Streams of what changes on boards: states, so a slow reader skips to the latest. */
export function createWatchers(options: {
  boards: Pick<LiveBoards, 'read'>
  signals: Pick<WakeUps, 'listen'>
  logger: Logger
  timing: WatchTiming
}) {
  const watchers = new Map<string, Watcher>()

  const watch = (board: { competitionId: string; state: BoardState }): Watcher => {
    const { competitionId } = board
    const open = watchers.get(competitionId)
    if (open) return open
    const watcher = openWatcher({ ...options, board, onEnd: () => watchers.delete(competitionId) })
    watchers.set(competitionId, watcher)
    return watcher
  }

  return {
    /** A board's first places: at once, then after every change. */
    frames: (board: { competitionId: string; state: BoardState }, first: number) =>
      latest<Frame>((push) => watch(board).frames(first, push)),

    /** One person's standing: at once, then when rank or score changes; null without one. */
    standing: (board: { competitionId: string; state: BoardState }, userId: string) =>
      latest<{ standing: Standing | null }>((push) =>
        watch(board).standing(userId, (standing) => push({ standing })),
      ),

    /** How many boards are watched. */
    count: () => watchers.size,

    close() {
      for (const watcher of [...watchers.values()]) watcher.close()
    },
  }
}
