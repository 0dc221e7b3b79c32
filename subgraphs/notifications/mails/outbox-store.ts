import { desc, lte } from 'drizzle-orm'
import type { Database } from '../../../platform/database.ts'
import { outbox } from '../tables.ts'
import type { Mail, MailTransport } from './mail.ts'

/** How many mails are kept: the latest. */
const KEPT = 1_000

/** How many are shown at once. */
const SHOWN = 100

export type OutboxMail = typeof outbox.$inferSelect

export type OutboxStore = MailTransport & {
  /** The latest mails, newest first. */
  latest(): Promise<OutboxMail[]>
}

/** Keeps mails, instead of sending them, for developers to read. */
export function createOutboxStore(db: Database): OutboxStore {
  return {
    async send({ id: emailId, ...mail }: Mail, now) {
      const [kept] = await db
        .insert(outbox)
        .values({ ...mail, emailId, at: now })
        .onConflictDoNothing({ target: outbox.emailId })
        .returning({ position: outbox.position })
      if (kept) await db.delete(outbox).where(lte(outbox.position, kept.position - KEPT))
      return { status: 'SENT' }
    },
    close() {},
    latest: () => db.select().from(outbox).orderBy(desc(outbox.position)).limit(SHOWN),
  }
}
