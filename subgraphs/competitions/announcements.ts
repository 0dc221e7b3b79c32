import type { Publication } from '../../platform/event-queue.ts'
import type { EventPayload } from '../../platform/events.ts'
import { type Competition, openedOf, type State } from './competition.ts'
import type { ParticipationRow } from './tables.ts'

/** What is published when a competition enters a state; `participationVersions` is the sum over all who are or were in it. */
export function entryOf(
  competition: Competition,
  state: State,
  participationVersions: number,
): Publication | undefined {
  const { id: competitionId } = competition
  switch (state.status) {
    case 'DRAFT':
      return undefined
    case 'OPEN':
      return { name: 'competition.opened', payload: openedPayload(competition) }
    case 'ACTIVE':
      return { name: 'competition.started', payload: { competitionId } }
    case 'CLOSING':
      return { name: 'competition.closed', payload: { competitionId } }
    case 'FINALIZING':
      return { name: 'competition.finalized', payload: { competitionId, participationVersions } }
    case 'COMPLETED':
      return { name: 'competition.completed', payload: { competitionId } }
    case 'CANCELLED':
      // Nobody was told of one that never opened.
      if (!openedOf(state)) return undefined
      return { name: 'competition.cancelled', payload: { competitionId, reason: state.reason } }
  }
}

/** A look at the competition when its next step is due; there is one at a time. */
export function dueAt(competitionId: string, at: Date): Publication {
  return { name: 'competition.due', payload: { competitionId }, at, key: competitionId }
}

/** The new name of a competition that others keep a copy of. */
export function renamed({ id, name, nameVersion }: Competition): Publication {
  return { name: 'competition.renamed', payload: { competitionId: id, name, version: nameVersion } }
}

/** A participation as it is now. */
export function participationChanged(competition: Competition, participation: ParticipationRow): Publication {
  const { competitionId, userId, version, status } = participation
  const { metric, startsAt, endsAt } = competition
  return {
    name: status === 'JOINED' ? 'participant.joined' : 'participant.left',
    payload: {
      competitionId,
      userId,
      version,
      metric,
      startsAt: startsAt.toISOString(),
      endsAt: endsAt.toISOString(),
      countsManual: true, // every competition is free
    },
  }
}

function openedPayload(competition: Competition): EventPayload<'competition.opened'> {
  const { id, name, metric, visibility, organizerId, startsAt, endsAt } = competition
  return {
    competitionId: id,
    name,
    metric,
    visibility,
    organizerId,
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
  }
}
