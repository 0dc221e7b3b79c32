import { eq, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { competitions, people } from './tables.ts'

export type ProjectionStore = ReturnType<typeof createProjectionStore>

/**
 * Copies of what others own: names and organizers. Each keeps what is newest, in whatever order it comes; who was erased
 * gets no name any more.
 */
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
          setWhere: sql`${people.version} < ${version} and ${people.erasedAt} is null`,
        })
    },

    /** What a person is called; null while that is not known. */
    async nameOf(userId: string): Promise<string | null> {
      const [person] = await db
        .select({ name: people.displayName })
        .from(people)
        .where(eq(people.userId, userId))
      return person?.name ?? null
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
