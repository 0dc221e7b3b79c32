import DataLoader from 'dataloader'
import type { Person } from '../../platform/identity.ts'
import { isId } from '../../platform/ids.ts'
import { seesProfile } from '../../platform/profile-visibility.ts'
import type { Competition } from './competition.ts'
import type { ListingStore, PersonKey, Span } from './listing-store.ts'
import type { ParticipationStore, PlaceKey } from './participation-store.ts'
import type { ProfileStore } from './profile-store.ts'
import type { CompetitionStore } from './store.ts'
import type { ParticipationRow } from './tables.ts'
import { visibleTo } from './visibility.ts'

export type Loaders = ReturnType<typeof createLoaders>

type Stores = {
  competitions: Pick<CompetitionStore, 'byIds'>
  participations: Pick<ParticipationStore, 'joined'>
  listing: Pick<ListingStore, 'ofPeople' | 'countOfPeople' | 'participants'>
  profiles: Pick<ProfileStore, 'of'>
}

/** Loaders of one request. */
export function createLoaders({ competitions, participations, listing, profiles }: Stores) {
  /** Whatever a competition's visibility: for those who came to it by something that they may see. */
  const competition = new DataLoader<string, Competition | null>(async (ids) =>
    arranged(ids, await competitions.byIds(ids.filter(isId)), (row) => row.id),
  )

  const visible = new DataLoader<{ id: string; viewer: Person | null }, Competition | null, string>(
    async (keys) => {
      // A request has one viewer.
      const viewer = keys[0]?.viewer ?? null
      const ids = keys.map((key) => key.id)
      const rows = await competitions.byIds(ids.filter(isId), visibleTo(viewer))
      for (const row of rows) competition.prime(row.id, row)
      return arranged(ids, rows, (row) => row.id)
    },
    { cacheKeyFn: ({ id }) => id },
  )

  const participation = new DataLoader<PlaceKey, ParticipationRow | null, string>(
    async (keys) => arranged(keys.map(placeOf), await participations.joined(keys), placeOf),
    { cacheKeyFn: placeOf },
  )

  const participants = new DataLoader<{ competitionId: string } & Span, ParticipationRow[], string>(
    listing.participants,
    { cacheKeyFn: JSON.stringify },
  )

  const ofPerson = new DataLoader<PersonKey & Span, Competition[], string>(listing.ofPeople, {
    cacheKeyFn: JSON.stringify,
  })

  const countOfPerson = new DataLoader<PersonKey, number, string>(listing.countOfPeople, {
    cacheKeyFn: JSON.stringify,
  })

  /** Whether the viewer sees a person's profile. Nobody's hides nothing. */
  const profileShown = new DataLoader<{ userId: string; viewer: Person | null }, boolean, string>(
    async (keys) => {
      // A request has one viewer.
      const viewer = keys[0]?.viewer ?? null
      const ids = keys.map((key) => key.userId)
      const rows = await profiles.of(ids.filter(isId), viewer?.id ?? null)
      return arranged(ids, rows, (row) => row.userId).map(
        (row) => row === null || seesProfile(viewer, row, row.compete),
      )
    },
    { cacheKeyFn: ({ userId }) => userId },
  )

  const all = { competition, visible, participation, participants, ofPerson, countOfPerson, profileShown }
  return {
    ...all,

    /** Forgets what was read, before something is changed. */
    clear() {
      for (const loader of Object.values(all)) loader.clearAll()
    },
  }
}

const placeOf = ({ competitionId, userId }: PlaceKey) => `${competitionId} ${userId}`

/** Rows in the order in which they were asked for, null for those that are not there. */
function arranged<Row>(keys: readonly string[], rows: Row[], keyOf: (row: Row) => string): (Row | null)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]))
  return keys.map((key) => byKey.get(key) ?? null)
}
