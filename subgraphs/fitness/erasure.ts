import { eq, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Database } from '../../platform/database.ts'
import type { EventPayload } from '../../platform/events.ts'
import { createPersonStore, lockPeople } from './person-store.ts'
import { buckets, devices, records, workouts } from './tables.ts'

/** How many rows one transaction deletes. */
const BATCH = 10_000

/** What goes, in this order: once the records are gone nothing counts them into buckets any more. */
const personal = [records, workouts, buckets, devices] as const

/**
 * Erases what a person did and where it came from; their scores in competitions stay as they are. However often it runs,
 * the same is left, and nothing comes after it.
 */
export function createErasure(db: Database) {
  return async ({ userId, at }: EventPayload<'user.erased'>): Promise<void> => {
    await underLock(db, userId, (tx) => createPersonStore(tx).markErased(userId, new Date(at)))
    for (const table of personal) {
      for (let deleted = BATCH; deleted === BATCH; ) {
        deleted = await underLock(db, userId, (tx) => deleteSome(tx, table, userId))
      }
    }
  }
}

function underLock<T>(db: Database, userId: string, work: (tx: Database) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await lockPeople(tx, [userId])
    return work(tx)
  })
}

/** Returns how many it deleted. */
async function deleteSome(
  tx: Database,
  table: PgTable & { userId: PgColumn },
  userId: string,
): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    delete from ${table} where ctid = any (array(
      select ctid from ${table} where ${eq(table.userId, userId)} limit ${BATCH}))`)
  return rowCount ?? 0
}
