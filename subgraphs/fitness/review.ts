import { randomUUID } from 'node:crypto'
import type { Database } from '../../platform/database.ts'
import { publish } from '../../platform/event-queue.ts'
import { isId } from '../../platform/ids.ts'
import { refuse } from '../../platform/refusal.ts'
import type { RecordRow } from './batch.ts'
import { lockPeople } from './person-store.ts'
import { createRecordStore, type ShownRecord } from './record-store.ts'
import { recount } from './recount.ts'
import { startDay } from './spans.ts'

/** The most records of one review. */
const MAX_IDS = 100
const MAX_REASON = 500 // characters

/** An administrator's decision on records. */
export type Decision = { ids: string[]; accept: boolean; reason: string }

export type Review = ReturnType<typeof createReview>

/** Decides on records. `wake` is called with the people concerned, once it is kept. */
export function createReview(
  db: Database,
  { now, wake }: { now: () => Date; wake: (userIds: string[]) => void },
) {
  /**
   * Decides on all of these records or, refusing, on none: NOT_FOUND names those that are not there, CONFLICT those
   * that no decision can make count. A decision stands until the source sends a higher version.
   */
  return async (actorId: string, { accept, ...decision }: Decision): Promise<ShownRecord[]> => {
    const ids = [...new Set(decision.ids)]
    const reason = decision.reason.trim()
    check(ids, reason)
    const { shown, userIds } = await db.transaction(async (tx) => {
      const records = createRecordStore(tx)
      const read = async () => present(ids, await records.byIds(ids.filter(isId)))
      // Whose they are never changes, so it may be read before the lock.
      const userIds = [...new Set((await read()).map(({ userId }) => userId))]
      await lockPeople(tx, userIds)
      const rows = decidable(await read())
      await records.decide(ids, accept ? 'ACCEPTED' : 'REFUSED', reason)
      await recount(tx, { days: rows.map(startDay), quarters: [] })
      await publish(
        tx,
        rows.map(({ id, userId }) => ({
          name: 'audit.recorded',
          payload: {
            auditId: randomUUID(),
            at: now().toISOString(),
            actorId,
            action: accept ? 'record.accepted' : 'record.refused',
            subjectType: 'record',
            subjectId: id,
            details: { userId, reason },
          },
        })),
      )
      return { shown: await records.shown(ids), userIds }
    })
    wake(userIds)
    return shown
  }
}

function check(ids: string[], reason: string): void {
  if (ids.length < 1 || ids.length > MAX_IDS) {
    refuse('INVALID_INPUT', `Name 1 to ${MAX_IDS} records.`, 'ids')
  }
  if (reason.length < 1 || reason.length > MAX_REASON || reason.includes('\0') || !reason.isWellFormed()) {
    refuse('INVALID_INPUT', `Give a reason of 1 to ${MAX_REASON} characters.`, 'reason')
  }
}

function present(ids: string[], rows: RecordRow[]): RecordRow[] {
  const there = new Set(rows.flatMap(({ id, status }) => (status === 'DELETED' ? [] : id)))
  const missing = ids.filter((id) => !there.has(id))
  if (missing.length > 0) refuse('NOT_FOUND', `There are no such records: ${missing.join(', ')}.`, 'ids')
  return rows
}

function decidable(rows: RecordRow[]): RecordRow[] {
  const impossible = rows.filter(({ status, decision }) => status === 'REJECTED' && decision === null)
  if (impossible.length === 0) return rows
  const names = impossible.map(({ id }) => id).join(', ')
  refuse(
    'CONFLICT',
    `These records were rejected, and only a higher version of them can count: ${names}.`,
    'ids',
  )
}
