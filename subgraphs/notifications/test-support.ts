import { randomUUID } from 'node:crypto'
import { asc, eq } from 'drizzle-orm'
import { openTestStore } from '../../test/support/stores.ts'
import { createAnnouncementStore } from './announcement-store.ts'
import type { Announcement } from './messages.ts'
import { createOvertakingStore } from './overtaking-store.ts'
import { createProjectionStore } from './projection-store.ts'
import { createFeedStore } from './store.ts'
import { feedItems } from './tables.ts'

export const noon = new Date('2026-05-01T12:00:00Z')

/** The stores of a fresh database, and short ways to what tests say over and over. */
export async function openStores() {
  const { db, pool, close } = await openTestStore('notifications')
  const feed = createFeedStore(db)
  const projections = createProjectionStore(db)
  const announcements = createAnnouncementStore(db)
  const overtakings = createOvertakingStore(db)

  const join = (competitionId: string, userId: string, version = 1, now = noon) =>
    announcements.saveParticipation({ competitionId, userId, version }, true, now)

  return {
    db,
    feed,
    projections,
    announcements,
    overtakings,
    pool,
    close,
    join,

    leave: (competitionId: string, userId: string, version = 2) =>
      announcements.saveParticipation({ competitionId, userId, version }, false, noon),

    /** A competition that is open, and people in it. */
    async competitionOf(count: number, name = 'Spring Steps') {
      const competitionId = randomUUID()
      const organizerId = randomUUID()
      await projections.saveOpened({ competitionId, name, organizerId })
      const userIds = Array.from({ length: count }, () => randomUUID())
      for (const userId of userIds) await join(competitionId, userId)
      return { competitionId, organizerId, userIds }
    },

    /** Returns whom it told. */
    async announce(competitionId: string, announcement: Announcement, now = noon): Promise<string[]> {
      const told: string[] = []
      for await (const page of announcements.announce(competitionId, announcement, now)) told.push(...page)
      return told
    },

    /** A person's whole feed, oldest first. */
    itemsOf: (userId: string) =>
      db.select().from(feedItems).where(eq(feedItems.userId, userId)).orderBy(asc(feedItems.position)),

    async titlesOf(userId: string): Promise<string[]> {
      return (await this.itemsOf(userId)).map(({ title }) => title)
    },
  }
}

export type Stores = Awaited<ReturnType<typeof openStores>>
