import { and, eq, gt, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import type { EventPayload } from '../../platform/events.ts'
import { type Competition, openedOf } from './competition.ts'
import { markErased } from './erased-people.ts'
import { cancelledState, isJoinable } from './lifecycle.ts'
import { participationOf, recordParticipation } from './participation-store.ts'
import { bringUpToDate, enter, lock } from './progress.ts'
import { competitions, invitations, participations } from './tables.ts'

/** How many competitions are looked for at a time. */
const PAGE = 100

/**
 * Erases a person: what they organize and never opened goes; what is open goes on under no name, or is called off where
 * nobody else is in it; their invitations end, and they leave what has not started. However often it runs, the same is left.
 */
export function createErasure(db: Database, now: () => Date) {
  return async ({ userId, at }: EventPayload<'user.erased'>): Promise<void> => {
    await markErased(db, userId, new Date(at))
    await db.delete(invitations).where(eq(invitations.inviterId, userId))
    for (let ids: string[] = []; ; ) {
      ids = await concerned(db, userId, ids.at(-1))
      // Each by itself, under its lock, as every change of a competition.
      for (const id of ids) await db.transaction((tx) => release(tx, id, userId, now()))
      if (ids.length < PAGE) return
    }
  }
}

/** The next competitions that erasing this person may change. */
async function concerned(db: Database, userId: string, after: string | undefined): Promise<string[]> {
  const rows = await db
    .select({ id: competitions.id })
    .from(competitions)
    .where(
      and(
        or(eq(competitions.organizerId, userId), waitsFor(userId)),
        after === undefined ? undefined : gt(competitions.id, after),
      ),
    )
    .orderBy(competitions.id)
    .limit(PAGE)
  return rows.map(({ id }) => id)
}

/** Whether the person has a place in a competition that has not started. */
function waitsFor(userId: string): SQL | undefined {
  return and(
    eq(competitions.status, 'OPEN'),
    sql`${competitions.id} in (select ${participations.competitionId} from ${participations}
      where ${participations.userId} = ${userId} and ${participations.status} = 'JOINED')`,
  )
}

async function release(tx: Database, id: string, userId: string, now: Date): Promise<void> {
  const found = await lock(tx, eq(competitions.id, id))
  if (!found) return
  const organizes = found.organizerId === userId
  if (organizes && !openedOf(found.state)) {
    // Nobody else ever saw it, nor could be in it.
    await tx.delete(competitions).where(eq(competitions.id, id))
    return
  }
  const competition = await bringUpToDate(tx, found, now)
  if (competition.state.status === 'OPEN') await leave(tx, competition, userId)
  if (organizes) await giveUp(tx, competition)
}

async function leave(tx: Database, competition: Competition, userId: string): Promise<void> {
  const place = await participationOf(tx, competition.id, userId)
  if (place?.status !== 'JOINED') return
  await recordParticipation(tx, competition, { ...place, status: 'LEFT', version: place.version + 1 })
}

async function giveUp(tx: Database, competition: Competition): Promise<void> {
  const { id, organizerId, state } = competition
  const others = and(
    eq(participations.competitionId, id),
    eq(participations.status, 'JOINED'),
    ne(participations.userId, organizerId),
  )
  if (!isJoinable(state) || (await tx.$count(participations, others)) > 0) return
  const cancelled = cancelledState(state, 'Its organizer deleted their account.')
  if (cancelled) await enter(tx, competition, [cancelled])
}
