import type { EventHandlers } from '../../platform/events.ts'
import type { ProfileStore } from './profile-store.ts'
import type { CompetitionStore } from './store.ts'

/** What competitions does about events: the steps of its own lifecycle, and copies of profiles. */
export function createHandlers(parts: {
  store: Pick<CompetitionStore, 'step' | 'complete'>
  profiles: Pick<ProfileStore, 'save'>
}): EventHandlers {
  const { store, profiles } = parts
  return {
    'competition.due': ({ competitionId }) => store.step(competitionId),
    'board.frozen': ({ competitionId, digest }) => store.complete(competitionId, digest),
    'user.joined': profiles.save,
    'user.profile_changed': profiles.save,
  }
}
