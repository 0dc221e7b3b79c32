import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Database } from '../../platform/database.ts'
import type { MetricSpan, Span } from './spans.ts'

/**
 * Inserts rows, or replaces those of the same key, in one statement with one parameter, however many they are. Columns
 * that not every row names keep their defaults.
 */
export async function upsertRows<Table extends PgTable>(
  db: Pick<Database, 'execute'>,
  table: Table,
  rows: readonly Table['$inferInsert'][],
  key: PgColumn[],
): Promise<void> {
  if (rows.length === 0) return
  const columns = Object.entries(getTableColumns(table)).filter(([property]) =>
    rows.every((row) => property in row),
  )
  const named = rows.map((row) =>
    // A row has the properties of its table; the checker cannot look them up by name.
    Object.fromEntries(
      columns.map(([property, { name }]) => [name, (row as Record<string, unknown>)[property]]),
    ),
  )
  const names = (list: PgColumn[]): SQL =>
    sql.join(
      list.map(({ name }) => sql.identifier(name)),
      sql`, `,
    )
  const written = columns.map(([, column]) => column)
  const updates = written
    .filter((column) => !key.includes(column))
    .map(({ name }) => sql`${sql.identifier(name)} = excluded.${sql.identifier(name)}`)
  await db.execute(sql`
    insert into ${table} (${names(written)})
    select ${names(written)} from json_populate_recordset(null::${table}, ${JSON.stringify(named)}::json)
    on conflict (${names(key)}) do update set ${sql.join(updates, sql`, `)}`)
}

/** Spans as a table `span` (user_id, start, until). */
export function unnest(spans: Span[]): SQL {
  return sql`unnest(${users(spans)}::uuid[], ${times(spans, 'start')}::timestamptz[],
    ${times(spans, 'until')}::timestamptz[]) as span (user_id, start, until)`
}

/** Spans as a table `span` (user_id, metric, start, until). */
export function unnestMetrics(spans: MetricSpan[]): SQL {
  return sql`unnest(${users(spans)}::uuid[], ${sql.param(spans.map(({ metric }) => metric))}::text[],
    ${times(spans, 'start')}::timestamptz[], ${times(spans, 'until')}::timestamptz[])
    as span (user_id, metric, start, until)`
}

const users = (spans: Span[]) => sql.param(spans.map(({ userId }) => userId))

const times = (spans: Span[], edge: 'start' | 'until') =>
  sql.param(spans.map((span) => new Date(span[edge]).toISOString()))
