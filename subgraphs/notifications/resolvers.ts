import { refusable } from '../../platform/refusal.ts'
import { scalars } from '../../platform/scalars.ts'
import type { Resolvers } from './generated.ts'
import type { Received } from './received.ts'
import type { FeedStore } from './store.ts'

export type Context = {
  feed: Pick<FeedStore, 'page' | 'unreadCount' | 'markRead'>
  received: Received
  now: () => Date
}

/** Everything of a Viewer that is kept here is found by their id. */
export type ViewerSource = { id: string }

export const resolvers: Resolvers = {
  ...scalars,

  Viewer: {
    notifications: ({ id }, args, { feed }) => feed.page(id, args),
    unreadNotificationCount: ({ id }, _, { feed }) => feed.unreadCount(id),
  },

  Notification: {
    competition: ({ competitionId }) => (competitionId ? { id: competitionId } : null),
    user: ({ aboutId }) => (aboutId ? { id: aboutId } : null),
  },

  Mutation: {
    markNotificationsRead: (_, { ids }, { viewer, feed, now }) =>
      refusable(async () => {
        await feed.markRead(viewer.id, ids ?? 'all', now())
        return { viewer: { id: viewer.id } }
      }),
  },

  Subscription: {
    notificationReceived: {
      subscribe: (_, { after }, { viewer, received }) => received(viewer.id, after ?? null),
    },
  },
}
