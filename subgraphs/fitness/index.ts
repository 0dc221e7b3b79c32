import { createGathering } from '../../platform/export.ts'
import type { Resources } from '../../platform/resources.ts'
import { defineSubgraph, type Subgraph } from '../../platform/subgraph.ts'
import { openWakeUps } from '../../platform/wake-ups.ts'
import { createEnrolmentStore } from './enrolment-store.ts'
import { createErasure } from './erasure.ts'
import { createHandlers } from './handlers.ts'
import { createHeldRecords } from './held-records.ts'
import { createPersonStore } from './person-store.ts'
import { personalData } from './personal-data.ts'
import { type Context, resolvers } from './resolvers.ts'
import { createReview } from './review.ts'
import { createActivityStore } from './store.ts'
import { createSync } from './sync.ts'
import { todayStream } from './today.ts'

/** Opens the fitness subgraph: what people did, and what it scores. */
export async function openFitness({ db, redis, objects, logger, now }: Resources): Promise<Subgraph> {
  const wakeUps = openWakeUps(redis, (userId) => `${redis.prefix}fitness:${userId}`, logger)
  const activity = createActivityStore(db, now)
  const sync = createSync(db, { now, wake: wakeUps.wake })
  const heldRecords = createHeldRecords(db)
  const review = createReview(db, { now, wake: wakeUps.wake })
  const watchToday = (userId: string) =>
    todayStream({
      read: () => activity.today(userId),
      listen: (wake) => wakeUps.listen(userId, wake),
      logger,
    })
  return defineSubgraph<Context>({
    name: 'fitness',
    resolvers,
    access: {},
    context: () => ({ activity, sync, heldRecords, review, watchToday }),
    handlers: {
      ...createHandlers({
        people: createPersonStore(db),
        enrolments: createEnrolmentStore(db),
        wake: wakeUps.wake,
      }),
      'export.requested': createGathering({ db, objects, subgraph: 'fitness', personalData }),
      'user.erased': createErasure(db),
    },
    close: async () => wakeUps.close(),
  })
}
