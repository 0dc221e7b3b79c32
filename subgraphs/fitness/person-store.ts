import { and, eq, isNotNull, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Database } from '../../platform/database.ts'
import { devices, people } from './tables.ts'

/** Makes whoever changes what counts for one of these people take turns, until the transaction ends. */
export async function lockPeople(tx: Database, userIds: string[]): Promise<void> {
  const inOrder = sql.param([...new Set(userIds)].sort())
  await tx.execute(sql`
    select pg_advisory_xact_lock(hashtextextended('fitness person ' || id, 0)) from unnest(${inOrder}::text[]) as id`)
}

export type PersonStore = ReturnType<typeof createPersonStore>

/** What is known of people: their time zones, and their devices. */
export function createPersonStore(db: Database) {
  return {
    /** UTC for someone of whom nothing is known yet. */
    async timeZone(userId: string): Promise<string> {
      const [person] = await db.select().from(people).where(eq(people.userId, userId))
      return person?.timeZone ?? 'UTC'
    },

    /** Writes a time zone down unless a newer one is known; false then. */
    async moved(userId: string, timeZone: string, version: number): Promise<boolean> {
      const written = await db
        .insert(people)
        .values({ userId, timeZone, version })
        .onConflictDoUpdate({
          target: people.userId,
          set: { timeZone, version },
          setWhere: and(lt(people.version, version), isNull(people.erasedAt)),
        })
        .returning({ userId: people.userId })
      return written.length > 0
    },

    /** Whether the person was erased; under their lock, for whoever is to keep something of theirs. */
    isErased: async (userId: string): Promise<boolean> =>
      (await db.$count(people, and(eq(people.userId, userId), isNotNull(people.erasedAt)))) > 0,

    /** Keeps in mind that a person was erased, from whose time zone nothing is to be told any more. */
    async markErased(userId: string, erasedAt: Date): Promise<void> {
      const erased = { timeZone: 'UTC', erasedAt }
      await db
        .insert(people)
        .values({ userId, version: 0, ...erased })
        .onConflictDoUpdate({ target: people.userId, set: erased, setWhere: isNull(people.erasedAt) })
    },

    /** Makes a device a person's own, unless it is somebody's. */
    async claim(deviceId: string, userId: string): Promise<void> {
      await db.insert(devices).values({ id: deviceId, userId }).onConflictDoNothing()
    },
  }
}

/** Whether the person of a row was erased. */
export const wasErased = (userId: PgColumn): SQL =>
  sql`exists (select from ${people} as person where person.user_id = ${userId} and person.erased_at is not null)`
