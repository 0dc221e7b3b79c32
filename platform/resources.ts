import type { SubgraphConfig } from './config.ts'
import type { Database } from './database.ts'
import type { Logger } from './logger.ts'
import type { ObjectStore } from './object-store/object-store.ts'
import type { OpenRedis } from './redis.ts'

/** What a subgraph is opened with. */
export type Resources = {
  config: SubgraphConfig
  db: Database
  redis: OpenRedis
  objects: ObjectStore
  logger: Logger
  /** The clock that its rules go by. */
  now: () => Date
}
