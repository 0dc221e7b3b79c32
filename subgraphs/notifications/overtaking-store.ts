import { and, desc, eq, gte, inArray, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { NotYetError } from '../../platform/events.ts'
import { appendItems } from './append-items.ts'
import { overtakenMessage } from './messages.ts'
import { startOfDay, type Telling, tellingOf } from './overtaking.ts'
import { competitions, feedItems, feeds, overtakings, participants, people } from './tables.ts'

/** How long an event may come again and is known to have been dealt with. */
const REMEMBERED = 7 * 24 * 3_600_000 // ms

/** How many forgotten events one event clears away; more than one, so that they cannot pile up. */
const CLEARED = 100

export type Overtaking = { competitionId: string; moverId: string; version: number; overtaken: string[] }

type Merge = Extract<Telling, { kind: 'merge' }>

export type OvertakingStore = ReturnType<typeof createOvertakingStore>

/** Telling people that someone passed them. */
export function createOvertakingStore(db: Database) {
  return {
    /**
     * Tells those overtaken who are still in the competition, by the rules of overtaking.ts; an event that was dealt
     * with changes nothing. Returns who got a new item. Throws NotYetError while it is not known whether they are in it.
     */
    tellOvertaken: (event: Overtaking, now: Date): Promise<string[]> =>
      db.transaction(async (tx) => {
        if (!(await isNew(tx, event, now))) return []
        const userIds = await stillIn(tx, event)
        if (userIds.length === 0) return []
        await lockFeeds(tx, userIds)
        const today = await toldToday(tx, event.competitionId, userIds, now)
        const names = await namesOf(tx, event)
        const unread: Merge[] = []
        const added: string[] = []
        for (const userId of userIds) {
          const telling = tellingOf(today.get(userId) ?? { items: 0, last: null }, event.moverId)
          if (telling.kind === 'new') added.push(userId)
          if (telling.kind === 'merge') unread.push(telling)
        }
        await merge(tx, unread, event, names)
        return add(tx, added, event, names, now)
      }),
  }
}

/** Whether this event has not been dealt with; a second delivery at the same time waits here for the first. */
async function isNew(
  tx: Database,
  { competitionId, moverId, version }: Overtaking,
  now: Date,
): Promise<boolean> {
  const inserted = await tx
    .insert(overtakings)
    .values({ competitionId, moverId, version, at: now })
    .onConflictDoNothing()
    .returning({ version: overtakings.version })
  // Rows that another transaction is clearing are left to it.
  await tx.execute(sql`
    delete from ${overtakings} where ctid = any (array(
      select ctid from ${overtakings} where at < ${new Date(now.getTime() - REMEMBERED).toISOString()}
      limit ${CLEARED} for update skip locked))`)
  return inserted.length > 0
}

async function stillIn(tx: Database, event: Overtaking): Promise<string[]> {
  const overtaken = new Set(event.overtaken.filter((id) => id !== event.moverId))
  const known = await tx
    .select({ userId: participants.userId, joined: participants.joined })
    .from(participants)
    .where(
      and(eq(participants.competitionId, event.competitionId), inArray(participants.userId, [...overtaken])),
    )
  if (known.length < overtaken.size) {
    throw new NotYetError(
      `not everyone overtaken in competition ${event.competitionId} is known to be in it yet`,
    )
  }
  return known.filter(({ joined }) => joined).map(({ userId }) => userId)
}

/** Makes those who add items to the same feeds take turns, in the order in which appendItems locks. */
async function lockFeeds(tx: Database, userIds: string[]): Promise<void> {
  await tx.execute(sql`
    insert into ${feeds} (user_id, last_position)
    select user_id, 0 from unnest(${sql.param(userIds)}::uuid[]) user_id order by 1
    on conflict do nothing`)
  await tx
    .select({ userId: feeds.userId })
    .from(feeds)
    .where(inArray(feeds.userId, userIds))
    .orderBy(feeds.userId)
    .for('update')
}

async function toldToday(tx: Database, competitionId: string, userIds: string[], now: Date) {
  const rows = await tx
    .selectDistinctOn([feedItems.userId], {
      userId: feedItems.userId,
      id: feedItems.id,
      readAt: feedItems.readAt,
      moverIds: feedItems.moverIds,
      items: sql<number>`count(*) over (partition by ${feedItems.userId})`,
    })
    .from(feedItems)
    .where(
      and(
        inArray(feedItems.userId, userIds),
        eq(feedItems.competitionId, competitionId),
        eq(feedItems.category, 'RANK'),
        gte(feedItems.at, startOfDay(now)),
      ),
    )
    .orderBy(feedItems.userId, desc(feedItems.position))
  return new Map(
    rows.map(({ userId, id, readAt, moverIds, items }) => [
      userId,
      { items, last: { id, read: readAt !== null, moverIds } },
    ]),
  )
}

type Names = { mover: string | null; competition: string | null }

async function namesOf(tx: Database, { moverId, competitionId }: Overtaking): Promise<Names> {
  // An erasure waits until what is written with this name can be seen, and takes it out.
  const [mover] = await tx.select().from(people).where(eq(people.userId, moverId)).for('share')
  const [competition] = await tx.select().from(competitions).where(eq(competitions.id, competitionId))
  return {
    mover: mover && !mover.erasedAt ? mover.displayName : null,
    competition: competition?.name ?? null,
  }
}

async function merge(tx: Database, merges: Merge[], { moverId }: Overtaking, names: Names): Promise<void> {
  if (merges.length === 0) return
  const changes = merges.map(({ itemId, moverIds, others }) => ({
    id: itemId,
    mover_ids: moverIds,
    ...overtakenMessage({ ...names, others }),
  }))
  await tx.execute(sql`
    update ${feedItems} item
    set title = change.title, body = change.body, about_id = ${moverId}, mover_ids = change.mover_ids
    from json_to_recordset(${JSON.stringify(changes)}::json)
      change(id uuid, title text, body text, mover_ids uuid[])
    where item.id = change.id and item.read_at is null`)
}

async function add(
  tx: Database,
  userIds: string[],
  { competitionId, moverId, version }: Overtaking,
  names: Names,
  now: Date,
): Promise<string[]> {
  if (userIds.length === 0) return []
  const { title, body } = overtakenMessage({ ...names, others: 0 })
  return appendItems(
    tx,
    sql`select user_id, ${`${competitionId}/RANK/${moverId}/${version}`} as dedupe_key, 'RANK' as category,
      ${title} as title, ${body} as body, ${now.toISOString()}::timestamptz as at,
      ${competitionId}::uuid as competition_id, ${moverId}::uuid as about_id, array[${moverId}::uuid] as mover_ids
      from unnest(${sql.param(userIds)}::uuid[]) user_id`,
  )
}
