import { createHash } from 'node:crypto'

export type FinalStanding = { rank: number; userId: string; score: number; achievedAt: Date }

/**
 * The digest of final standings, as hexadecimal SHA-256 of this text in UTF-8: a first line
 * `podium standings 1 <competition id>`, then a line `<rank> <user id> <score> <achieved at>` for each person in the
 * order of the list, every line ended by a line feed; times as 2026-01-31T07:30:00.000Z.
 */
export function digestStandings(competitionId: string) {
  const hash = createHash('sha256').update(`podium standings 1 ${competitionId}\n`)
  return {
    /** Adds those who come next. */
    add(standings: readonly FinalStanding[]) {
      for (const { rank, userId, score, achievedAt } of standings) {
        hash.update(`${rank} ${userId} ${score} ${achievedAt.toISOString()}\n`)
      }
    },
    digest: (): string => hash.digest('hex'),
  }
}
