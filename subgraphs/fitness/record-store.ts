import { and, asc, eq, getTableColumns, inArray, isNotNull, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import type { Position } from '../../platform/position.ts'
import type { NewRecord, RecordRow } from './batch.ts'
import type { LocalDay } from './days.ts'
import type { Provider, RecordOutcome } from './generated.ts'
import { unnest, unnestMetrics, upsertRows } from './rows.ts'
import type { MetricSpan, Span } from './spans.ts'
import { buckets, devices, records } from './tables.ts'
import type { Candidate, Verdict } from './verdicts.ts'

/** The longest record, beside a moment: an overlapping one started at most so long before. */
const LONGEST = sql`interval '24 hours'`

/**
 * What became of a record, in the words of the API. Columns are named by hand where two tables meet: drizzle leaves
 * the table out in what a query of one table selects.
 */
const outcome = sql<RecordOutcome>`case ${records.status}
  when 'REJECTED' then 'REJECTED'
  when 'HELD' then 'QUARANTINED'
  else case when exists (
    select from ${buckets} as bucket
    where bucket.user_id = ${records}.user_id and bucket.metric = ${records}.metric
      and bucket.start > ${records}.started_at - interval '15 minutes' and bucket.start < ${records}.ended_at
      and bucket.provider = ${records}.provider and bucket.device_id = ${records}.device_id
      and bucket.source_kind = ${records}.source_kind
  ) then 'COUNTED' else 'SUPERSEDED' end
end`

const shown = {
  id: records.id,
  provider: records.provider,
  metric: records.metric,
  value: records.value,
  startedAt: records.startedAt,
  endedAt: records.endedAt,
  outcome,
  reason: records.reason,
}

/** A record as the API shows it. */
export type ShownRecord = Pick<RecordRow, Exclude<keyof typeof shown, 'outcome'>> & { outcome: RecordOutcome }

/** Records, as they were sent and as they were judged. */
export function createRecordStore(db: Database) {
  return {
    /** What is known under external ids of a person's provider. */
    known: (userId: string, provider: Provider, externalIds: string[]): Promise<RecordRow[]> =>
      db
        .select()
        .from(records)
        .where(
          and(
            eq(records.userId, userId),
            eq(records.provider, provider),
            sql`${records.externalId} = any(${sql.param(externalIds)})`,
          ),
        ),

    put: (rows: NewRecord[]) =>
      upsertRows(db, records, rows, [records.userId, records.provider, records.externalId]),

    /** The records that start in spans of time and are to be judged together. */
    startingIn: (spans: Span[]): Promise<(Candidate & Pick<RecordRow, 'status' | 'reason'>)[]> =>
      db
        .select({ ...getTableColumns(records), deviceOwner: devices.userId })
        .from(unnest(spans))
        .innerJoin(
          records,
          sql`${records.userId} = span.user_id
            and ${records.startedAt} >= span.start and ${records.startedAt} < span.until`,
        )
        .leftJoin(devices, eq(devices.id, records.deviceId))
        .where(
          and(ne(records.status, 'DELETED'), or(ne(records.status, 'REJECTED'), isNotNull(records.decision))),
        ),

    /** Those that may count and overlap spans of time; one that overlaps several comes once. */
    async liveIn(spans: MetricSpan[]): Promise<RecordRow[]> {
      const rows = await db
        .select(getTableColumns(records))
        .from(unnestMetrics(spans))
        .innerJoin(
          records,
          sql`${records.userId} = span.user_id and ${records.metric} = span.metric
            and ${records.startedAt} > span.start - ${LONGEST} and ${records.startedAt} < span.until
            and ${records.endedAt} > span.start`,
        )
        .where(eq(records.status, 'LIVE'))
      return [...new Map(rows.map((row) => [row.id, row])).values()]
    },

    /** Writes down what became of records. */
    async judge(verdicts: ({ id: string } & Verdict)[]): Promise<void> {
      if (verdicts.length === 0) return
      await db.execute(sql`
        update ${records} set status = verdict.status, reason = verdict.reason
        from json_to_recordset(${JSON.stringify(verdicts)}::json)
          as verdict (id uuid, status text, reason text)
        where ${records.id} = verdict.id`)
    },

    byIds: (ids: string[]): Promise<RecordRow[]> => db.select().from(records).where(inArray(records.id, ids)),

    async decide(ids: string[], decision: 'ACCEPTED' | 'REFUSED', decisionReason: string): Promise<void> {
      await db.update(records).set({ decision, decisionReason }).where(inArray(records.id, ids))
    },

    /** As the API shows them. */
    async shown(ids: string[]): Promise<ShownRecord[]> {
      const rows = await db
        .select(shown)
        .from(records)
        .where(inArray(records.id, ids))
        .orderBy(records.startedAt, records.id)
      return rows.map(explained)
    },

    /** Those that start or go on in a day, oldest first, after a position in that order. */
    async ofDay(
      userId: string,
      day: LocalDay,
      page: { limit: number; after: Position | null },
    ): Promise<ShownRecord[]> {
      const { start, end } = { start: day.start.toISOString(), end: day.end.toISOString() }
      const inDay: SQL = sql`${records.startedAt} < ${end} and (${records.startedAt} >= ${start}
        or (${records.startedAt} > ${start}::timestamptz - ${LONGEST} and ${records.endedAt} > ${start}))`
      const { after } = page
      const rows = await db
        .select(shown)
        .from(records)
        .where(
          and(
            eq(records.userId, userId),
            ne(records.status, 'DELETED'),
            inDay,
            after
              ? sql`(${records.startedAt}, ${records.id}) > (${new Date(after.time).toISOString()}, ${after.id})`
              : undefined,
          ),
        )
        .orderBy(asc(records.startedAt), asc(records.id))
        .limit(page.limit)
      return rows.map(explained)
    },
  }
}

function explained(row: ShownRecord): ShownRecord {
  return row.outcome === 'SUPERSEDED' ? { ...row, reason: 'A better source covers the same time.' } : row
}
