import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { publish } from '../../platform/event-queue.ts'
import type { Person } from '../../platform/identity.ts'
import { isId } from '../../platform/ids.ts'
import { RefusedError, refuse } from '../../platform/refusal.ts'
import { participationChanged } from './announcements.ts'
import type { Competition } from './competition.ts'
import { refuseErased } from './erased-people.ts'
import { inviterBy } from './invitation-store.ts'
import { joinRefusal, noSuchCompetition } from './joining.ts'
import { isJoinable } from './lifecycle.ts'
import { bringUpToDate, lock } from './progress.ts'
import { competitions, type ParticipationRow, participations } from './tables.ts'
import { visibleTo } from './visibility.ts'

/** A person's place in a competition, by their ids. */
export type PlaceKey = { competitionId: string; userId: string }

export type ParticipationStore = ReturnType<typeof createParticipationStore>

/** Who is in which competition. */
export function createParticipationStore(db: Database, now: () => Date) {
  return {
    /**
     * Takes a place. The lock on the competition makes simultaneous joins take turns, so that no number of them exceeds
     * its capacity. Refuses what joinRefusal says.
     */
    join: (viewer: Person, competitionId: string, code: string | null): Promise<ParticipationRow> =>
      db.transaction(async (tx) => {
        await refuseErased(tx, viewer.id)
        const found = isId(competitionId) ? await lock(tx, eq(competitions.id, competitionId)) : null
        if (!found) throw new RefusedError([noSuchCompetition()])
        const competition = await bringUpToDate(tx, found, now())
        const before = await participationOf(tx, competitionId, viewer.id)
        const given = code?.trim() || null
        const inviterId = given && (await inviterBy(tx, competition, given))
        const invitedBy = inviterId === viewer.id ? null : inviterId
        const refused = joinRefusal(competition, {
          organizes: competition.organizerId === viewer.id,
          joined: before?.status === 'JOINED',
          code: given === null ? 'NONE' : invitedBy ? 'GOOD' : 'BAD',
        })
        if (refused) throw new RefusedError([refused])
        return recordParticipation(tx, competition, {
          competitionId,
          userId: viewer.id,
          status: 'JOINED',
          joinedAt: now(),
          version: (before?.version ?? 0) + 1,
          invitedBy: before ? before.invitedBy : invitedBy,
        })
      }),

    /** Gives a place back. Refuses NOT_FOUND for what the viewer may not see, CONFLICT without a place, COMPETITION_CLOSED once it is over. */
    leave: (viewer: Person, competitionId: string): Promise<ParticipationRow> =>
      db.transaction(async (tx) => {
        const condition = and(eq(competitions.id, competitionId), visibleTo(viewer))
        const found = isId(competitionId) ? await lock(tx, condition) : null
        if (!found) throw new RefusedError([noSuchCompetition()])
        const competition = await bringUpToDate(tx, found, now())
        const before = await participationOf(tx, competitionId, viewer.id)
        if (before?.status !== 'JOINED') return refuse('CONFLICT', 'You are not in this competition.')
        if (!isJoinable(competition.state)) return refuse('COMPETITION_CLOSED', 'This competition is over.')
        return recordParticipation(tx, competition, {
          ...before,
          status: 'LEFT',
          version: before.version + 1,
        })
      }),

    /** Those places of `keys` that are taken now, in any order. */
    joined: (keys: readonly PlaceKey[]): Promise<ParticipationRow[]> =>
      db
        .select()
        .from(participations)
        .where(
          and(
            eq(participations.status, 'JOINED'),
            sql`(${participations.competitionId}, ${participations.userId}) in (
              select * from unnest(${sql.param(keys.map((key) => key.competitionId))}::uuid[],
                                   ${sql.param(keys.map((key) => key.userId))}::uuid[]))`,
          ),
        ),
  }
}

/** A person's place, taken or given back. */
export async function participationOf(tx: Database, competitionId: string, userId: string) {
  const [row] = await tx
    .select()
    .from(participations)
    .where(and(eq(participations.competitionId, competitionId), eq(participations.userId, userId)))
  return row
}

/** Writes a participation that changed, the number of participants with it, and tells the others. */
export async function recordParticipation(
  tx: Database,
  competition: Competition,
  changed: ParticipationRow,
): Promise<ParticipationRow> {
  const { status, joinedAt, version } = changed
  await tx
    .insert(participations)
    .values(changed)
    .onConflictDoUpdate({
      target: [participations.competitionId, participations.userId],
      set: { status, joinedAt, version },
    })
  await tx
    .update(competitions)
    .set({ participantCount: sql`${competitions.participantCount} + ${status === 'JOINED' ? 1 : -1}` })
    .where(eq(competitions.id, competition.id))
  await publish(tx, [participationChanged(competition, changed)])
  return changed
}
