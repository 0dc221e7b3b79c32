import { randomUUID } from 'node:crypto'
import { and, desc, eq, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import type { Publication } from '../../platform/event-queue.ts'
import type { EventPayload } from '../../platform/events.ts'
import { isId } from '../../platform/ids.ts'
import { pageSize, toPage } from '../../platform/page.ts'
import { positionOf } from '../../platform/position.ts'
import { isPlainText } from '../../platform/text.ts'
import { isAboutErased, redactEntry } from './privacy/audit-redaction.ts'
import { auditEntries } from './tables.ts'

export type AuditRow = typeof auditEntries.$inferSelect

export type AuditLog = ReturnType<typeof createAuditLog>

/** What was done, by whom and when; entries are added, and never changed but where who they are about is erased. */
export function createAuditLog(db: Database) {
  return {
    /** Adds an entry once, however often its event comes; without personal data of who was erased before it came. */
    record: ({ auditId, at, ...entry }: EventPayload<'audit.recorded'>): Promise<void> =>
      db.transaction(async (tx) => {
        const isOfErased = await isAboutErased(tx, entry)
        await tx
          .insert(auditEntries)
          .values({ ...entry, id: auditId, at: new Date(at) })
          .onConflictDoNothing()
        if (isOfErased) await redactEntry(tx, auditId)
      }),

    /** A page of the log, newest first. */
    async page(args: {
      first?: number | null
      after?: string | null
      actorId?: string | null
      subjectId?: string | null
    }) {
      const size = pageSize(args.first, 50)
      const after = positionOf(args.after)
      const rows = await db
        .select()
        .from(auditEntries)
        .where(
          and(
            after
              ? sql`(${auditEntries.at}, ${auditEntries.id}) < (${new Date(after.time)}, ${after.id})`
              : undefined,
            args.actorId ? ofActor(args.actorId) : undefined,
            args.subjectId ? ofSubject(args.subjectId) : undefined,
          ),
        )
        .orderBy(desc(auditEntries.at), desc(auditEntries.id))
        .limit(size + 1)
      return toPage(rows, size, { key: (row) => [row.at.getTime(), row.id], after: args.after })
    },
  }
}

/** What was done to a person's account, to be published where it is done; `actorId` is null for an operator or nobody. */
export function auditOf(
  act: { action: string; actorId: string | null; userId: string; details: Record<string, unknown> },
  now: Date,
): Publication<'audit.recorded'> {
  const { action, actorId, userId, details } = act
  const subject = { subjectType: 'user', subjectId: userId }
  return {
    name: 'audit.recorded',
    payload: { auditId: randomUUID(), at: now.toISOString(), actorId, action, ...subject, details },
  }
}

function ofActor(id: string) {
  return isId(id) ? eq(auditEntries.actorId, id) : sql`false`
}

function ofSubject(id: string) {
  return isPlainText(id) ? eq(auditEntries.subjectId, id) : sql`false`
}
