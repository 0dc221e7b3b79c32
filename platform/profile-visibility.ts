import type { Person } from './identity.ts'

/** Whom a person shows their profile to. */
export const PROFILE_VISIBILITIES = ['PUBLIC', 'COMPETITORS', 'PRIVATE'] as const

/** A profile as far as it matters to who may see it. */
export type Profile = { userId: string; visibility: (typeof PROFILE_VISIBILITIES)[number] }

/**
 * The one rule of who sees a profile: the person and administrators always, others as the person says. `viewer` is null for
 * the anonymous; `compete` says whether viewer and person are in a competition together, or were in one that is over.
 */
export function seesProfile(
  viewer: Person | null,
  { userId, visibility }: Profile,
  compete: boolean,
): boolean {
  if (viewer && (viewer.id === userId || viewer.scopes.includes('users:admin'))) return true
  switch (visibility) {
    case 'PUBLIC':
      return true
    case 'COMPETITORS':
      return compete
    case 'PRIVATE':
      return false
  }
}
