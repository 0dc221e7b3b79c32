import { and, eq, isNull, ne, sql } from 'drizzle-orm'
import type { Database, Transaction } from '../../platform/database.ts'
import { publish } from '../../platform/event-queue.ts'
import { isId } from '../../platform/ids.ts'
import { refuse } from '../../platform/refusal.ts'
import { isPlainText } from '../../platform/text.ts'
import { auditOf } from './audit.ts'
import { lockPerson } from './lock-person.ts'
import { profileOf } from './profile.ts'
import type { Role } from './roles.ts'
import { endHeldByKeys, endSessions, renewSessions } from './sessions/session-ends.ts'
import { type PersonRow, people, sessions } from './tables.ts'

export type Administration = ReturnType<typeof createAdministration>

/**
 * What administrators do to accounts. One such change is made at a time, so that two administrators cannot demote each
 * other; whose rights were taken meanwhile is refused.
 */
export function createAdministration(db: Database) {
  const change = (
    { actorId, userId }: { actorId: string; userId: string },
    work: (tx: Transaction, person: PersonRow) => Promise<PersonRow>,
  ): Promise<PersonRow> =>
    db.transaction(async (tx) => {
      await takeTurns(tx)
      const [actor] = await tx.select().from(people).where(eq(people.id, actorId))
      if (actor?.role !== 'ADMIN' || actor.suspendedAt) {
        return refuse('NOT_ALLOWED', 'You are no administrator any more.')
      }
      const person = isId(userId) ? await lockPerson(tx, userId) : null
      if (!person) return refuse('NOT_FOUND', 'There is no such person.', 'userId')
      return work(tx, person)
    })

  return {
    /** Gives a role. Refuses to take the last administrator's. */
    setRole: (act: { actorId: string; userId: string; role: Role }, now: Date): Promise<PersonRow> =>
      change(act, async (tx, person) => {
        if (act.role !== 'ADMIN') await keepOneBeside(tx, person, 'userId')
        return changeRole(tx, person, act, now)
      }),

    /** Ends a person's sessions and lets them sign in no more. Refuses oneself, and the last administrator. */
    suspend: (act: { actorId: string; userId: string; reason: string }, now: Date): Promise<PersonRow> =>
      change(act, async (tx, person) => {
        const reason = checkReason(act.reason)
        if (person.id === act.actorId) return refuse('NOT_ALLOWED', 'You cannot suspend yourself.', 'userId')
        await keepOneBeside(tx, person, 'userId')
        if (person.suspendedAt) return refuse('CONFLICT', 'This account is suspended already.', 'userId')
        const suspended = await update(tx, person.id, { suspendedAt: now, suspensionReason: reason })
        await endSessions(tx, eq(sessions.userId, person.id), now)
        await endHeldByKeys(tx, person.id, now)
        await publish(tx, [auditOf({ ...act, action: 'user.suspended', details: { reason } }, now)])
        return suspended
      }),

    /** Lets a suspended person sign in again. */
    unsuspend: (act: { actorId: string; userId: string; reason: string }, now: Date): Promise<PersonRow> =>
      change(act, async (tx, person) => {
        const reason = checkReason(act.reason)
        if (!person.suspendedAt) return refuse('CONFLICT', 'This account is not suspended.', 'userId')
        const lifted = await update(tx, person.id, { suspendedAt: null, suspensionReason: null })
        await publish(tx, [auditOf({ ...act, action: 'user.unsuspended', details: { reason } }, now)])
        return lifted
      }),

    /** Gives a role by an operator's hand, who may do anything; null where no account has the address. */
    setRoleByOperator: (email: string, role: Role, now: Date): Promise<PersonRow | null> =>
      db.transaction(async (tx) => {
        await takeTurns(tx)
        const [found] = await tx.select().from(people).where(eq(people.email, email.toLowerCase()))
        const person = found && (await lockPerson(tx, found.id))
        if (!person) return null
        return changeRole(tx, person, { actorId: null, role }, now)
      }),
  }
}

/** Before any person is locked. */
export async function takeTurns(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('users.administration'))`)
}

/** A role that somebody has already is not given again: their tokens stay good. */
async function changeRole(
  tx: Transaction,
  person: PersonRow,
  { actorId, role }: { actorId: string | null; role: Role },
  now: Date,
): Promise<PersonRow> {
  if (person.role === role) return person
  const changed = await update(tx, person.id, { role })
  await renewSessions(tx, person.id, now)
  await endHeldByKeys(tx, person.id, now)
  const details = { from: person.role, to: role }
  const act = { actorId, userId: person.id, action: 'user.role_changed', details }
  await publish(tx, [auditOf(act, now)])
  return changed
}

/** Refuses what would leave nobody who could undo it. */
export async function keepOneBeside(tx: Transaction, person: PersonRow, field?: string): Promise<void> {
  if (person.role !== 'ADMIN' || person.suspendedAt) return
  const [other] = await tx
    .select({ id: people.id })
    .from(people)
    .where(and(eq(people.role, 'ADMIN'), isNull(people.suspendedAt), ne(people.id, person.id)))
    .limit(1)
  if (!other) refuse('NOT_ALLOWED', 'This is the last administrator. Make another one first.', field)
}

function checkReason(text: string): string {
  const reason = text.trim()
  const length = [...reason].length
  if (length >= 1 && length <= 500 && isPlainText(reason)) return reason
  return refuse('INVALID_INPUT', 'The reason is text of 1 to 500 characters.', 'reason')
}

/** Tells others, too: what a person may do is part of what they keep a copy of. */
async function update(tx: Transaction, id: string, change: Partial<PersonRow>): Promise<PersonRow> {
  const [person] = await tx
    .update(people)
    .set({ ...change, version: sql`${people.version} + 1` })
    .where(eq(people.id, id))
    .returning()
  if (!person) throw new Error('a locked person is gone')
  await publish(tx, [{ name: 'user.profile_changed', payload: profileOf(person) }])
  return person
}
