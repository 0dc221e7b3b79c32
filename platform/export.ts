import { and, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Database } from './database.ts'
import { publish } from './event-queue.ts'
import type { EventPayload } from './events.ts'
import type { SubgraphName } from './names.ts'
import type { ObjectStore } from './object-store/object-store.ts'

/** How many rows are read at a time. */
const PAGE = 1_000

/** One kind of thing that a subgraph holds about a person. */
export type ExportPart = {
  /** What a line of it says that it is. */
  kind: string
  table: PgTable
  /** What a line says, by the names that the table's columns have in the code. */
  columns: Record<string, PgColumn | SQL>
  /** Which rows are the person's. */
  where: SQL | undefined
  /** What tells these rows apart; they are written in its order. */
  key: [PgColumn, ...PgColumn[]]
}

/** Where the parts of an archive are until it is made: whoever puts one there under this prefix has it taken away again. */
export const partsOf = (exportId: string) => `exports/${exportId}/`

/** Where a subgraph's part is. */
export const partOf = (exportId: string, subgraph: SubgraphName) => `${partsOf(exportId)}${subgraph}.jsonl`

/**
 * Handles `export.requested` for one subgraph: writes its `personalData` into the object store, and tells
 * so. However often it runs, the part is written anew.
 */
export function createGathering(options: {
  db: Database
  objects: Pick<ObjectStore, 'put'>
  subgraph: SubgraphName
  personalData: (userId: string) => ExportPart[]
}) {
  const { db, objects, subgraph, personalData } = options
  return async ({ exportId, userId }: EventPayload<'export.requested'>): Promise<void> => {
    await objects.put(partOf(exportId, subgraph), linesOf(db, personalData(userId)), 'application/jsonl')
    await publish(db, [{ name: 'export.gathered', payload: { exportId, subgraph } }])
  }
}

/** Every column of a table but those named. */
export function columnsBut<Table extends PgTable>(
  table: Table,
  ...names: (keyof Table['_']['columns'] & string)[]
): Record<string, PgColumn> {
  const left: readonly string[] = names
  return Object.fromEntries(Object.entries(getTableColumns(table)).filter(([name]) => !left.includes(name)))
}

/** JSON Lines `{ kind, data }`, a page of rows at a time. */
async function* linesOf(db: Database, parts: ExportPart[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    for await (const rows of pagesOf(db, part)) {
      yield Buffer.from(rows.map((row) => `${JSON.stringify({ kind: part.kind, data: row })}\n`).join(''))
    }
  }
}

async function* pagesOf(
  db: Database,
  { table, columns, where, key }: ExportPart,
): AsyncGenerator<Record<string, unknown>[]> {
  const place = sql`(${sql.join(key, sql`, `)})`
  let after: SQL | undefined
  for (;;) {
    const rows = await db
      .select({ ...columns, rowKey: sql<string[]>`array[${sql.join(key.map(asText), sql`, `)}]` })
      .from(table)
      .where(and(where, after))
      .orderBy(...key)
      .limit(PAGE)
    if (rows.length > 0) yield rows.map(({ rowKey, ...row }) => row)
    const last = rows.at(-1)?.rowKey as string[] | undefined // as selected above
    if (rows.length < PAGE || !last) return
    const values = key.map((column, index) => sql`${last[index]}::${sql.raw(column.getSQLType())}`)
    after = sql`${place} > (${sql.join(values, sql`, `)})`
  }
}

const asText = (column: PgColumn) => sql`${column}::text`
