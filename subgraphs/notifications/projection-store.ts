import { sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { competitions, people } from './tables.ts'

export type ProjectionStore = ReturnType<typeof createProjectionStore>

/** Copies of what others own: names and organizers. Each keeps what is newest, in whatever order it comes. */
export function createProjectionStore(db: Database) {
  return {
    async savePerson(person: { userId: string; displayName: string; version: number }): Promise<void> {
      const { userId, displayName, version } = person
      await db
        .insert(people)
        .values({ userId, displayName, version })
        .onConflictDoUpdate({
          target: people.userId,
          set: { displayName, version },
          setWhere: sql`${people.version} < ${version}`,
        })
    },

    /** A competition as it opened; the name gives way to any that a rename has brought already. */
    async saveOpened(opened: { competitionId: string; name: string; organizerId: string }): Promise<void> {
      const { competitionId: id, name, organizerId } = opened
      await db
        .insert(competitions)
        .values({ id, name, organizerId, version: 0 })
        .onConflictDoUpdate({ target: competitions.id, set: { organizerId } })
    },

    async saveName(renamed: { competitionId: string; name: string; version: number }): Promise<void> {
      const { competitionId: id, name, version } = renamed
      await db
        .insert(competitions)
        .values({ id, name, version })
        .onConflictDoUpdate({
          target: competitions.id,
          set: { name, version },
          setWhere: sql`${competitions.version} < ${version}`,
        })
    },
  }
}
