import { eq } from 'drizzle-orm'
import { columnsBut, type ExportPart } from '../../platform/export.ts'
import { boards, finalStandings, standings } from './tables.ts'

/** What the leaderboard holds about a person. */
export const personalData = (userId: string): ExportPart[] => [
  {
    kind: 'standing',
    table: standings,
    columns: columnsBut(standings, 'packed'),
    where: eq(standings.userId, userId),
    key: [standings.competitionId],
  },
  {
    kind: 'finalStanding',
    table: finalStandings,
    columns: columnsBut(finalStandings),
    where: eq(finalStandings.userId, userId),
    key: [finalStandings.competitionId],
  },
  {
    kind: 'board',
    table: boards,
    columns: columnsBut(boards),
    where: eq(boards.organizerId, userId),
    key: [boards.competitionId],
  },
]
