import { and, eq, ne } from 'drizzle-orm'
import type { Database } from '../../../platform/database.ts'
import { publish } from '../../../platform/event-queue.ts'
import { refuse } from '../../../platform/refusal.ts'
import { auditOf } from '../audit.ts'
import type { AccountMails } from '../emails/account-mails.ts'
import { voidTokens } from '../emails/email-tokens.ts'
import { lockPerson } from '../lock-person.ts'
import { endSessions } from '../sessions/session-ends.ts'
import { type PersonRow, people, sessions } from '../tables.ts'
import { hashPassword, passwordFault, verifyPassword } from './password.ts'

export type PasswordStore = ReturnType<typeof createPasswordStore>

/** Changes of passwords. */
export function createPasswordStore(db: Database, mails: AccountMails) {
  return {
    /** Refuses another password than the person's, and who has none; `field` is where it was given. */
    async check(person: PersonRow, password: string, field = 'currentPassword'): Promise<void> {
      if (!person.passwordHash) {
        return refuse('NOT_ALLOWED', 'This account has no password: you sign in to it elsewhere.', field)
      }
      // A longer one cannot be anybody's, and hashing it would be work for nothing.
      const matches = await verifyPassword(person.passwordHash, password.length <= 128 ? password : '')
      if (!matches) refuse('WRONG_CREDENTIALS', 'The current password is wrong.', field)
    },

    /**
     * Gives a person, whose password was just checked, another one, ends all their sessions but one, and tells them by mail.
     * Links with which it could be reset are void. Refuses what passwordFault finds.
     */
    async change(person: PersonRow, change: { password: string; keep: string }, now: Date): Promise<void> {
      const { id, email, displayName, passwordHash: before } = person
      const weakness = passwordFault(change.password, [email, displayName])
      if (weakness) return refuse('WEAK_PASSWORD', weakness, 'newPassword')
      const passwordHash = await hashPassword(change.password)
      await db.transaction(async (tx) => {
        const current = await lockPerson(tx, id)
        if (current?.passwordHash !== before || current.suspendedAt) {
          return refuse('CONFLICT', 'The password was just changed elsewhere, or the account suspended.')
        }
        await tx.update(people).set({ passwordHash }).where(eq(people.id, id))
        await voidTokens(tx, { userId: id, purpose: 'RESET_PASSWORD' }, now)
        const others = and(eq(sessions.userId, id), ne(sessions.id, change.keep))
        const ended = await endSessions(tx, others, now)
        const details = { sessionsEnded: ended.length }
        await publish(tx, [
          auditOf({ action: 'user.password_changed', actorId: id, userId: id, details }, now),
          mails.passwordChanged(current, now),
        ])
      })
    },
  }
}
