import type { EventPayload } from '../../platform/events.ts'
import { scopesOf } from './roles.ts'
import type { PersonRow } from './tables.ts'

/** What others keep a copy of, as user.joined and user.profile_changed tell it. */
export function profileOf(person: PersonRow): EventPayload<'user.joined'> {
  const { id, displayName, timeZone, version, profileVisibility, role, suspendedAt } = person
  return {
    userId: id,
    displayName,
    timeZone,
    version,
    visibility: profileVisibility,
    mayInvite: !suspendedAt && scopesOf(role).includes('competitions:invite'),
  }
}
