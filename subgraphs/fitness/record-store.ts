import { and, asc, eq, getTableColumns, inArray, isNotNull, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import type { Position } from '../../platform/position.ts'
import type { NewRecord, RecordRow } from './batch.ts'
import type { LocalDay } from './days.ts'
import type { Provider, RecordOutcome } from './generated.ts'
import { capNote } from './plausibility.ts'
import { unnest, unnestMetrics, upsertRows } from './rows.ts'
import type { MetricSpan, Span } from './spans.ts'
import { buckets, devices, records } from './tables.ts'
import type { Candidate, Verdict } from './verdicts.ts'

/** The longest record, beside a moment: an overlapping one started at most so long before. */
const LONGEST = sql`interval '24 hours'`

/**
 * Whether a record's source counts for some of its time: null where it does not, true where some of what it said is above
 * what a body can do. Columns are named by hand where two tables meet: drizzle leaves the table out in what a query of
 * one table selects.
 */
const capped = sql<boolean | null>`case when ${records.status} = 'LIVE' then (
  select bool_or(bucket.capped and ${records}.value > 0) from ${buckets} as bucket
  where bucket.user_id = ${records}.user_id and bucket.metric = ${records}.metric
    and bucket.start > ${records}.started_at - interval '15 minutes' and bucket.start < ${records}.ended_at
    and bucket.provider = ${records}.provider and bucket.device_id = ${records}.device_id
    and bucket.source_kind = ${records}.source_kind
) end`

const columns = {
  id: records.id,
  provider: records.provider,
  metric: records.metric,
  value: records.value,
  startedAt: records.startedAt,
  endedAt: records.endedAt,
  status: records.status,
  reason: records.reason,
  capped,
}

type FoundRecord = Pick<RecordRow, Exclude<keyof typeof columns, 'capped'>> & { capped: boolean | null }

/** A record as the API shows it. */
export type ShownRecord = Omit<FoundRecord, 'status' | 'capped'> & { outcome: RecordOutcome }

/** A record that waits for an administrator's decision, and whose it is. */
export type HeldRecord = { record: ShownRecord; user: { id: string } }

/** Records, as they were sent and as they were judged. */
export function createRecordStore(db: Database) {
  return {
    /** What is known under external ids of a person's provider. */
    known: (userId: string, provider: Provider, externalIds: string[]): Promise<RecordRow[]> =>
      db
        .select()
        .from(records)
        .where(named(userId, provider, externalIds)),

    /** How many of these wait for an administrator's decision. */
    countHeld: (userId: string, provider: Provider, externalIds: string[]): Promise<number> =>
      db.$count(records, and(named(userId, provider, externalIds), isHeld)),

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
        .select(columns)
        .from(records)
        .where(inArray(records.id, ids))
        .orderBy(records.startedAt, records.id)
      return rows.map(toShown)
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
      const rows = await db
        .select(columns)
        .from(records)
        .where(and(eq(records.userId, userId), ne(records.status, 'DELETED'), inDay, follows(page.after)))
        .orderBy(asc(records.startedAt), asc(records.id))
        .limit(page.limit)
      return rows.map(toShown)
    },

    /** Everybody's that wait for an administrator's decision, oldest first, after a position in that order. */
    async held(page: { limit: number; after: Position | null }): Promise<HeldRecord[]> {
      const rows = await db
        .select({ userId: records.userId, record: columns })
        .from(records)
        .where(and(isHeld, follows(page.after)))
        .orderBy(asc(records.startedAt), asc(records.id))
        .limit(page.limit)
      return rows.map(({ userId, record }) => ({ record: toShown(record), user: { id: userId } }))
    },
  }
}

/** Written as the index of held records is. */
const isHeld = sql`${records.status} = 'HELD'`

function named(userId: string, provider: Provider, externalIds: string[]): SQL | undefined {
  return and(
    eq(records.userId, userId),
    eq(records.provider, provider),
    sql`${records.externalId} = any(${sql.param(externalIds)})`,
  )
}

/** Oldest first, what comes after a position. */
function follows(position: Position | null): SQL | undefined {
  if (!position) return undefined
  return sql`(${records.startedAt}, ${records.id}) > (${new Date(position.time).toISOString()}, ${position.id})`
}

function toShown({ status, capped, ...record }: FoundRecord): ShownRecord {
  switch (status) {
    case 'HELD':
      return { ...record, outcome: 'QUARANTINED' }
    case 'REJECTED':
      return { ...record, outcome: 'REJECTED' }
    case 'DELETED':
      throw new Error('a deleted record is not shown')
    case 'LIVE': {
      if (capped === null) {
        return { ...record, outcome: 'SUPERSEDED', reason: 'A better source covers the same time.' }
      }
      const notes = [capped ? capNote(record.metric) : null, record.reason].filter((note) => note !== null)
      return { ...record, outcome: 'COUNTED', reason: notes.join(' ') || null }
    }
  }
}
