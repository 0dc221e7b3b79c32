import type { EventHandlers } from '../../platform/events.ts'
import type { CompetitionStore } from './store.ts'

/** What competitions does about events: the steps of its own lifecycle. */
export function createHandlers(store: Pick<CompetitionStore, 'step' | 'complete'>): EventHandlers {
  return {
    'competition.due': ({ competitionId }) => store.step(competitionId),
    'board.frozen': ({ competitionId, digest }) => store.complete(competitionId, digest),
  }
}
