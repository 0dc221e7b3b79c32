import type { Place } from './packing.ts'
import type { Standing } from './ranking.ts'
import type { boardStates } from './tables.ts'

export type BoardState = (typeof boardStates)[number]

/** A part of the list that is asked for. */
export type Window =
  | {
      kind: 'page'
      /** People at most, counted from the end when `backwards`. */
      size: number
      backwards: boolean
      /** Only those listed after this place, and before that one, whether or not anybody has them now. */
      after: Place | null
      before: Place | null
    }
  | { kind: 'around'; userId: string; radius: number }

export type BoardRequest = {
  windows: readonly Window[]
  people: readonly string[]
  changes?: ChangesRequest
}

/** Asks whom the changes since a revision have touched. */
export type ChangesRequest = {
  since: number
  /** Where more people than this may be touched, the answer is that it is not known. */
  most: number
  /** People at most in one answer. */
  size: number
  /** Only those listed after this place: the rest of an answer that was too long for one reading. */
  after: Place | null
}

/** Whom changes have touched. */
export type Changes = {
  /** Everyone on the board whose rank or score may be another now. */
  windows: WindowStandings[]
  /** Who was on the board and is not any more. */
  removed: string[]
  /** After which place there are more; null where these are all. */
  rest: Place | null
}

/** A part of the list, and how many are listed before it. */
export type WindowStandings = { before: number; standings: Standing[] }

/** What was asked of a board, all of the same moment. */
export type Snapshot = {
  revision: number
  state: BoardState
  /** When the latest change was applied. */
  changedAt: Date
  /** People who have a score. */
  size: number
  windows: WindowStandings[]
  /** In the order asked for; null for who has no score. */
  people: (Standing | null)[]
  /** Null where it was not asked for or is not known: only the latest changes are kept. */
  changes: Changes | null
  /** Whether the source can be asked for the changes since this revision. */
  isLogged: boolean
}

/** Where boards are read from: Redis or PostgreSQL. */
export type BoardSource = {
  /** Null where there is no such board. */
  read(competitionId: string, request: BoardRequest): Promise<Snapshot | null>
}

/** What a competition's board shows before the competition is known here. */
export function emptySnapshot({ windows, people }: BoardRequest): Snapshot {
  return {
    revision: 0,
    state: 'LIVE',
    changedAt: new Date(0),
    size: 0,
    windows: windows.map(() => ({ before: 0, standings: [] })),
    people: people.map(() => null),
    changes: null,
    isLogged: false,
  }
}
