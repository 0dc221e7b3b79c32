import { and, eq, gt, ne, or, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { NotYetError } from '../../platform/events.ts'
import { appendItems } from './append-items.ts'
import { type Announcement, announcementMessage } from './messages.ts'
import { announcements, competitions, participants } from './tables.ts'

/**
 * How long after a start someone whose joining becomes known is still told of it. Their event may have come late; or
 * they have just joined a running competition, and it does no harm.
 */
const START_IS_NEWS = 300_000 // ms

type Participation = { competitionId: string; userId: string; version: number }

export type AnnouncementStore = ReturnType<typeof createAnnouncementStore>

/** Who takes part in what, and what all of them are told, once each, whichever of the two becomes known first. */
export function createAnnouncementStore(db: Database) {
  return {
    /**
     * Tells the organizer and everyone taking part, as many at a time as one statement should; yields whom, page by
     * page, after each is committed. Throws NotYetError while it is not known who the organizer is.
     */
    async *announce(competitionId: string, announcement: Announcement, now: Date): AsyncGenerator<string[]> {
      const { cause } = announcement
      await db.transaction(async (tx) => {
        await lock(tx, competitionId)
        const [competition] = await tx.select().from(competitions).where(eq(competitions.id, competitionId))
        if (!competition?.organizerId) throw new NotYetError(`competition ${competitionId} is not known yet`)
        const message = announcementMessage(announcement, competition.name)
        await tx
          .insert(announcements)
          .values({ competitionId, cause, ...message, at: now })
          .onConflictDoNothing()
      })
      for (let told: string[]; ; ) {
        told = await db.transaction(async (tx) => {
          await lock(tx, competitionId)
          return appendItems(tx, toEveryone(competitionId, cause))
        })
        // Fewer than there is room for mean nothing: some may just have been erased.
        if (told.length === 0) return
        yield told
      }
    },

    /**
     * Takes note of who joined or left, if it is newer than what is known. Returns whom it told: someone who had
     * joined by then was in it when it ended, so the end is theirs to know.
     */
    saveParticipation: (participation: Participation, joined: boolean, now: Date): Promise<string[]> =>
      db.transaction(async (tx) => {
        const { competitionId, userId, version } = participation
        await lock(tx, competitionId, 'shared')
        const changed = await tx
          .insert(participants)
          .values({ competitionId, userId, version, joined })
          .onConflictDoUpdate({
            target: [participants.competitionId, participants.userId],
            set: { version, joined },
            setWhere: sql`${participants.version} < ${version}`,
          })
          .returning({ userId: participants.userId })
        if (!joined || changed.length === 0) return []
        return appendItems(tx, toOne(competitionId, userId, new Date(now.getTime() - START_IS_NEWS)))
      }),
  }
}

/**
 * Of an announcement and someone's joining at the same time each must see the other. Whoever announces has the
 * competition to themselves; those who join share it. Held to the end of the transaction.
 */
async function lock(tx: Database, competitionId: string, mode: 'exclusive' | 'shared' = 'exclusive') {
  const key = sql`hashtextextended(${`notifications/${competitionId}`}, 0)`
  await tx.execute(
    mode === 'shared'
      ? sql`select pg_advisory_xact_lock_shared(${key})`
      : sql`select pg_advisory_xact_lock(${key})`,
  )
}

const draft = sql`${announcements.competitionId} || '/' || ${announcements.cause} as dedupe_key,
  'COMPETITION' as category, ${announcements.title}, ${announcements.body}, ${announcements.at},
  ${announcements.competitionId}, null::uuid as about_id, '{}'::uuid[] as mover_ids`

function toEveryone(competitionId: string, cause: Announcement['cause']) {
  return sql`
    select recipients.user_id, ${draft} from ${announcements}, (
      select user_id from ${participants} where competition_id = ${competitionId} and joined
      union
      select organizer_id from ${competitions} where id = ${competitionId}
    ) recipients
    where ${and(eq(announcements.competitionId, competitionId), eq(announcements.cause, cause))}`
}

function toOne(competitionId: string, userId: string, startedSince: Date) {
  return sql`
    select ${userId}::uuid as user_id, ${draft} from ${announcements}
    where ${eq(announcements.competitionId, competitionId)}
      and ${or(ne(announcements.cause, 'STARTED'), gt(announcements.at, startedSince))}`
}
