import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { ERASED_NAME } from '../../platform/erased-name.ts'
import type { EventPayload } from '../../platform/events.ts'
import { overtakenMessage } from './messages.ts'
import { emails, feedItems, feeds, outbox, people } from './tables.ts'

/** How many items are rewritten at a time. */
const PAGE = 1_000

/**
 * Erases what a person was told and is called: their feed, their mails, and their name in what others were told. However
 * often it runs, the same is left, and nothing comes after it.
 */
export function createErasure(db: Database) {
  return async ({ userId, at }: EventPayload<'user.erased'>): Promise<void> => {
    const erasedAt = new Date(at)
    // First: who is telling others of them with their name holds this row, and is done when it is written.
    await forgetName(db, userId, erasedAt)
    await emptyFeed(db, userId, erasedAt)
    await db.delete(emails).where(eq(emails.userId, userId))
    await db.delete(outbox).where(eq(outbox.userId, userId))
    for (let last: string | undefined, count = PAGE; count === PAGE; ) {
      const ids = await rewriteSome(db, userId, last)
      last = ids.at(-1)
      count = ids.length
    }
  }
}

async function forgetName(db: Database, userId: string, erasedAt: Date): Promise<void> {
  const erased = { displayName: ERASED_NAME, erasedAt }
  await db
    .insert(people)
    .values({ userId, version: 0, ...erased })
    .onConflictDoUpdate({ target: people.userId, set: erased, setWhere: isNull(people.erasedAt) })
}

/** The feed's row stays, so that nobody adds to it any more (append-items.ts). */
async function emptyFeed(db: Database, userId: string, erasedAt: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const erased = { lastPosition: 0, erasedAt }
    await tx
      .insert(feeds)
      .values({ userId, ...erased })
      .onConflictDoUpdate({ target: feeds.userId, set: erased, setWhere: isNull(feeds.erasedAt) })
    await tx.delete(feedItems).where(eq(feedItems.userId, userId))
  })
}

/** Takes the name out of the next items that others were told; gives their ids. */
async function rewriteSome(db: Database, userId: string, after: string | undefined): Promise<string[]> {
  const items = await db
    .select({ id: feedItems.id, moverIds: feedItems.moverIds })
    .from(feedItems)
    .where(
      and(
        eq(feedItems.aboutId, userId),
        eq(feedItems.category, 'RANK'),
        after === undefined ? undefined : gt(feedItems.id, after),
      ),
    )
    .orderBy(feedItems.id)
    .limit(PAGE)
  const titles = items.map(({ id, moverIds }) => {
    const others = moverIds.length - 1
    return { id, title: overtakenMessage({ mover: null, others, competition: null }).title }
  })
  // Not where the item has come to be about somebody else meanwhile.
  await db.execute(sql`
    update ${feedItems} item set title = change.title
    from json_to_recordset(${JSON.stringify(titles)}::json) change(id uuid, title text)
    where item.id = change.id and item.about_id = ${userId}`)
  return items.map(({ id }) => id)
}
