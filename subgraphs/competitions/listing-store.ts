import { and, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import type { Person } from '../../platform/identity.ts'
import { isId } from '../../platform/ids.ts'
import type { Position } from '../../platform/position.ts'
import { type Competition, competitionOf } from './competition.ts'
import type { CheckedFilter } from './filter.ts'
import type { CompetitionStatus } from './generated.ts'
import { competitionColumns } from './progress.ts'
import { competitions, type ParticipationRow, participations } from './tables.ts'
import { visibleTo } from './visibility.ts'

/** Which part of a list is read: at most `limit` rows after `after`. */
export type Span = { limit: number; after: Position | null }

/** A person's competitions; `own` are all that they see of them themselves, otherwise what others do. */
export type PersonKey = { userId: string; own: boolean; statuses: CompetitionStatus[] | null }

export type ListingStore = ReturnType<typeof createListingStore>

/** Lists, soonest start first, or in order of joining. Those with keys answer all of them in one statement. */
export function createListingStore(db: Database) {
  return {
    /** What a viewer sees of the competitions that a filter takes. */
    async visible(
      viewer: Person | null,
      filter: CheckedFilter,
      { limit, after }: Span,
    ): Promise<Competition[]> {
      const rows = await db
        .select(competitionColumns)
        .from(competitions)
        .where(
          and(
            visibleTo(viewer),
            meets(filter),
            after ? isAfter(sql`${competitions.startsAt}, ${competitions.id}`, after) : undefined,
          ),
        )
        .orderBy(competitions.startsAt, competitions.id)
        .limit(limit)
      return rows.map(competitionOf)
    },

    /** How many competitions a viewer sees that a filter takes. */
    countVisible: (viewer: Person | null, filter: CheckedFilter): Promise<number> =>
      db.$count(competitions, and(visibleTo(viewer), meets(filter))),

    /** For each key, in the same order, competitions that the person is or was in, or organizes. */
    async ofPeople(keys: readonly (PersonKey & Span)[]): Promise<Competition[][]> {
      const rows = await db
        .select({ place: sql<number>`page.place`, ...competitionColumns })
        .from(competitions)
        .innerJoin(
          sql`(select key.place, hit.id from ${personKeys(keys)} cross join lateral (
            select ${competitions.id} from ${competitions} where ${belongs}
              and (key.time is null or (${competitions.startsAt}, ${competitions.id}) > (to_timestamp(key.time / 1000), key.id))
            order by ${competitions.startsAt}, ${competitions.id} limit key.limit) hit) page`,
          sql`page.id = ${competitions.id}`,
        )
        .orderBy(competitions.startsAt, competitions.id)
      return arranged(keys, rows, competitionOf)
    },

    /** For each key, in the same order, how many such competitions there are. */
    async countOfPeople(keys: readonly PersonKey[]): Promise<number[]> {
      const { rows } = await db.execute<{ count: number }>(
        sql`select (select count(*) from ${competitions} where ${belongs}) as count
            from ${personKeys(keys)} order by key.place`,
      )
      return rows.map((row) => row.count)
    },

    /** For each key, in the same order, who is in the competition now. */
    async participants(keys: readonly ({ competitionId: string } & Span)[]): Promise<ParticipationRow[][]> {
      const records = keys.map(({ competitionId, limit, after }, place) => ({
        place,
        competitionId,
        limit,
        ...after,
      }))
      const rows = await db
        .select({ place: sql<number>`page.place`, ...getTableColumns(participations) })
        .from(participations)
        .innerJoin(
          sql`(select key.place, hit.* from ${json(records)} as key(
              place int, "competitionId" uuid, "limit" int, time float8, id uuid) cross join lateral (
            select competition_id, user_id from ${participations}
            where competition_id = key."competitionId" and status = 'JOINED'
              and (key.time is null or (joined_at, user_id) > (to_timestamp(key.time / 1000), key.id))
            order by joined_at, user_id limit key.limit) hit) page`,
          sql`page.competition_id = ${participations.competitionId} and page.user_id = ${participations.userId}`,
        )
        .orderBy(participations.joinedAt, participations.userId)
      return arranged(keys, rows, (row) => row)
    },
  }
}

/** Whether a competition is in the list that `key` asks for. Two index look-ups, where an "or" would read every row. */
const belongs = sql`${competitions.id} in (
    select ${participations.competitionId} from ${participations} where ${participations.userId} = key."userId"
    union all select id from ${competitions} organized where key.own and organized.organizer_id = key."userId")
  and (key.own or ${competitions.visibility} = 'PUBLIC')
  and (key.statuses is null or ${competitions.status} = any(key.statuses))`

function personKeys(keys: readonly (PersonKey & Partial<Span>)[]): SQL {
  const records = keys.map(({ after, userId, ...key }, place) => ({
    ...{ place, ...key, ...after },
    userId: isId(userId) ? userId : null, // nobody's
  }))
  return sql`${json(records)} as key(
    place int, "userId" uuid, own boolean, statuses text[], "limit" int, time float8, id uuid)`
}

const json = (records: object[]) => sql`json_to_recordset(${JSON.stringify(records)}::json)`

function meets({ status, metric, startsAfter, startsBefore, query }: CheckedFilter): SQL | undefined {
  return and(
    status ? inArray(competitions.status, status) : undefined,
    metric ? inArray(competitions.metric, metric) : undefined,
    startsAfter ? sql`${competitions.startsAt} >= ${instant(startsAfter.getTime())}` : undefined,
    startsBefore ? sql`${competitions.startsAt} < ${instant(startsBefore.getTime())}` : undefined,
    query === null ? undefined : query === '' ? sql`false` : sql`${competitions.words} @@ ${query}::tsquery`,
  )
}

const isAfter = (order: SQL, { time, id }: Position) => sql`(${order}) > (${instant(time)}, ${id}::uuid)`

/** By number, since as text PostgreSQL does not read every year that a client can send. */
const instant = (time: number) => sql`to_timestamp(${time}::float8 / 1000)`

/** Rows by the place of the key that asked for them. */
function arranged<Row extends { place: number }, Item>(
  keys: readonly unknown[],
  rows: Row[],
  itemOf: (row: Omit<Row, 'place'>) => Item,
): Item[][] {
  const lists: Item[][] = keys.map(() => [])
  for (const { place, ...row } of rows) lists[place]?.push(itemOf(row))
  return lists
}
