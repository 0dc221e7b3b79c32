import { and, eq, isNull } from 'drizzle-orm'
import type { Database, Transaction } from '../../../platform/database.ts'
import { publish } from '../../../platform/event-queue.ts'
import type { EventPayload } from '../../../platform/events.ts'
import { refuse } from '../../../platform/refusal.ts'
import { auditOf } from '../audit.ts'
import type { AccountMails } from '../emails/account-mails.ts'
import { issueToken, newEmailToken, ownerOf, recentlyIssued, redeemToken } from '../emails/email-tokens.ts'
import { lockPerson } from '../lock-person.ts'
import { endSessions, tellEnded } from '../sessions/session-ends.ts'
import { apiKeys, outsideIdentities, type PersonRow, people, sessions } from '../tables.ts'
import { hashPassword, passwordFault } from './password.ts'

/** How many mails an account is sent in an hour, whoever asks for them. */
const PER_HOUR = 3

const purpose = 'RESET_PASSWORD'

export type PasswordResetStore = ReturnType<typeof createPasswordResetStore>

/** Other passwords for people who do not know theirs. */
export function createPasswordResetStore(db: Database, mails: AccountMails) {
  return {
    /**
     * Has a link sent to an address that has an account. All that depends on whether it has one is done by `send`, after
     * the answer, which so takes the same time either way.
     */
    async request(email: string, now: Date): Promise<void> {
      if (email.length > 254) return refuse('INVALID_INPUT', 'The address is too long.', 'email')
      const payload = { email, token: newEmailToken(), at: now.toISOString() }
      await publish(db, [{ name: 'password_reset.requested', payload }])
    },

    /**
     * Sends what was requested, once however often its event comes. Nothing goes to who is suspended or was erased, nor to who has
     * no password, because an outside issuer vouches for them; nor more than three mails an hour to anybody. An address that
     * nobody has verified gets its mail in any case: whoever opened the account may be a stranger, who would have it for ever.
     */
    send: ({ email, token, at }: EventPayload<'password_reset.requested'>): Promise<void> =>
      db.transaction(async (tx) => {
        const [found] = await tx
          .select({ id: people.id })
          .from(people)
          .where(eq(people.email, email.toLowerCase()))
        const person = found && (await lockPerson(tx, found.id))
        if (!person || person.suspendedAt) return
        if (!person.passwordHash && person.emailVerifiedAt) return
        const requestedAt = new Date(at)
        const recent = await recentlyIssued(tx, { userId: person.id, purpose }, requestedAt)
        // What was asked for before the latest mail has come too late to be the latest.
        if (recent.length >= PER_HOUR || recent.some((time) => time > requestedAt)) return
        const expiresAt = await issueToken(tx, { token, purpose, person }, requestedAt)
        if (expiresAt) await publish(tx, [mails.passwordReset(person, { token, expiresAt }, requestedAt)])
      }),

    /**
     * Gives the owner of a token another password, which ends all their sessions; they have read what was sent to their address, so
     * it is verified. If nobody had verified it, whoever opened the account may be somebody else: API keys and outside
     * identities end, too. Refuses what redeemToken refuses, and what passwordFault finds.
     */
    async reset(
      { token, newPassword }: { token: string; newPassword: string },
      now: Date,
    ): Promise<PersonRow> {
      const owner = await ownerOf(db, { token, purpose }, now)
      const weakness = passwordFault(newPassword, [owner.email, owner.displayName])
      if (weakness) return refuse('WEAK_PASSWORD', weakness, 'newPassword')
      const passwordHash = await hashPassword(newPassword)
      return db.transaction(async (tx) => {
        const person = await redeemToken(tx, { token, purpose }, now)
        const { id, emailVerifiedAt } = person
        const change = { passwordHash, emailVerifiedAt: emailVerifiedAt ?? now }
        await tx.update(people).set(change).where(eq(people.id, id))
        const ended = await endSessions(tx, eq(sessions.userId, id), now)
        if (!emailVerifiedAt) await endOtherWaysIn(tx, id, now)
        const details = { sessionsEnded: ended.length }
        await publish(tx, [
          auditOf({ action: 'user.password_reset', actorId: id, userId: id, details }, now),
          mails.passwordChanged(person, now),
        ])
        return { ...person, ...change }
      })
    },
  }
}

/** Under the person's lock. */
async function endOtherWaysIn(tx: Transaction, userId: string, now: Date): Promise<void> {
  await tx.delete(outsideIdentities).where(eq(outsideIdentities.userId, userId))
  const revoked = await tx
    .update(apiKeys)
    .set({ revokedAt: now })
    .where(and(eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id })
  await tellEnded(tx, revoked.map(({ id }) => id), now) // biome-ignore format: one thought
}
