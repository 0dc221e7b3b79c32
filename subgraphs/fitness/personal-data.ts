import { eq } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { columnsBut, type ExportPart } from '../../platform/export.ts'
import { buckets, devices, enrolments, people, records, workouts } from './tables.ts'

/** What fitness holds about a person. */
export const personalData = (userId: string): ExportPart[] => {
  const all = <Table extends PgTable & { userId: PgColumn }>(
    kind: string,
    table: Table,
    key: ExportPart['key'],
  ): ExportPart => ({ kind, table, columns: columnsBut(table), where: eq(table.userId, userId), key })
  return [
    all('timeZone', people, [people.userId]),
    all('device', devices, [devices.id]),
    all('record', records, [records.id]),
    all('workout', workouts, [workouts.id]),
    all('quarterHour', buckets, [buckets.metric, buckets.start]),
    all('score', enrolments, [enrolments.competitionId]),
  ]
}
