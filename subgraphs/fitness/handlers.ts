import type { EventHandlers, EventPayload } from '../../platform/events.ts'
import { knownTimeZone } from './days.ts'
import type { EnrolmentStore } from './enrolment-store.ts'
import type { PersonStore } from './person-store.ts'

/** What fitness does about what happens elsewhere. */
export function createHandlers(options: {
  people: Pick<PersonStore, 'moved'>
  enrolments: EnrolmentStore
  wake: (userIds: string[]) => void
}): EventHandlers {
  const { people, enrolments, wake } = options
  const profile = async ({ userId, timeZone, version }: EventPayload<'user.joined'>) => {
    // A zone that only the sender's newer data knows must not make every day of this person fail.
    if (await people.moved(userId, knownTimeZone(timeZone) ?? 'UTC', version)) wake([userId])
  }
  return {
    'user.joined': profile,
    'user.profile_changed': profile,
    'participant.joined': (participation) => enrolments.enrol(participation, true),
    'participant.left': (participation) => enrolments.enrol(participation, false),
    'competition.finalized': ({ competitionId, participationVersions }) =>
      enrolments.seal(competitionId, participationVersions),
    'competition.cancelled': ({ competitionId }) => enrolments.abandon(competitionId),
  }
}
