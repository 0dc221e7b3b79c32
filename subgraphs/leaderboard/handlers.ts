import type { EventHandlers } from '../../platform/events.ts'
import type { FinalStore } from './final-store.ts'
import type { LiveBoards } from './live-boards.ts'
import type { StandingStore } from './standing-store.ts'
import type { BoardStore } from './store.ts'

/** What the leaderboard does about events: first the truth, then the board in Redis, again each time the event comes. */
export function createHandlers(options: {
  boards: BoardStore
  standings: StandingStore
  finals: FinalStore
  live: LiveBoards
  now: () => Date
}) {
  const { boards, standings, finals, live, now } = options
  return {
    async 'competition.opened'(event) {
      const opened = await boards.open(event, now())
      // The event came before, and may not have been dealt with to the end.
      if (!opened) return live.doubt(event.competitionId)
      await live.open(event.competitionId)
      for (const row of opened.early) await live.apply(row)
    },

    async 'competition.closed'({ competitionId }) {
      await boards.close(competitionId, now())
      await live.advance(competitionId, 'PROVISIONAL')
    },

    async 'competition.cancelled'({ competitionId }) {
      await finals.cancel(competitionId, now())
      await live.advance(competitionId, 'FINAL')
    },

    'participant.joined': (event) => boards.recordMember(event, true),
    'participant.left': (event) => boards.recordMember(event, false),

    async 'score.computed'({ competitionId, userId, score, achievedAt, version }) {
      const computation = { score, achievedAt: achievedAt === null ? null : new Date(achievedAt), version }
      const row = await standings.recordComputation({ competitionId, userId }, computation, now())
      if (row) await live.apply(row)
    },

    async 'scores.sealed'({ competitionId, scoreVersions }) {
      await finals.freeze(competitionId, scoreVersions, now())
      await live.advance(competitionId, 'FINAL')
    },
  } satisfies EventHandlers
}
