import { eq, sql } from 'drizzle-orm'
import type { Database } from '../../../platform/database.ts'
import { emails, people } from '../tables.ts'
import type { EmailKind } from './email-text.ts'
import type { Outcome } from './mail.ts'

/** How long it is known what became of a mail: far longer than its event may come again. */
const REMEMBERED = 90 * 86_400_000 // ms

/** How many forgotten mails one mail clears away; more than one, so that they cannot pile up. */
const CLEARED = 100

export type EmailStore = ReturnType<typeof createEmailStore>

/** What became of mails. */
export function createEmailStore(db: Database) {
  return {
    /**
     * Takes note of an attempt to send. False: what became of the mail is final, or its person was erased, and it is not
     * sent.
     */
    begin: (
      { emailId: id, userId, kind }: { emailId: string; userId: string; kind: EmailKind },
      now: Date,
    ): Promise<boolean> =>
      db.transaction(async (tx) => {
        // An erasure waits until the row can be seen, and deletes it.
        const [person] = await tx.select().from(people).where(eq(people.userId, userId)).for('share')
        if (person?.erasedAt) return false
        const begun = await tx
          .insert(emails)
          .values({ id, userId, kind, status: 'WAITING', attempts: 1, at: now })
          .onConflictDoUpdate({
            target: emails.id,
            set: { attempts: sql`${emails.attempts} + 1`, at: now },
            setWhere: eq(emails.status, 'WAITING'),
          })
          .returning({ id: emails.id })
        const forgotten = new Date(now.getTime() - REMEMBERED).toISOString()
        // Rows that another transaction is clearing are left to it.
        await tx.execute(sql`
          delete from ${emails} where ctid = any (array(
            select ctid from ${emails} where at < ${forgotten} limit ${CLEARED} for update skip locked))`)
        return begun.length > 0
      }),

    async note(emailId: string, outcome: Outcome): Promise<void> {
      const reason = outcome.status === 'SENT' ? null : outcome.reason
      await db.update(emails).set({ status: outcome.status, reason }).where(eq(emails.id, emailId))
    },
  }
}
