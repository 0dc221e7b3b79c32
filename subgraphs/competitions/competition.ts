import type { competitions } from './tables.ts'

type Row = typeof competitions.$inferSelect

/** What its organizer decides about a competition. */
export type Terms = Pick<
  Row,
  | 'name'
  | 'description'
  | 'metric'
  | 'startsAt'
  | 'endsAt'
  | 'timeZone'
  | 'visibility'
  | 'capacity'
  | 'minimumParticipants'
>

/** Since it opened: when, and until when activity from before its end counts. */
type Opened = { openedAt: Date; syncUntil: Date }

/** Where a competition stands, and what is true of it only there. */
export type State =
  | { status: 'DRAFT' }
  | ({ status: 'OPEN' } & Opened)
  | ({ status: 'ACTIVE' } & Opened)
  | ({ status: 'CLOSING' } & Opened)
  | ({ status: 'FINALIZING' } & Opened)
  | ({ status: 'COMPLETED'; digest: string } & Opened)
  /** `opened` is null where it was called off as a draft. */
  | { status: 'CANCELLED'; reason: string; opened: Opened | null }

export type Competition = Terms &
  Pick<Row, 'id' | 'organizerId' | 'participantCount' | 'nameVersion'> & { state: State }

/** Someone whom users knows more of. */
export type PersonReference = { id: string }

/** The columns that a state is kept in. */
type StateColumns = Pick<Row, 'status' | 'openedAt' | 'syncUntil' | 'digest' | 'reason'>

/** A competition as its row tells it. */
export function competitionOf({
  status,
  openedAt,
  syncUntil,
  digest,
  reason,
  ...facts
}: Omit<Row, 'words'>): Competition {
  return { ...facts, state: stateOf({ status, openedAt, syncUntil, digest, reason }) }
}

/** The columns that keep this state. */
export function columnsOf(state: State): StateColumns {
  const opened = openedOf(state)
  return {
    status: state.status,
    openedAt: opened?.openedAt ?? null,
    syncUntil: opened?.syncUntil ?? null,
    digest: state.status === 'COMPLETED' ? state.digest : null,
    reason: state.status === 'CANCELLED' ? state.reason : null,
  }
}

/** When it opened and what was fixed then; null for what never did. */
export function openedOf(state: State): Opened | null {
  switch (state.status) {
    case 'DRAFT':
      return null
    case 'CANCELLED':
      return state.opened
    case 'OPEN':
    case 'ACTIVE':
    case 'CLOSING':
    case 'FINALIZING':
    case 'COMPLETED':
      return { openedAt: state.openedAt, syncUntil: state.syncUntil }
  }
}

function stateOf({ status, openedAt, syncUntil, digest, reason }: StateColumns): State {
  const opened = openedAt && syncUntil ? { openedAt, syncUntil } : null
  switch (status) {
    case 'DRAFT':
      return { status }
    case 'CANCELLED':
      return { status, reason: reason ?? '', opened }
    case 'COMPLETED':
      return { status, digest: digest ?? '', ...certain(opened) }
    case 'OPEN':
    case 'ACTIVE':
    case 'CLOSING':
    case 'FINALIZING':
      return { status, ...certain(opened) }
  }
}

/** The table's check keeps an open competition from lacking these. */
function certain(opened: Opened | null): Opened {
  if (!opened) throw new Error('a competition that opened does not say when')
  return opened
}
