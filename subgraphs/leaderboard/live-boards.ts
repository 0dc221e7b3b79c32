import type { Logger } from '../../platform/logger.ts'
import {
  type BoardRequest,
  type BoardSource,
  type BoardState,
  emptySnapshot,
  type Snapshot,
} from './board.ts'
import type { RedisBoard } from './board-redis.ts'
import type { Upkeep } from './board-upkeep.ts'
import { RedisAwayError } from './redis-health.ts'
import type { StandingRow } from './standing-store.ts'

export type LiveBoards = ReturnType<typeof createLiveBoards>

/**
 * The boards as Redis shows them, and as PostgreSQL has them where Redis cannot: while it is away, while a board is in
 * doubt, and once one is final. Writing never fails for Redis' sake, since the truth is in PostgreSQL already.
 */
export function createLiveBoards(options: {
  redis: RedisBoard
  postgres: BoardSource
  upkeep: Upkeep
  logger: Logger
  now: () => Date
}) {
  const { redis, postgres, upkeep, logger, now } = options

  /** What Redis answers; null where that is nothing to go by. */
  const ask = async <T>(competitionId: string, work: () => Promise<T>): Promise<T | null> => {
    if (!upkeep.trusts(competitionId)) return null
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof RedisAwayError)) {
        logger.error({ competitionId, error: String(error) }, 'a board in Redis is in doubt')
      }
      upkeep.doubt(competitionId)
      return null
    }
  }

  return {
    /** Reads a board in whatever state it was last known to be; an empty one where there is none. */
    async read(
      board: { competitionId: string; state: BoardState },
      request: BoardRequest,
    ): Promise<Snapshot> {
      const { competitionId, state } = board
      if (state !== 'FINAL') {
        const snapshot = await ask(competitionId, () => redis.read(competitionId, request))
        if (snapshot && snapshot.state !== 'FINAL') return snapshot
        if (!snapshot && upkeep.trusts(competitionId)) upkeep.doubt(competitionId)
      }
      return (await postgres.read(competitionId, request)) ?? emptySnapshot(request)
    },

    /** Brings a person's standing, as PostgreSQL has it, to the board. */
    async apply(row: StandingRow): Promise<void> {
      await write(row.competitionId, async () => {
        const { kind } = await redis.apply(row.competitionId, row, now())
        return kind
      })
    },

    /** Makes the board of a competition that was just opened. */
    async open(competitionId: string): Promise<void> {
      await write(competitionId, () => redis.open(competitionId, now()))
    },

    /** Has a board checked whose changes may not all have been brought to it. */
    doubt: upkeep.doubt,

    /** Brings the board to the state that PostgreSQL has it in. */
    async advance(competitionId: string, state: BoardState): Promise<void> {
      await write(competitionId, () => redis.advance(competitionId, state, now()))
    },
  }

  async function write(competitionId: string, work: () => Promise<unknown>): Promise<void> {
    try {
      if ((await work()) === 'missing') upkeep.doubt(competitionId)
    } catch (error) {
      if (!(error instanceof RedisAwayError)) {
        logger.error({ competitionId, error: String(error) }, 'a board in Redis is in doubt')
      }
      upkeep.doubt(competitionId)
    }
  }
}
