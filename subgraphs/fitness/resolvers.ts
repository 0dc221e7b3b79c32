import { refusable } from '../../platform/refusal.ts'
import { scalars } from '../../platform/scalars.ts'
import { toBatch } from './batch.ts'
import type { ActivityDay, Resolvers } from './generated.ts'
import type { HeldRecords } from './held-records.ts'
import type { Review } from './review.ts'
import type { ActivityStore } from './store.ts'
import type { Sync } from './sync.ts'

export type Context = {
  activity: ActivityStore
  sync: Sync
  heldRecords: HeldRecords
  review: Review
  /** A person's day: at once, then each time it changes. */
  watchToday: (userId: string) => AsyncIterableIterator<ActivityDay>
}

/** Whose activity it is. */
export type FitnessSource = { userId: string }

/** What a refused call answers beside its refusals. */
const nothingSynced = { accepted: 0, held: 0, duplicates: 0, rejected: [], days: [] }
const nothingReviewed = { records: [] }

export const resolvers: Resolvers = {
  ...scalars,

  Query: {
    heldRecords: (_, args, { heldRecords }) => heldRecords(args),
  },

  Viewer: {
    fitness: ({ id }) => ({ userId: id }),
  },

  Fitness: {
    days: ({ userId }, args, { activity }) => activity.days(userId, args),
    summary: ({ userId }, { period }, { activity }) => activity.summary(userId, period),
    workouts: ({ userId }, args, { activity }) => activity.workouts(userId, args),
    records: ({ userId }, args, { activity }) => activity.records(userId, args),
  },

  ActivitySummary: {
    streakDays: ({ userId }, _, { activity }) => activity.streakDays(userId),
  },

  Mutation: {
    syncFitness: async (_, { input }, { viewer, sync }) => ({
      ...nothingSynced,
      ...(await refusable(() => sync(viewer.id, toBatch(input)))),
    }),
    reviewRecords: async (_, args, { viewer, review }) => ({
      ...nothingReviewed,
      ...(await refusable(async () => ({ records: await review(viewer.id, args) }))),
    }),
  },

  Subscription: {
    todayChanged: {
      subscribe: (_, __, { viewer, watchToday }) => watchToday(viewer.id),
      resolve: (day: ActivityDay) => day,
    },
  },
}
