import DataLoader from 'dataloader'
import type { Person } from '../../platform/identity.ts'
import { isId } from '../../platform/ids.ts'
import { seesProfile } from '../../platform/profile-visibility.ts'
import type { CompetitorStore } from './competitor-store.ts'
import type { UserStore } from './store.ts'
import type { PersonRow } from './tables.ts'

export type Loaders = ReturnType<typeof createLoaders>

type ProfileKey = { person: PersonRow; viewer: Person | null }

/** Loaders of one request. */
export function createLoaders(store: Pick<UserStore, 'byIds'>, competitors: Pick<CompetitorStore, 'among'>) {
  /** Whether the viewer sees a person's profile. */
  const profileShown = new DataLoader<ProfileKey, boolean, string>(
    async (keys) => {
      // A request has one viewer.
      const viewer = keys[0]?.viewer ?? null
      const asked = keys
        .filter(({ person }) => person.profileVisibility === 'COMPETITORS')
        .map(({ person }) => person.id)
      const others = viewer && asked.length > 0 ? await competitors.among(asked, viewer.id) : new Set()
      return keys.map(({ person: { id, profileVisibility } }) =>
        seesProfile(viewer, { userId: id, visibility: profileVisibility }, others.has(id)),
      )
    },
    { cacheKeyFn: ({ person }) => person.id },
  )

  return {
    person: new DataLoader<string, PersonRow | null>(async (ids) => {
      const rows = await store.byIds(ids.filter(isId))
      const byId = new Map(rows.map((row) => [row.id, row]))
      return ids.map((id) => byId.get(id) ?? null)
    }),
    profileShown,

    /** Shows a person their own profile, who may have signed in with this request. */
    showOwn(person: PersonRow): PersonRow {
      profileShown.prime({ person, viewer: null }, true)
      return person
    },
  }
}
