import { and, count, desc, isNull, like, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { type Page, pageSize, toPage } from '../../platform/page.ts'
import { positionOf } from '../../platform/position.ts'
import { isPlainText } from '../../platform/text.ts'
import { type PersonRow, people } from './tables.ts'

/** A page of people, and how many there are, which is counted only where it is asked for. */
export type Directory = Page<PersonRow> & { totalCount: () => Promise<number> }

export type DirectoryEdge = Directory['edges'][number]

export type UserDirectory = ReturnType<typeof createUserDirectory>

/** Everyone but who was erased, for administrators. */
export function createUserDirectory(db: Database) {
  return {
    /** Those whose name or address begins with `search`, newest first. */
    async page(args: {
      first?: number | null
      after?: string | null
      search?: string | null
    }): Promise<Directory> {
      const size = pageSize(args.first, 20)
      const after = positionOf(args.after)
      const found = and(isNull(people.erasedAt), args.search ? beginningWith(args.search) : undefined)
      const rows = await db
        .select()
        .from(people)
        .where(
          and(
            found,
            after
              ? sql`(${people.joinedAt}, ${people.id}) < (${new Date(after.time)}, ${after.id})`
              : undefined,
          ),
        )
        .orderBy(desc(people.joinedAt), desc(people.id))
        .limit(size + 1)
      return {
        ...toPage(rows, size, { key: (row) => [row.joinedAt.getTime(), row.id], after: args.after }),
        async totalCount() {
          const [total] = await db.select({ count: count() }).from(people).where(found)
          return total?.count ?? 0
        },
      }
    },
  }
}

function beginningWith(search: string): SQL | undefined {
  if (!isPlainText(search)) return sql`false`
  const literal = `${search.trim().replace(/[\\%_]/g, '\\$&')}%`
  return or(
    like(people.email, literal.toLowerCase()),
    sql`lower(${people.displayName}) like lower(${literal})`,
  )
}
