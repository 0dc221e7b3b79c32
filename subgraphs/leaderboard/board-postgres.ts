import { and, desc, eq, gte, inArray, isNotNull, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { isId } from '../../platform/ids.ts'
import type { BoardSource, Window, WindowStandings } from './board.ts'
import { type Place, packedAbove } from './packing.ts'
import { type Entry, type Field, rankEntries, type Standing, standingOf } from './ranking.ts'
import { type boardStates, boards, standings } from './tables.ts'

/** Boards as PostgreSQL has them: always right, and slower than Redis, since places are counted. No changes are kept. */
export function createPostgresBoard(db: Database): BoardSource {
  return {
    read: (competitionId, { windows, people }) =>
      db.transaction(
        async (tx) => {
          const summary = await readSummary(tx, competitionId)
          if (!summary) return null
          const { leader, ...board } = summary
          const field = { size: board.size, leader }
          const found: WindowStandings[] = []
          for (const window of windows) found.push(await readWindow(tx, competitionId, window, field))
          const standings = await readPeople(tx, competitionId, people, field)
          return { ...board, windows: found, people: standings, changes: null, isLogged: false }
        },
        { isolationLevel: 'repeatable read', accessMode: 'read only' },
      ),
  }
}

type Reader = Pick<Database, 'select' | 'execute'>

async function readSummary(tx: Reader, competitionId: string) {
  const { rows } = await tx.execute<{
    state: (typeof boardStates)[number]
    revision: number
    size: number
    leader: number | null
    changed_at: number // ms
  }>(sql`
    select boards.state,
      (boards.rebuilds + case boards.state when 'LIVE' then 0 when 'PROVISIONAL' then 1 when 'FINAL' then 2 end
        + coalesce(boards.final_versions, changing.versions, 0))::int as revision,
      coalesce(boards.final_size, changing.size)::int as size,
      (
        select max(packed) from ${standings}
        where standings.competition_id = boards.competition_id and packed is not null
      ) as leader,
      (extract(epoch from greatest(boards.updated_at, changing.latest)) * 1000)::bigint as changed_at
    from ${boards}
    left join lateral (
      select count(packed) as size, sum(version) as versions, max(updated_at) as latest
      from ${standings} where standings.competition_id = boards.competition_id and boards.state <> 'FINAL'
    ) changing on true
    where boards.competition_id = ${competitionId}`)
  const [row] = rows
  if (!row) return null
  const { changed_at, ...summary } = row
  return { ...summary, changedAt: new Date(changed_at) }
}

async function readWindow(
  tx: Reader,
  competitionId: string,
  window: Window,
  field: Field,
): Promise<WindowStandings> {
  const [from, to] = await rangeOf(tx, competitionId, window, field.size)
  const rows =
    from < to
      ? await tx
          .select(entry)
          .from(standings)
          .where(onBoard(competitionId))
          .orderBy(desc(standings.packed), desc(standings.userId))
          .offset(from)
          .limit(to - from)
      : []
  const entries = rows.flatMap(toEntry)
  const [first] = entries
  const above =
    from > 0 && first
      ? await count(tx, and(onBoard(competitionId), gte(standings.packed, packedAbove(first.packed))))
      : 0
  return { before: from, standings: rankEntries(entries, from, above, field) }
}

/** The window's places, from 0, the last one excluded. */
async function rangeOf(
  tx: Reader,
  competitionId: string,
  window: Window,
  size: number,
): Promise<[number, number]> {
  const ahead = (comparison: SQL, { packed, userId }: Place) =>
    count(
      tx,
      and(
        onBoard(competitionId),
        sql`(${standings.packed}, ${standings.userId}) ${comparison} (${packed}::bigint, ${userId}::uuid)`,
      ),
    )
  if (window.kind === 'around') {
    const [person] = isId(window.userId) ? await findEntries(tx, competitionId, [window.userId]) : []
    if (!person) return [0, 0]
    const place = await ahead(sql`>`, person)
    return [Math.max(place - window.radius, 0), Math.min(place + window.radius + 1, size)]
  }
  const from = window.after ? await ahead(sql`>=`, window.after) : 0
  const to = window.before ? await ahead(sql`>`, window.before) : size
  return window.backwards ? [Math.max(from, to - window.size), to] : [from, Math.min(to, from + window.size)]
}

async function readPeople(
  tx: Reader,
  competitionId: string,
  userIds: readonly string[],
  field: Field,
): Promise<(Standing | null)[]> {
  if (userIds.length === 0) return []
  const { rows } = await tx.execute<{ user_id: string; above: number }>(sql`
    select person.user_id, (
      select count(*) from ${standings}
      where standings.competition_id = person.competition_id and standings.packed is not null
        and standings.packed >= ((person.packed >> 25) + 1) << 25
    ) as above
    from ${standings} person
    where person.competition_id = ${competitionId} and person.packed is not null
      and person.user_id = any(${sql.param(userIds)}::uuid[])`)
  const above = new Map(rows.map((row) => [row.user_id, row.above]))
  const entries = await findEntries(tx, competitionId, userIds)
  const found = new Map(
    entries.map((person) => [person.userId, standingOf(person, above.get(person.userId) ?? 0, field)]),
  )
  return userIds.map((userId) => found.get(userId) ?? null)
}

const entry = { userId: standings.userId, packed: standings.packed, achievedAt: standings.achievedAt }

type EntryRow = { userId: string; packed: number | null; achievedAt: Date | null }

async function findEntries(tx: Reader, competitionId: string, userIds: readonly string[]): Promise<Entry[]> {
  const rows = await tx
    .select(entry)
    .from(standings)
    .where(and(onBoard(competitionId), inArray(standings.userId, [...userIds])))
  return rows.flatMap(toEntry)
}

function toEntry({ userId, packed, achievedAt }: EntryRow): Entry[] {
  return packed === null || achievedAt === null ? [] : [{ userId, packed, achievedAt }]
}

async function count(tx: Reader, where: SQL | undefined): Promise<number> {
  const [row] = await tx.select({ count: sql<number>`count(*)` }).from(standings).where(where)
  return row?.count ?? 0
}

const onBoard = (competitionId: string) =>
  and(eq(standings.competitionId, competitionId), isNotNull(standings.packed))
