import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { feedItems, feeds } from './tables.ts'

/** How many items a person's feed keeps: the newest. */
export const FEED_LIMIT = 1_000 // items

/** How many items one call adds, so that it stays far below the time limit of a statement. */
export const APPEND_LIMIT = 10_000 // items

/**
 * Adds items to feeds, one a person and cause however often it is called, and trims what grew too long: one statement.
 * `drafts` is a query of (user_id, dedupe_key, category, title, body, at, competition_id, about_id, mover_ids). Returns
 * whose feeds got something; while somebody's did there may be more to add. The caller's transaction holds a
 * lock that keeps the same causes from being added twice at once.
 */
export async function appendItems(tx: Pick<Database, 'execute'>, drafts: SQL): Promise<string[]> {
  // Feeds are locked in the order of their ids everywhere, so that two of these cannot wait for each other. Who was erased is left
  // out twice: at once, in words that the planner does not take for rare (it would join page and feeds row by row), and where
  // their feed turns out to be erased when it is locked.
  const { rows } = await tx.execute<{ user_id: string }>(sql`
    with drafts as (${drafts}),
    fresh as (
      select drafts.*,
        row_number() over (partition by user_id order by at, dedupe_key) as nth,
        count(*) over (partition by user_id) as total
      from drafts
      where not exists (
        select from ${feedItems} told where told.user_id = drafts.user_id and told.dedupe_key = drafts.dedupe_key
      ) and not coalesce((select feed.erased_at is not null from ${feeds} feed where feed.user_id = drafts.user_id), false)
      order by user_id
      limit ${APPEND_LIMIT}
    ),
    counted as (
      insert into ${feeds} as feed (user_id, last_position)
      select user_id, total from fresh where nth = 1 order by user_id
      on conflict (user_id) do update set last_position = feed.last_position + excluded.last_position
        where feed.erased_at is null
      returning user_id, last_position
    ),
    trimmed as (
      delete from ${feedItems} old using counted
      where old.user_id = counted.user_id and old.position <= counted.last_position - ${FEED_LIMIT}
    )
    insert into ${feedItems}
      (user_id, position, dedupe_key, category, title, body, at, competition_id, about_id, mover_ids)
    select user_id, last_position - total + nth, dedupe_key, category, title, body, at, competition_id, about_id, mover_ids
    from fresh join counted using (user_id)
    returning user_id`)
  return rows.map((row) => row.user_id)
}
