import { notFound } from '../../platform/errors.ts'
import { pageSize } from '../../platform/page.ts'
import { refusable } from '../../platform/refusal.ts'
import { scalars } from '../../platform/scalars.ts'
import type { createAdjustment } from './adjustment.ts'
import type { Frame } from './frames.ts'
import type { Resolvers } from './generated.ts'
import type { Loaders } from './loaders.ts'
import type { Standing } from './ranking.ts'
import { aroundWindow, pageWindow, toStandingPage } from './standing-page.ts'
import type { Watchers } from './watchers.ts'

export type Context = {
  load: Loaders
  watch: Pick<Watchers, 'frames' | 'standing'>
  adjustScore: ReturnType<typeof createAdjustment>
}

export const resolvers: Resolvers = {
  ...scalars,

  Query: {
    async leaderboard(_, { competitionId }, { load }) {
      const board = await load.board.load(competitionId)
      return board && { competitionId, board }
    },
  },

  Competition: {
    __resolveReference: ({ id }) => ({ id }),
    leaderboard: async ({ id }, _, { load }) => ({ competitionId: id, board: await load.board.load(id) }),
  },

  Leaderboard: {
    competition: ({ competitionId }) => ({ id: competitionId }),
    revision: async (board, _, { load }) => (await load.snapshot(board)).revision,
    state: async (board, _, { load }) => (await load.snapshot(board)).state,
    async updatedAt(board, _, { load }) {
      const { size, changedAt } = await load.snapshot(board)
      return size > 0 ? changedAt : null
    },
    totalCount: async (board, _, { load }) => (await load.snapshot(board)).size,
    async standings(board, args, { load }) {
      const window = await load.window(board, pageWindow(args))
      return toStandingPage(window, window.size)
    },
    async around(board, { userId, radius }, { load }) {
      const { standings } = await load.window(board, aroundWindow(userId, radius))
      return standings
    },
    standing: (board, { userId }, { load }) => load.person(board, userId),
    viewerStanding: (board, _, { load, viewer }) => (viewer ? load.person(board, viewer.id) : null),
  },

  Standing: { user: ({ userId }) => ({ id: userId }) },
  Move: { user: ({ userId }) => ({ id: userId }) },
  LeaderboardFrame: { competition: ({ competitionId }) => ({ id: competitionId }) },

  Mutation: {
    adjustScore: (_, { input }, { viewer, adjustScore }) =>
      refusable(async () => ({ standing: await adjustScore(input, viewer.id) })),
  },

  Subscription: {
    leaderboardChanged: {
      async subscribe(_, { competitionId, first }, { load, watch }) {
        const size = pageSize(first, 10)
        const board = await load.board.load(competitionId)
        if (!board) throw notFound('competition')
        return watch.frames(board, size)
      },
      resolve: (frame: Frame) => frame,
    },
    viewerStandingChanged: {
      async subscribe(_, { competitionId }, { load, watch, viewer }) {
        const board = await load.board.load(competitionId)
        if (!board) throw notFound('competition')
        return watch.standing(board, viewer.id)
      },
      resolve: ({ standing }: { standing: Standing | null }) => standing,
    },
  },
}
