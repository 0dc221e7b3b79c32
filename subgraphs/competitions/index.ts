import { anyone } from '../../platform/access.ts'
import { createGathering } from '../../platform/export.ts'
import type { Resources } from '../../platform/resources.ts'
import { defineSubgraph, type Subgraph } from '../../platform/subgraph.ts'
import { seesCompetition } from './access.ts'
import { createErasure } from './erasure.ts'
import { createHandlers } from './handlers.ts'
import { createInvitationStore } from './invitation-store.ts'
import { syncUntilOf } from './lifecycle.ts'
import { createListingStore } from './listing-store.ts'
import { createLoaders } from './loaders.ts'
import { createParticipationStore } from './participation-store.ts'
import { personalData } from './personal-data.ts'
import { createProfileStore } from './profile-store.ts'
import { type Context, resolvers } from './resolvers.ts'
import { createCompetitionStore } from './store.ts'

/** Opens the competitions subgraph: what people compete in, and who takes part. */
export async function openCompetitions({ config, db, objects, now }: Resources): Promise<Subgraph> {
  const { syncGraceMinutes } = config
  const competitions = createCompetitionStore(db, { now, syncGraceMinutes })
  const participations = createParticipationStore(db, now)
  const listing = createListingStore(db)
  const invitations = createInvitationStore(db)
  const profiles = createProfileStore(db)
  return defineSubgraph<Context>({
    name: 'competitions',
    resolvers,
    access: { Competition: seesCompetition, 'Query.competition': seesCompetition, User: anyone },
    context: () => ({
      competitions,
      participations,
      listing,
      invitations,
      load: createLoaders({ competitions, participations, listing, profiles }),
      syncUntil: (competition) => syncUntilOf(competition, syncGraceMinutes),
    }),
    handlers: {
      ...createHandlers({ store: competitions, profiles }),
      'export.requested': createGathering({ db, objects, subgraph: 'competitions', personalData }),
      'user.erased': createErasure(db, now),
    },
  })
}
