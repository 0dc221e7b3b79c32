import { randomUUID } from 'node:crypto'
import { desc, eq, sql } from 'drizzle-orm'
import type { Database } from '../../../platform/database.ts'
import { type Publication, publish } from '../../../platform/event-queue.ts'
import type { SubgraphName } from '../../../platform/names.ts'
import { refuse } from '../../../platform/refusal.ts'
import { auditOf } from '../audit.ts'
import { lockCaller } from '../lock-person.ts'
import { dataExports, type PersonRow, people } from '../tables.ts'

/** How long after an export a person may ask for the next. */
const PAUSE = 86_400_000 // ms

/** How long an archive is kept, and its address good. */
export const KEPT = 7 * 86_400_000 // ms

export type ExportRow = typeof dataExports.$inferSelect

export type ExportStore = ReturnType<typeof createExportStore>

/** Exports: who asked for them, and how far they are. */
export function createExportStore(db: Database) {
  return {
    /** Has all subgraphs gather what they hold about a person. Refuses more than one a day. */
    request: (userId: string, now: Date): Promise<ExportRow> =>
      db.transaction(async (tx) => {
        await lockCaller(tx, userId)
        const [latest] = await tx
          .select({ at: dataExports.requestedAt })
          .from(dataExports)
          .where(eq(dataExports.userId, userId))
          .orderBy(desc(dataExports.requestedAt))
          .limit(1)
        const next = latest && new Date(latest.at.getTime() + PAUSE)
        if (next && next > now) {
          return refuse('CONFLICT', `There is one export a day. Ask again after ${next.toISOString()}.`)
        }
        const row = { id: randomUUID(), userId, requestedAt: now, gathered: [], readyAt: null }
        await tx.insert(dataExports).values(row)
        const details = { exportId: row.id }
        await publish(tx, [
          { name: 'export.requested', payload: { exportId: row.id, userId, at: now.toISOString() } },
          expired(row.id, new Date(now.getTime() + KEPT)),
          auditOf({ action: 'user.data_exported', actorId: userId, userId, details }, now),
        ])
        return row
      }),

    /** Takes note that a subgraph's part is there; null for an export that is over, or whose person was erased. */
    async gathered(exportId: string, subgraph: SubgraphName): Promise<ExportRow | null> {
      const added = sql`array_append(array_remove(${dataExports.gathered}, ${subgraph}), ${subgraph})`
      const [row] = await db
        .update(dataExports)
        .set({ gathered: added })
        .where(eq(dataExports.id, exportId))
        .returning()
      return row ?? null
    },

    /**
     * Takes note that an archive is there, once, and tells its owner, whom `publications` is called with. False where the
     * export is over or the person was erased meanwhile.
     */
    ready: (
      exportId: string,
      now: Date,
      publications: (owner: PersonRow) => Publication[],
    ): Promise<boolean> =>
      db.transaction(async (tx) => {
        const [row] = await tx.select().from(dataExports).where(eq(dataExports.id, exportId)).for('update')
        if (!row || row.readyAt) return row !== undefined
        const [owner] = await tx.select().from(people).where(eq(people.id, row.userId))
        if (!owner) throw new Error('whose export it is is gone')
        await tx.update(dataExports).set({ readyAt: now }).where(eq(dataExports.id, exportId))
        await publish(tx, publications(owner))
        return true
      }),

    async remove(exportId: string): Promise<void> {
      await db.delete(dataExports).where(eq(dataExports.id, exportId))
    },
  }
}

/** That an archive is to be deleted, at once or not before then. */
export function expired(exportId: string, at?: Date): Publication {
  return { name: 'export.expired', payload: { exportId }, ...(at && { at }) }
}
