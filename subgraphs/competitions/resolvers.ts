import { refusable } from '../../platform/refusal.ts'
import { scalars } from '../../platform/scalars.ts'
import type { Competition } from './competition.ts'
import { competitionsOf, competitionsPage, invitationsPage, participantsPage } from './connections.ts'
import { checkFilter } from './filter.ts'
import type { Resolvers } from './generated.ts'
import type { InvitationStore } from './invitation-store.ts'
import type { ListingStore } from './listing-store.ts'
import type { Loaders } from './loaders.ts'
import type { ParticipationStore } from './participation-store.ts'
import type { CompetitionStore } from './store.ts'

export type Context = {
  competitions: Pick<CompetitionStore, 'create' | 'update' | 'open' | 'cancel' | 'createInvitation'>
  participations: Pick<ParticipationStore, 'join' | 'leave'>
  listing: Pick<ListingStore, 'visible' | 'countVisible'>
  invitations: InvitationStore
  load: Loaders
  /** Until when activity from before the end counts. */
  syncUntil: (competition: Competition) => Date
}

export const resolvers: Resolvers = {
  ...scalars,

  Query: {
    competition: (_, { id }, { load }) => load.competition.load(id),
    competitions(_, { filter, ...page }, { listing, viewer }) {
      const checked = checkFilter(filter ?? {})
      return competitionsPage(
        page,
        (span) => listing.visible(viewer, checked, span),
        () => listing.countVisible(viewer, checked),
      )
    },
  },

  Mutation: {
    createCompetition: (_, { input }, { viewer, competitions, load }) =>
      change(load, async () => ({ competition: await competitions.create(viewer, input) })),
    updateCompetition: (_, { id, input }, { viewer, competitions, load }) =>
      change(load, async () => ({ competition: await competitions.update(viewer, id, input) })),
    openCompetition: (_, { id }, { viewer, competitions, load }) =>
      change(load, async () => ({ competition: await competitions.open(viewer, id) })),
    cancelCompetition: (_, { id, reason }, { viewer, competitions, load }) =>
      change(load, async () => ({ competition: await competitions.cancel(viewer, id, reason) })),
    joinCompetition: (_, { id, invitationCode }, { viewer, participations, load }) =>
      change(load, async () => ({
        participation: await participations.join(viewer, id, invitationCode ?? null),
      })),
    leaveCompetition: (_, { id }, { viewer, participations, load }) =>
      change(load, async () => ({ participation: await participations.leave(viewer, id) })),
    createInvitation: (_, { competitionId }, { viewer, competitions, load }) =>
      change(load, async () => ({ code: await competitions.createInvitation(viewer, competitionId) })),
  },

  Competition: {
    __resolveReference: ({ id }, { load }) => load.competition.load(id),
    status: ({ state }) => state.status,
    syncUntil: (competition, _, { syncUntil }) => syncUntil(competition),
    organizer: ({ organizerId }) => ({ id: organizerId }),
    participants: (competition, page, { load }) => participantsPage(load, competition, page),
    viewerParticipation: ({ id }, _, { viewer, load }) =>
      viewer && load.participation.load({ competitionId: id, userId: viewer.id }),
  },

  Participation: {
    competition: ({ competitionId }, _, { load }) => existing(load, competitionId),
    user: ({ userId }) => ({ id: userId }),
  },

  User: {
    competitions: async ({ id }, args, { viewer, load }) =>
      (await load.profileShown.load({ userId: id, viewer }))
        ? competitionsOf(load, { userId: id, own: false }, args)
        : null,
  },

  Viewer: {
    competitions: ({ id }, args, { load }) => competitionsOf(load, { userId: id, own: true }, args),
    invitations: ({ id }, page, { invitations }) => invitationsPage(invitations, id, page),
    invitedCount: ({ id }, _, { invitations }) => invitations.countInvited(id),
  },

  Invitation: {
    competition: ({ competitionId }, _, { load }) => existing(load, competitionId),
  },
}

/** The competition that something refers to: there is one. */
const existing = async (load: Loaders, id: string) => (await load.competition.load(id)) as Competition

/** Runs a mutation's one call; what the request read before it is stale by then. */
function change<Payload extends object>(load: Loaders, call: () => Promise<Payload>) {
  load.clear()
  return refusable(call)
}
