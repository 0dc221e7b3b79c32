import { badUserInput } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { WakeUps } from '../../platform/wake-ups.ts'
import { feedStream } from './feed-stream.ts'
import type { FeedItem, FeedStore } from './store.ts'

/**
 * A person's items as they come, one event each: those after the item named, or only what comes from now on. Throws
 * BAD_USER_INPUT if that item is not in their feed.
 */
export type Received = (
  userId: string,
  after: string | null,
) => Promise<AsyncIterableIterator<{ notificationReceived: FeedItem }>>

export function createReceived(feed: FeedStore, wakeUps: WakeUps, logger: Logger): Received {
  return async (userId, after) => {
    const start = after === null ? await feed.lastPosition(userId) : await feed.positionOf(userId, after)
    if (start === null) {
      throw badUserInput('`after` names no notification in your feed, or one too old. Read the feed instead.')
    }
    return feedStream(start, {
      read: async (position) =>
        (await feed.after(userId, position)).map((item) => ({
          position: item.position,
          notificationReceived: item,
        })),
      listen: (wake) => wakeUps.listen(userId, wake),
      logger,
    })
  }
}
