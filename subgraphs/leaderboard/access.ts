import { setTimeout as sleep } from 'node:timers/promises'
import type { AccessRule } from '../../platform/access.ts'
import type { Loaders } from './loaders.ts'

type Rule = AccessRule<{ load: Pick<Loaders, 'board' | 'joined'> }>

/** Who may see a board that there is: anyone a public one, else its organizer, who takes part, and administrators. */
const seesBoard =
  (unknown: boolean, idOf: (reference: Record<string, string>) => string | undefined): Rule =>
  async (reference, viewer, { load }) => {
    const competitionId = idOf(reference) ?? ''
    const board = await load.board.load(competitionId)
    if (!board) return unknown
    if (board.visibility === 'PUBLIC') return true
    if (!viewer) return false
    if (viewer.id === board.organizerId || viewer.scopes.includes('competitions:admin')) return true
    return load.joined.load({ userId: viewer.id, competitionId })
  }

/** For fields that name a competition. */
export const seesNamedBoard = seesBoard(false, ({ competitionId }) => competitionId)

/** How long who is not known to take part is asked about again before they are refused. */
const PAUSES = [100, 300, 600] // ms

/** For streams: that somebody joined comes here as an event, and people watch as soon as they have joined. */
export const seesWatchedBoard: Rule = async (reference, viewer, context) => {
  for (const pause of PAUSES) {
    if (await seesNamedBoard(reference, viewer, context)) return true
    if (!viewer) return false
    await sleep(pause)
  }
  return seesNamedBoard(reference, viewer, context)
}

/** For the entity: of a competition that is not known here its board, which is empty, tells nothing. */
export const seesCompetition = seesBoard(true, ({ id }) => id)
