import { eq } from 'drizzle-orm'
import type { Transaction } from '../../platform/database.ts'
import { refuse } from '../../platform/refusal.ts'
import { type PersonRow, people } from './tables.ts'

/**
 * Locks a person against all that changes what their sessions stand on: password, role, suspension, and sessions
 * themselves. Whoever takes it takes it first; what is read after it is what holds. Null for who was erased.
 */
export async function lockPerson(tx: Transaction, id: string): Promise<PersonRow | null> {
  const [person] = await tx.select().from(people).where(eq(people.id, id)).for('no key update')
  return person && !person.erasedAt ? person : null
}

/** The same for who asks themselves. Refuses who was erased meanwhile. */
export async function lockCaller(tx: Transaction, id: string): Promise<PersonRow> {
  return (await lockPerson(tx, id)) ?? refuse('NOT_FOUND', 'This account is no more.')
}
