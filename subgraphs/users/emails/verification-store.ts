import { eq } from 'drizzle-orm'
import type { Database, Transaction } from '../../../platform/database.ts'
import { publish } from '../../../platform/event-queue.ts'
import { refuse } from '../../../platform/refusal.ts'
import { lockCaller } from '../lock-person.ts'
import { type PersonRow, people } from '../tables.ts'
import type { AccountMails } from './account-mails.ts'
import { issueToken, newEmailToken, recentlyIssued, redeemToken } from './email-tokens.ts'

/** How many mails a person is sent in an hour, the one after signing up included. */
const PER_HOUR = 5

export type VerificationStore = ReturnType<typeof createVerificationStore>

/** Whether addresses are those of the people who gave them. */
export function createVerificationStore(db: Database, mails: AccountMails) {
  return {
    /** Sends a link to a person's address. Refuses who has verified it, and too many. */
    request: (userId: string, now: Date): Promise<void> =>
      db.transaction(async (tx) => {
        const person = await lockCaller(tx, userId)
        if (person.emailVerifiedAt) return refuse('CONFLICT', 'Your address is verified already.')
        const recent = await recentlyIssued(tx, { userId, purpose: 'VERIFY_EMAIL' }, now)
        if (recent.length >= PER_HOUR) {
          return refuse('TOO_MANY_ATTEMPTS', 'Several mails went to your address. Use the latest, or try again in an hour.') // biome-ignore format: one sentence
        }
        await sendVerification(tx, mails, person, now)
      }),

    /** Takes note that a person has the address that a token was sent to. Refuses what redeemToken refuses. */
    verify: (token: string, now: Date): Promise<PersonRow> =>
      db.transaction(async (tx) => {
        const person = await redeemToken(tx, { token, purpose: 'VERIFY_EMAIL' }, now)
        const emailVerifiedAt = person.emailVerifiedAt ?? now
        await tx.update(people).set({ emailVerifiedAt }).where(eq(people.id, person.id))
        return { ...person, emailVerifiedAt }
      }),
  }
}

/** Sends a link to the address of a person who is locked, or in this transaction new. */
export async function sendVerification(
  tx: Transaction,
  mails: AccountMails,
  person: PersonRow,
  now: Date,
): Promise<void> {
  const token = newEmailToken()
  const expiresAt = await issueToken(tx, { token, purpose: 'VERIFY_EMAIL', person }, now)
  if (expiresAt) await publish(tx, [mails.verification(person, { token, expiresAt }, now)])
}
