import type { Database } from '../../platform/database.ts'
import { type Page, pageSize, toPage } from '../../platform/page.ts'
import { positionOf } from '../../platform/position.ts'
import { createRecordStore, type HeldRecord } from './record-store.ts'

type PageArgs = { first?: number | null; after?: string | null }

export type HeldRecords = ReturnType<typeof createHeldRecords>

/** What administrators have to decide on. */
export function createHeldRecords(db: Database) {
  const records = createRecordStore(db)

  /** Everybody's, in the order in which they start, oldest first; no decision moves another record. */
  return async ({ first, after }: PageArgs): Promise<Page<HeldRecord>> => {
    const size = pageSize(first, 20)
    const rows = await records.held({ limit: size + 1, after: positionOf(after) })
    return toPage(rows, size, { key: ({ record }) => [record.startedAt.getTime(), record.id], after })
  }
}
