import { sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import type { EventPayload } from '../../platform/events.ts'
import { appendItems } from './append-items.ts'
import { exportReadyMessage } from './messages.ts'

export type ExportNoticeStore = ReturnType<typeof createExportNoticeStore>

/** Telling people that the archive of their data is there. */
export function createExportNoticeStore(db: Database) {
  return {
    /** Returns whom it told. */
    tellReady: ({ exportId, userId, at }: EventPayload<'export.ready'>): Promise<string[]> =>
      db.transaction(async (tx) => {
        const dedupeKey = `export/${exportId}`
        await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${dedupeKey}, 0))`)
        const { title, body } = exportReadyMessage
        return appendItems(
          tx,
          sql`select ${userId}::uuid as user_id, ${dedupeKey} as dedupe_key, 'SECURITY' as category,
            ${title} as title, ${body} as body, ${at}::timestamptz as at,
            null::uuid as competition_id, null::uuid as about_id, '{}'::uuid[] as mover_ids`,
        )
      }),
  }
}
