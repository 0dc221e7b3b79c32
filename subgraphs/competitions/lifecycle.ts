import type { Competition, State } from './competition.ts'
import { openedOf } from './competition.ts'

/** What the steps of a competition depend on. */
type Stage = Pick<Competition, 'startsAt' | 'endsAt' | 'minimumParticipants' | 'participantCount' | 'state'>

/** The states of a draft that opens now, in order: one whose start has passed is active at once. */
export function openingOf(draft: Stage, graceMinutes: number, now: Date): State[] {
  const open: State = { status: 'OPEN', openedAt: now, syncUntil: syncUntilOf(draft, graceMinutes) }
  return [open, ...dueStates({ ...draft, state: open }, now)]
}

/** Until when activity from before the end counts: fixed at opening, and before that what it would be now. */
export function syncUntilOf({ endsAt, state }: Pick<Stage, 'endsAt' | 'state'>, graceMinutes: number): Date {
  return openedOf(state)?.syncUntil ?? new Date(endsAt.getTime() + graceMinutes * 60_000)
}

/** Every state that a competition enters until `now`, in order: several when nobody looked for a while. */
export function dueStates(competition: Stage, now: Date): State[] {
  const next = dueState(competition, now)
  return next ? [next, ...dueStates({ ...competition, state: next }, now)] : []
}

/** When the next step is due; null where time alone changes nothing. */
export function nextDue({
  startsAt,
  endsAt,
  state,
}: Pick<Stage, 'startsAt' | 'endsAt' | 'state'>): Date | null {
  switch (state.status) {
    case 'OPEN':
      return startsAt
    case 'ACTIVE':
      return endsAt
    case 'CLOSING':
      return state.syncUntil
    case 'DRAFT':
    case 'FINALIZING':
    case 'COMPLETED':
    case 'CANCELLED':
      return null
  }
}

/** The state after the next step, if that is due. */
function dueState(competition: Stage, now: Date): State | null {
  const due = nextDue(competition)
  if (!due || now < due) return null
  const { state } = competition
  switch (state.status) {
    case 'OPEN':
      return judgedAtEnd(competition, state.openedAt)
        ? { ...state, status: 'ACTIVE' }
        : judged(competition, { ...state, status: 'ACTIVE' })
    case 'ACTIVE':
      return judgedAtEnd(competition, state.openedAt)
        ? judged(competition, { ...state, status: 'CLOSING' })
        : { ...state, status: 'CLOSING' }
    case 'CLOSING':
      return { ...state, status: 'FINALIZING' }
    case 'DRAFT':
    case 'FINALIZING':
    case 'COMPLETED':
    case 'CANCELLED':
      return null
  }
}

/** Nobody could have joined before a start that had passed at opening, so such a competition has until its end. */
function judgedAtEnd({ startsAt }: Stage, openedAt: Date): boolean {
  return openedAt >= startsAt
}

function judged(competition: Stage, next: State): State {
  const { minimumParticipants, participantCount } = competition
  if (participantCount >= minimumParticipants) return next
  const [few, least] = [participantCount, minimumParticipants].map((count) => count.toLocaleString('en'))
  const reason = `Only ${few} of at least ${least} participants had joined.`
  return { status: 'CANCELLED', reason, opened: openedOf(competition.state) }
}

/** The state of one that is called off now; null where it is too late for that. */
export function cancelledState(state: State, reason: string): State | null {
  return isSettled(state) ? null : { status: 'CANCELLED', reason, opened: openedOf(state) }
}

/** Whether its organizer can change nothing about it any more. */
export function isSettled({ status }: State): boolean {
  switch (status) {
    case 'DRAFT':
    case 'OPEN':
    case 'ACTIVE':
    case 'CLOSING':
      return false
    case 'FINALIZING':
    case 'COMPLETED':
    case 'CANCELLED':
      return true
  }
}

/** Whether places can be taken and given back. */
export function isJoinable({ status }: State): boolean {
  return status === 'OPEN' || status === 'ACTIVE'
}
