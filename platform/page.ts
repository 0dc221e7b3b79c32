import { badUserInput } from './errors.ts'

/** The largest page of any list. */
export const MAX_PAGE = 100

/** A connection's page, in the shape of the API. */
export type Page<Node> = {
  edges: { cursor: string; node: Node }[]
  pageInfo: PageInfo
}

export type PageInfo = {
  hasNextPage: boolean
  hasPreviousPage: boolean
  startCursor: string | null
  endCursor: string | null
}

/** Checks a `first` or `last` argument. Throws BAD_USER_INPUT. */
export function pageSize(value: number | null | undefined, fallback: number, name = 'first'): number {
  const size = value ?? fallback
  if (size < 1 || size > MAX_PAGE) throw badUserInput(`${name} must be between 1 and ${MAX_PAGE}.`)
  return size
}

/**
 * Shapes rows into a page. `rows` are those after the cursor, one more than `size` if there are as many; `key` is what
 * the list is ordered by, from which a cursor is made.
 */
export function toPage<Row, Node = Row>(
  rows: Row[],
  size: number,
  options: { key: (row: Row) => CursorKey; node?: (row: Row) => Node; after?: string | null },
): Page<Node> {
  // Without `node` a row is the node, as the default of the type parameter says.
  const { key, node = (row: Row) => row as unknown as Node, after } = options
  const edges = rows.slice(0, size).map((row) => ({ cursor: encodeCursor(key(row)), node: node(row) }))
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > size,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

/** What a list is ordered by, in order; the last makes it total. Numbers are whole, and exact. */
export type CursorKey = (string | number)[]

/** Opaque to clients, and safe in a URL. */
export function encodeCursor(key: CursorKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** The key in a cursor that a client sent back, null without one. Throws BAD_USER_INPUT for one we did not make. */
export function decodeCursor<Key extends CursorKey>(
  cursor: string | null | undefined,
  shape: { [Index in keyof Key]: 'string' | 'number' },
): Key | null {
  if (cursor == null) return null
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const fits =
      Array.isArray(key) &&
      key.length === shape.length &&
      key.every(
        (part, i) => typeof part === shape[i] && (typeof part === 'string' || Number.isSafeInteger(part)),
      )
    // Each part was just checked against the shape that Key describes.
    if (fits) return key as Key
  } catch {}
  throw badUserInput('The cursor is not one of this list. Use one that it gave you, or none to start anew.')
}
