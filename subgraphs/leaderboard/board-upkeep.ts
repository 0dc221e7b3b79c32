import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../../platform/logger.ts'
import type { RebuildOutcome } from './board-rebuild.ts'
import type { RedisHealth } from './redis-health.ts'
import type { BoardStore } from './store.ts'

/** Boards looked at, at a time: each takes a connection, and requests need theirs. */
const AT_ONCE = 4

/** Boards listed at a time. */
const PAGE = 100

/** How soon a board that another process builds anew is looked at again. */
const BUSY = 200 // ms

/** How soon all boards are looked at again when that failed: those that were not reached are in doubt until then. */
const RETRY = 2_000 // ms

export type Upkeep = ReturnType<typeof openUpkeep>

/**
 * Keeps the boards in Redis right. A board in doubt is read from PostgreSQL until it was checked, and built anew if need
 * be: every board after Redis was away, one that is missing or could not be written, and all of them every `interval` ms
 * by a look at some of each.
 */
export function openUpkeep(options: {
  boards: Pick<BoardStore, 'unfinished'>
  isDamaged: (competitionId: string) => Promise<boolean>
  rebuild: (competitionId: string) => Promise<RebuildOutcome>
  health: RedisHealth
  logger: Logger
  interval: number
}) {
  const { boards, isDamaged, rebuild, health, logger, interval } = options
  /** Boards in doubt, and a number that is new with every doubt. */
  const doubts = new Map<string, number>()
  const repairs = new Map<string, Promise<void>>()
  /** Since the start, or since Redis was away, the boards that were checked; null when all are trusted. */
  let checked: Set<string> | null = null
  let doubtCount = 0
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let tending: Promise<void> = Promise.resolve()

  const mark = (competitionId: string) => {
    doubtCount += 1
    doubts.set(competitionId, doubtCount)
  }

  /** Ends when the board is right; or when it cannot be repaired now, which leaves it in doubt. */
  const repair = (competitionId: string): Promise<void> => {
    const running = repairs.get(competitionId)
    if (running) return running
    const repairing = settle(competitionId)
      .catch((error: unknown) => {
        mark(competitionId)
        if (health.isAway() || closed) return
        logger.error({ competitionId, error: String(error) }, 'a board could not be repaired')
      })
      .finally(() => repairs.delete(competitionId))
    repairs.set(competitionId, repairing)
    return repairing
  }

  const settle = async (competitionId: string): Promise<void> => {
    while (!closed) {
      const doubt = doubts.get(competitionId)
      const outcome = (await isDamaged(competitionId)) ? await rebuild(competitionId) : 'right'
      if (outcome === 'busy' || outcome === 'lost') {
        await sleep(BUSY, undefined, { ref: false })
        continue
      }
      if (outcome === 'done') logger.info({ competitionId }, 'board built anew')
      if (doubts.get(competitionId) !== doubt) continue
      doubts.delete(competitionId)
      checked?.add(competitionId)
      return
    }
  }

  const tendAll = async (): Promise<void> => {
    for (let after: string | null = null; !closed && !health.isAway(); ) {
      const page = await boards.unfinished(after, PAGE)
      for (let i = 0; i < page.length; i += AT_ONCE) {
        if (closed || health.isAway()) return
        await Promise.all(page.slice(i, i + AT_ONCE).map((board) => repair(board.competitionId)))
      }
      after = page.at(-1)?.competitionId ?? null
      if (page.length < PAGE) break
    }
    // What is in doubt though it does not change any more.
    for (const competitionId of [...doubts.keys()]) {
      if (closed || health.isAway()) return
      await repair(competitionId)
    }
  }

  /** One round after the other. */
  const tend = (): Promise<void> => {
    tending = tending.then(async () => {
      clearTimeout(timer)
      const since = checked
      let next = interval
      try {
        await tendAll()
        // Redis was there all the while, so every board has been checked.
        if (checked === since && !health.isAway()) checked = null
      } catch (error) {
        next = Math.min(RETRY, interval)
        if (!closed) logger.error({ error: String(error) }, 'the boards could not be checked')
      }
      clearTimeout(timer)
      if (!closed) timer = setTimeout(tend, next).unref()
    })
    return tending
  }

  const forget = () => {
    checked = new Set()
  }
  health.onLost(forget)
  health.onBack(tend)
  // Of what Redis kept while nobody was here nothing is known.
  forget()
  void tend()

  return {
    /** Whether a board can be read in Redis. */
    trusts: (competitionId: string): boolean =>
      !health.isAway() && !doubts.has(competitionId) && (checked === null || checked.has(competitionId)),

    /** Has a board checked, and read from PostgreSQL until then. */
    doubt(competitionId: string): void {
      mark(competitionId)
      if (!health.isAway()) void repair(competitionId)
    },

    /** Checks every board that still changes now; ends when all are right. */
    tend,

    async close(): Promise<void> {
      closed = true
      clearTimeout(timer)
      await tending
      await Promise.all(repairs.values())
    },
  }
}
