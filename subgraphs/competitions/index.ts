import { anyone } from '../../platform/access.ts'
import type { Resources } from '../../platform/resources.ts'
import { defineSubgraph, type Subgraph } from '../../platform/subgraph.ts'
import { seesCompetition } from './access.ts'
import { createHandlers } from './handlers.ts'
import { syncUntilOf } from './lifecycle.ts'
import { createListingStore } from './listing-store.ts'
import { createLoaders } from './loaders.ts'
import { createParticipationStore } from './participation-store.ts'
import { type Context, resolvers } from './resolvers.ts'
import { createCompetitionStore } from './store.ts'

/** Opens the competitions subgraph: what people compete in, and who takes part. */
export async function openCompetitions({ config, db, now }: Resources): Promise<Subgraph> {
  const { syncGraceMinutes } = config
  const competitions = createCompetitionStore(db, { now, syncGraceMinutes })
  const participations = createParticipationStore(db, now)
  const listing = createListingStore(db)
  return defineSubgraph<Context>({
    name: 'competitions',
    resolvers,
    access: { Competition: seesCompetition, 'Query.competition': seesCompetition, User: anyone },
    context: () => ({
      competitions,
      participations,
      listing,
      load: createLoaders({ competitions, participations, listing }),
      syncUntil: (competition) => syncUntilOf(competition, syncGraceMinutes),
    }),
    handlers: createHandlers(competitions),
  })
}
