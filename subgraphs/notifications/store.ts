import { and, asc, count, desc, eq, gt, inArray, isNull, lt } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { isId } from '../../platform/ids.ts'
import { decodeCursor, type Page, pageSize, toPage } from '../../platform/page.ts'
import { RefusedError, refusal, refuse } from '../../platform/refusal.ts'
import { FEED_LIMIT } from './append-items.ts'
import { feedItems, feeds } from './tables.ts'

export type FeedItem = typeof feedItems.$inferSelect

/** How many items a stream reads at a time. */
const STREAM_PAGE = 100 // items

export type FeedStore = ReturnType<typeof createFeedStore>

/** What people have been told, each in a feed of their own, and what of it they have read. */
export function createFeedStore(db: Database) {
  const isUnread = isNull(feedItems.readAt)
  const isOf = (userId: string) => eq(feedItems.userId, userId)

  return {
    /** Newest first. Throws BAD_USER_INPUT for a page or cursor that cannot be. */
    async page(
      userId: string,
      args: { first?: number | null; after?: string | null; unreadOnly?: boolean | null },
    ): Promise<Page<FeedItem>> {
      const size = pageSize(args.first, 20)
      const after = decodeCursor<[number]>(args.after, ['number'])
      const rows = await db
        .select()
        .from(feedItems)
        .where(
          and(
            isOf(userId),
            after ? lt(feedItems.position, after[0]) : undefined,
            args.unreadOnly ? isUnread : undefined,
          ),
        )
        .orderBy(desc(feedItems.position))
        .limit(size + 1)
      return toPage(rows, size, { key: (row) => [row.position], after: args.after })
    },

    async unreadCount(userId: string): Promise<number> {
      const [row] = await db
        .select({ unread: count() })
        .from(feedItems)
        .where(and(isOf(userId), isUnread))
      return row?.unread ?? 0
    },

    /** Marks those named, or all, as read; what was read stays as it was. Refuses, and marks none, if one is not theirs. */
    markRead: (userId: string, ids: readonly string[] | 'all', now: Date): Promise<void> =>
      db.transaction(async (tx) => {
        const named = ids === 'all' ? undefined : inArray(feedItems.id, plausible(ids))
        // Locked in one order, so that two of these cannot wait for each other.
        const rows = await tx
          .select({ id: feedItems.id })
          .from(feedItems)
          .where(and(isOf(userId), named ?? isUnread))
          .orderBy(feedItems.position)
          .for('update')
        const found = rows.map(({ id }) => id)
        if (ids !== 'all') refuseUnknown(ids, new Set(found))
        await tx
          .update(feedItems)
          .set({ readAt: now })
          .where(and(inArray(feedItems.id, found), isUnread))
      }),

    /** Those after a position, oldest first, as many as a stream reads at a time. */
    after: (userId: string, position: number): Promise<FeedItem[]> =>
      db
        .select()
        .from(feedItems)
        .where(and(isOf(userId), gt(feedItems.position, position)))
        .orderBy(asc(feedItems.position))
        .limit(STREAM_PAGE),

    /** The position of one item; null if it is not in this person's feed, or not any more. */
    async positionOf(userId: string, id: string): Promise<number | null> {
      if (!isId(id)) return null
      const [row] = await db
        .select({ position: feedItems.position })
        .from(feedItems)
        .where(and(isOf(userId), eq(feedItems.id, id)))
      return row?.position ?? null
    },

    /** The position of the newest item; 0 before the first. */
    async lastPosition(userId: string): Promise<number> {
      const [row] = await db
        .select({ position: feeds.lastPosition })
        .from(feeds)
        .where(eq(feeds.userId, userId))
      return row?.position ?? 0
    },
  }
}

function plausible(ids: readonly string[]): string[] {
  if (ids.length > FEED_LIMIT) {
    refuse('INVALID_INPUT', `Name at most ${FEED_LIMIT} notifications, or none to mark all.`, 'ids')
  }
  return ids.filter(isId)
}

function refuseUnknown(ids: readonly string[], found: Set<string>): void {
  const unknown = ids.flatMap((id, index) =>
    found.has(id)
      ? []
      : [refusal('NOT_FOUND', `There is no notification ${id} in your feed.`, `ids.${index}`)],
  )
  if (unknown.length > 0) throw new RefusedError(unknown)
}
