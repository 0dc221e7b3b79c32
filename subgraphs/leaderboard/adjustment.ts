import type { LiveBoards } from './live-boards.ts'
import type { Standing } from './ranking.ts'
import type { StandingKey, StandingStore } from './standing-store.ts'

/** Corrects a score by hand, and gives the standing that follows. Refuses what the store does. */
export function createAdjustment(options: {
  standings: Pick<StandingStore, 'adjust'>
  boards: Pick<LiveBoards, 'apply' | 'read'>
  now: () => Date
}) {
  const { standings, boards, now } = options
  return async (
    correction: StandingKey & { delta: number; reason: string },
    actorId: string,
  ): Promise<Standing | null> => {
    const row = await standings.adjust(correction, actorId, now())
    await boards.apply(row)
    const { people } = await boards.read(
      { competitionId: row.competitionId, state: 'LIVE' },
      { windows: [], people: [row.userId] },
    )
    return people[0] ?? null
  }
}
