import type { Resources } from '../../platform/resources.ts'
import { defineSubgraph, type Subgraph } from '../../platform/subgraph.ts'
import { openWakeUps } from '../../platform/wake-ups.ts'
import { createAnnouncementStore } from './announcement-store.ts'
import { createHandlers } from './handlers.ts'
import { createOvertakingStore } from './overtaking-store.ts'
import { createProjectionStore } from './projection-store.ts'
import { createReceived } from './received.ts'
import { type Context, resolvers } from './resolvers.ts'
import { createFeedStore } from './store.ts'

/** Opens the notifications subgraph: what people are told. */
export async function openNotifications({ db, redis, logger, now }: Resources): Promise<Subgraph> {
  const feed = createFeedStore(db)
  const wakeUps = openWakeUps(redis, (userId) => `${redis.prefix}notifications:${userId}`, logger)
  const received = createReceived(feed, wakeUps, logger)
  return defineSubgraph<Context>({
    name: 'notifications',
    resolvers,
    access: {},
    context: () => ({ feed, received, now }),
    handlers: createHandlers({
      projections: createProjectionStore(db),
      announcements: createAnnouncementStore(db),
      overtakings: createOvertakingStore(db),
      wakeUps,
      now,
    }),
    close: async () => wakeUps.close(),
  })
}
