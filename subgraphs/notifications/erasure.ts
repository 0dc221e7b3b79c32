import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { ERASED_NAME } from '../../platform/erased-name.ts'
import type { EventPayload } from '../../platform/events.ts'
import { FEED_LIMIT } from './append-items.ts'
import { overtakenMessage } from './messages.ts'
import { emails, feedItems, feeds, outbox, people } from './tables.ts'

/** How many items are rewritten at a time. */
const PAGE = 1_000

/** Where an item is. */
type Place = { userId: string; position: number }

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
    for (let last: Place | undefined, count = PAGE; count === PAGE; ) {
      const places = await rewriteSome(db, userId, last)
      last = places.at(-1)
      count = places.length
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
    const theirs = eq(feedItems.userId, userId)
    await inOrder(tx, theirs, FEED_LIMIT)
    await tx.delete(feedItems).where(theirs)
  })
}

/** Takes the name out of the next items that others were told; gives where they are. */
async function rewriteSome(db: Database, userId: string, after: Place | undefined): Promise<Place[]> {
  return db.transaction(async (tx) => {
    const items = await inOrder(
      tx,
      and(
        eq(feedItems.aboutId, userId),
        eq(feedItems.category, 'RANK'),
        after && sql`(${feedItems.userId}, ${feedItems.position}) > (${after.userId}, ${after.position})`,
      ),
      PAGE,
    )
    const titles = items.map(({ id, moverIds }) => {
      const others = moverIds.length - 1
      return { id, title: overtakenMessage({ mover: null, others, competition: null }).title }
    })
    await tx.execute(sql`
      update ${feedItems} item set title = change.title
      from json_to_recordset(${JSON.stringify(titles)}::json) change(id uuid, title text)
      where item.id = change.id`)
    return items
  })
}

/** Locks items in the order in which people mark theirs as read (store.ts), so that neither waits for the other for ever. */
function inOrder(tx: Database, which: SQL | undefined, limit: number) {
  const { id, userId, position, moverIds } = feedItems
  return tx
    .select({ id, userId, position, moverIds })
    .from(feedItems)
    .where(which)
    .orderBy(userId, position)
    .limit(limit)
    .for('update')
}
