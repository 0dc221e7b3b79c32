import { createGathering } from '../../platform/export.ts'
import type { Resources } from '../../platform/resources.ts'
import { defineSubgraph, type Subgraph } from '../../platform/subgraph.ts'
import { openWakeUps } from '../../platform/wake-ups.ts'
import { createAnnouncementStore } from './announcement-store.ts'
import { createErasure } from './erasure.ts'
import { createExportNoticeStore } from './export-notice-store.ts'
import { createHandlers } from './handlers.ts'
import { createEmailStore } from './mails/email-store.ts'
import { createEmails } from './mails/emails.ts'
import { openMailTransport } from './mails/mail-transport.ts'
import { mountOutbox } from './mails/outbox-page.ts'
import { createOvertakingStore } from './overtaking-store.ts'
import { personalData } from './personal-data.ts'
import { createProjectionStore } from './projection-store.ts'
import { createReceived } from './received.ts'
import { type Context, resolvers } from './resolvers.ts'
import { createFeedStore } from './store.ts'

/** Opens the notifications subgraph: what people are told. */
export async function openNotifications({
  config,
  db,
  redis,
  objects,
  logger,
  now,
}: Resources): Promise<Subgraph> {
  const feed = createFeedStore(db)
  const wakeUps = openWakeUps(redis, (userId) => `${redis.prefix}notifications:${userId}`, logger)
  const received = createReceived(feed, wakeUps, logger)
  const projections = createProjectionStore(db)
  const { transport, outbox } = openMailTransport(config.mail, { db, logger })
  return defineSubgraph<Context>({
    name: 'notifications',
    resolvers,
    access: {},
    context: () => ({ feed, received, now }),
    handlers: {
      ...createHandlers({
        projections,
        announcements: createAnnouncementStore(db),
        overtakings: createOvertakingStore(db),
        emails: createEmails({ store: createEmailStore(db), projections, transport, logger, now }),
        exports: createExportNoticeStore(db),
        wakeUps,
        now,
      }),
      'export.requested': createGathering({ db, objects, subgraph: 'notifications', personalData }),
      'user.erased': createErasure(db),
    },
    ...(outbox && { routes: (app) => mountOutbox(app, outbox) }),
    async close() {
      wakeUps.close()
      transport.close()
    },
  })
}
