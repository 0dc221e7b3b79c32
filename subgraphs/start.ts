import type { SubgraphConfig } from '../platform/config.ts'
import { migrateSubgraph, openDatabase } from '../platform/database.ts'
import { migrateEvents } from '../platform/event-queue.ts'
import { workEvents } from '../platform/event-worker.ts'
import { createLogger } from '../platform/logger.ts'
import type { SubgraphName } from '../platform/names.ts'
import { openObjectStore } from '../platform/object-store/open-object-store.ts'
import { openRedis } from '../platform/redis.ts'
import { createReplayGuard } from '../platform/replays.ts'
import type { Resources } from '../platform/resources.ts'
import { type ServedSubgraph, serveSubgraph } from '../platform/serve-subgraph.ts'
import type { Subgraph } from '../platform/subgraph.ts'
import { waitFor } from '../platform/wait-for.ts'
import { openCompetitions } from './competitions/index.ts'
import { openFitness } from './fitness/index.ts'
import { openLeaderboard } from './leaderboard/index.ts'
import { openNotifications } from './notifications/index.ts'
import { openUsers } from './users/index.ts'

const open: Record<SubgraphName, (resources: Resources) => Promise<Subgraph>> = {
  users: openUsers,
  competitions: openCompetitions,
  leaderboard: openLeaderboard,
  fitness: openFitness,
  notifications: openNotifications,
}

/**
 * Starts one subgraph: waits for PostgreSQL and Redis, migrates, opens, serves, and handles events. `now` is the clock
 * that its rules go by.
 */
export async function startSubgraph(
  config: SubgraphConfig,
  now: () => Date = () => new Date(),
): Promise<ServedSubgraph> {
  const { name, databaseUrl: url } = config
  const logger = createLogger(config.logLevel).child({ subgraph: name })
  await waitFor('PostgreSQL (DATABASE_URL)', logger, () => migrateEvents(url))
  await migrateSubgraph(url, name)
  const database = openDatabase({ url, schema: name, logger })
  const redis = openRedis({ ...config.redis, logger })
  await waitFor('Redis (REDIS_URL)', logger, redis.ping)
  const objects = await openObjectStore(config.objects, { secret: config.secret, now })
  const subgraph = await open[name]({ config, db: database.db, redis, objects, logger, now })
  const ready = () => database.ping()
  const isFirst = createReplayGuard({ ...redis, prefix: `${redis.prefix}${name}:` }, logger)
  const server = await serveSubgraph(subgraph, { ...config, now, logger, ready, isFirst })
  const events = workEvents({ url, subgraph: name, handlers: subgraph.handlers, logger })
  return {
    url: server.url,
    execute: server.execute,
    subscribe: server.subscribe,
    async close() {
      await server.close()
      await events.close()
      await subgraph.close()
      redis.close()
      await database.close()
    },
  }
}
