import type { EventHandlers, EventPayload } from '../../platform/events.ts'
import type { WakeUps } from '../../platform/wake-ups.ts'
import type { AnnouncementStore } from './announcement-store.ts'
import type { ExportNoticeStore } from './export-notice-store.ts'
import type { Emails } from './mails/emails.ts'
import type { Announcement } from './messages.ts'
import type { OvertakingStore } from './overtaking-store.ts'
import type { ProjectionStore } from './projection-store.ts'

/** What becomes of the events of others: copies of names and participations, items in feeds, and mails. */
export function createHandlers(parts: {
  projections: ProjectionStore
  announcements: AnnouncementStore
  overtakings: OvertakingStore
  emails: Emails
  exports: ExportNoticeStore
  wakeUps: WakeUps
  now: () => Date
}): EventHandlers {
  const { projections, announcements, overtakings, emails, exports, wakeUps, now } = parts

  async function announce(competitionId: string, announcement: Announcement) {
    for await (const told of announcements.announce(competitionId, announcement, now()))
      await wakeUps.wake(told)
  }

  async function participation(payload: EventPayload<'participant.joined'>, joined: boolean) {
    await wakeUps.wake(await announcements.saveParticipation(payload, joined, now()))
  }

  return {
    'user.joined': projections.savePerson,
    'user.profile_changed': projections.savePerson,
    'export.ready': async (ready) => wakeUps.wake(await exports.tellReady(ready)),
    'email.requested': emails,
    'competition.opened': projections.saveOpened,
    'competition.renamed': projections.saveName,
    'participant.joined': (payload) => participation(payload, true),
    'participant.left': (payload) => participation(payload, false),
    'competition.started': ({ competitionId }) => announce(competitionId, { cause: 'STARTED' }),
    'competition.closed': ({ competitionId }) => announce(competitionId, { cause: 'CLOSED' }),
    'competition.completed': ({ competitionId }) => announce(competitionId, { cause: 'COMPLETED' }),
    'competition.cancelled': ({ competitionId, reason }) =>
      announce(competitionId, { cause: 'CANCELLED', reason }),
    'standing.changed': async ({ userId: moverId, ...event }) =>
      wakeUps.wake(await overtakings.tellOvertaken({ moverId, ...event }, now())),
  }
}
