import { createGathering } from '../../platform/export.ts'
import type { Resources } from '../../platform/resources.ts'
import { defineSubgraph, type Subgraph } from '../../platform/subgraph.ts'
import { openWakeUps } from '../../platform/wake-ups.ts'
import { seesCompetition, seesNamedBoard, seesWatchedBoard } from './access.ts'
import { createAdjustment } from './adjustment.ts'
import { createCheck } from './board-check.ts'
import { boardKeys } from './board-keys.ts'
import { createPostgresBoard } from './board-postgres.ts'
import { createRebuild } from './board-rebuild.ts'
import { createRedisBoard } from './board-redis.ts'
import { openUpkeep } from './board-upkeep.ts'
import { createFinalStore } from './final-store.ts'
import { createHandlers } from './handlers.ts'
import { createLiveBoards } from './live-boards.ts'
import { createLoaders } from './loaders.ts'
import { personalData } from './personal-data.ts'
import { watchRedis } from './redis-health.ts'
import { type Context, resolvers } from './resolvers.ts'
import { createStandingStore } from './standing-store.ts'
import { createBoardStore } from './store.ts'
import { createWatchers } from './watchers.ts'

/** How often what happens, in ms. */
export type Timing = {
  /** Least time between two frames of a board. */
  tick: number
  /** How often a watched board is read though nothing was announced. */
  check: number
  /** How often every board in Redis is compared with PostgreSQL. */
  sweep: number
  /** How long a change may be on its way to Redis before it counts as lost. */
  settling: number
}

const defaultTiming: Timing = { tick: 50, check: 2_000, sweep: 60_000, settling: 1_000 }

/** Opens the leaderboard subgraph: who stands where, and every change to it as it happens. */
export async function openLeaderboard(
  { db, redis, objects, logger, now }: Resources,
  timing = defaultTiming,
): Promise<Subgraph> {
  const boards = createBoardStore(db)
  const standings = createStandingStore(db)
  const finals = createFinalStore(db)

  const health = watchRedis(redis, logger)
  const inRedis = createRedisBoard(redis, health)
  const inPostgres = createPostgresBoard(db)
  const isDamaged = createCheck({ redis: inRedis, postgres: inPostgres, standings }, timing)
  const rebuild = createRebuild(redis, health, { boards, standings }, now)
  const upkeep = openUpkeep({ boards, isDamaged, rebuild, health, logger, interval: timing.sweep })
  const live = createLiveBoards({ redis: inRedis, postgres: inPostgres, upkeep, logger, now })

  const signals = openWakeUps(redis, (id) => boardKeys(redis.prefix, id).channel, logger)
  const watch = createWatchers({ boards: live, signals, logger, timing })

  return defineSubgraph<Context>({
    name: 'leaderboard',
    resolvers,
    access: {
      Competition: seesCompetition,
      'Query.leaderboard': seesNamedBoard,
      'Subscription.leaderboardChanged': seesWatchedBoard,
      'Subscription.viewerStandingChanged': seesWatchedBoard,
    },
    context: () => ({
      load: createLoaders(boards, live),
      watch,
      adjustScore: createAdjustment({ standings, boards: live, now }),
    }),
    handlers: {
      ...createHandlers({ boards, standings, finals, live, now }),
      'export.requested': createGathering({ db, objects, subgraph: 'leaderboard', personalData }),
    },
    async close() {
      watch.close()
      signals.close()
      await upkeep.close()
      health.close()
    },
  })
}
