import { eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../../platform/database.ts'
import { isId } from '../../../platform/ids.ts'
import { auditEntries, people } from '../tables.ts'

/** What is left of an entry's details: numbers, yes and no, ids and roles, and no words that anybody wrote. */
const KEPT = '^(USER|AFFILIATE|ADMIN|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$'

/** Takes personal data out of all that the log says about a person, under the person's lock. */
export async function redactEntriesAbout(tx: Pick<Database, 'execute'>, userId: string): Promise<void> {
  // One by one, as each has an index.
  await redact(tx, eq(auditEntries.subjectId, userId))
  await redact(tx, eq(sql`${auditEntries.details}->>'userId'`, userId))
}

/** The same for one entry. */
export async function redactEntry(tx: Pick<Database, 'execute'>, id: string): Promise<void> {
  await redact(tx, eq(auditEntries.id, id))
}

/**
 * Whether an entry is about somebody who was erased. Who is not will not be before the transaction ends: so either the
 * erasure sees the entry, or this sees the erasure.
 */
export async function isAboutErased(
  tx: Pick<Database, 'select'>,
  entry: { subjectId: string; details: Record<string, unknown> },
): Promise<boolean> {
  const ids = [entry.subjectId, String(entry.details.userId)].filter(isId)
  const rows = await tx
    .select({ erasedAt: people.erasedAt })
    .from(people)
    .where(inArray(people.id, ids))
    .orderBy(people.id)
    .for('share')
  return rows.some(({ erasedAt }) => erasedAt !== null)
}

async function redact(tx: Pick<Database, 'execute'>, which: SQL): Promise<void> {
  await tx.execute(sql`
    update ${auditEntries} set details = coalesce((
      select jsonb_object_agg(key, value) from jsonb_each(details)
      where jsonb_typeof(value) in ('number', 'boolean', 'null') or value #>> '{}' ~ ${KEPT}
    ), '{}')
    where ${which}`)
}
