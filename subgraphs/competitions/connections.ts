import { type Page, pageSize, toPage } from '../../platform/page.ts'
import { positionOf } from '../../platform/position.ts'
import type { Competition } from './competition.ts'
import { checkStatuses } from './filter.ts'
import type { CompetitionStatus } from './generated.ts'
import type { Invitation, InvitationStore } from './invitation-store.ts'
import type { Span } from './listing-store.ts'
import type { Loaders } from './loaders.ts'
import type { ParticipationRow } from './tables.ts'

/** A page, and the length of the whole list, which is counted only where it is asked for. */
export type Connection<Node> = Page<Node> & { totalCount: number | (() => Promise<number>) }

export type CompetitionConnection = Connection<Competition>
export type ParticipationConnection = Connection<ParticipationRow>
export type InvitationConnection = Connection<Invitation>

type PageArguments = { first?: number | null; after?: string | null }

/** A page of competitions, soonest start first. Throws BAD_USER_INPUT for arguments that are none of this list. */
export async function competitionsPage(
  { first, after }: PageArguments,
  read: (span: Span) => Promise<Competition[]>,
  totalCount: () => Promise<number>,
): Promise<CompetitionConnection> {
  const size = pageSize(first, 20)
  const rows = await read({ limit: size + 1, after: positionOf(after) })
  return { ...toPage(rows, size, { key: (row) => [row.startsAt.getTime(), row.id], after }), totalCount }
}

/** A page of a person's competitions: `own` are all of theirs, otherwise the public ones that they are or were in. */
export function competitionsOf(
  load: Pick<Loaders, 'ofPerson' | 'countOfPerson'>,
  person: { userId: string; own: boolean },
  { status, ...page }: PageArguments & { status?: CompetitionStatus[] | null },
): Promise<CompetitionConnection> {
  const key = { ...person, statuses: checkStatuses(status) }
  return competitionsPage(
    page,
    (span) => load.ofPerson.load({ ...key, ...span }),
    () => load.countOfPerson.load(key),
  )
}

/** A page of those who are in a competition, in order of joining. Throws like competitionsPage. */
export async function participantsPage(
  load: Pick<Loaders, 'participants'>,
  { id, participantCount }: Competition,
  { first, after }: PageArguments,
): Promise<ParticipationConnection> {
  const size = pageSize(first, 20)
  const rows = await load.participants.load({ competitionId: id, limit: size + 1, after: positionOf(after) })
  const page = toPage(rows, size, { key: (row) => [row.joinedAt.getTime(), row.userId], after })
  return { ...page, totalCount: participantCount }
}

/** A page of what a person invites to, latest code first. Throws like competitionsPage. */
export async function invitationsPage(
  invitations: Pick<InvitationStore, 'by' | 'countBy'>,
  inviterId: string,
  { first, after }: PageArguments,
): Promise<InvitationConnection> {
  const size = pageSize(first, 20)
  const rows = await invitations.by(inviterId, { limit: size + 1, after: positionOf(after) })
  const page = toPage(rows, size, { key: (row) => [row.createdAt.getTime(), row.competitionId], after })
  return { ...page, totalCount: () => invitations.countBy(inviterId) }
}
