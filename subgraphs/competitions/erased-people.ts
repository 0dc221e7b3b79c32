import { eq, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { unauthenticated } from '../../platform/errors.ts'
import { erasedPeople } from './tables.ts'

/** For what a person makes anew. Throws UNAUTHENTICATED for who was erased while their request was on its way. */
export async function refuseErased(tx: Database, userId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${keyOf(userId)})`)
  const [erased] = await tx.select().from(erasedPeople).where(eq(erasedPeople.userId, userId))
  if (erased) throw unauthenticated('This account is no more.')
}

/** After it nothing of the person is being made, and nothing will be. */
export async function markErased(db: Database, userId: string, erasedAt: Date): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${keyOf(userId)})`)
    await tx.insert(erasedPeople).values({ userId, erasedAt }).onConflictDoNothing()
  })
}

const keyOf = (userId: string) => sql`hashtextextended(${`competitions person ${userId}`}, 0)`
