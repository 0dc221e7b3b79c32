import { sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import type { EventPayload } from '../../platform/events.ts'
import type { Profile } from '../../platform/profile-visibility.ts'
import { erasedPeople, participations, profiles } from './tables.ts'

/** A profile, and whether its person and who asks are in a competition together, which is looked up only where it matters. */
export type AskedProfile = Profile & { compete: boolean }

export type ProfileStore = ReturnType<typeof createProfileStore>

/** What the users subgraph tells of people. Nobody leaves a competition that is over. */
export function createProfileStore(db: Database) {
  return {
    /** Keeps what is newest, in whatever order it comes. */
    async save(profile: Omit<EventPayload<'user.joined'>, 'displayName' | 'timeZone'>): Promise<void> {
      const { userId, visibility, mayInvite, version } = profile
      await db
        .insert(profiles)
        .values({ userId, visibility, mayInvite, version })
        .onConflictDoUpdate({
          target: profiles.userId,
          set: { visibility, mayInvite, version },
          setWhere: sql`${profiles.version} < ${version}`,
        })
    },

    /**
     * The profiles of these people, in any order, as far as `viewerId` (null for the anonymous) is concerned. Of whom nothing
     * came yet it is what accounts begin with; of the erased nothing is shown.
     */
    async of(userIds: readonly string[], viewerId: string | null): Promise<AskedProfile[]> {
      const { rows } = await db.execute<AskedProfile>(
        sql`select person.id as "userId",
              case when ${erasedPeople.userId} is null then coalesce(visibility, 'PUBLIC') else 'PRIVATE' end as visibility,
              coalesce(visibility = 'COMPETITORS' and exists (
                select from ${participations} theirs join ${participations} own using (competition_id)
                where theirs.user_id = person.id and theirs.status = 'JOINED'
                  and own.user_id = ${viewerId}::uuid and own.status = 'JOINED'), false) as compete
            from unnest(${sql.param([...userIds])}::uuid[]) as person(id)
            left join ${profiles} on ${profiles.userId} = person.id
            left join ${erasedPeople} on ${erasedPeople.userId} = person.id`,
      )
      return rows
    },
  }
}
