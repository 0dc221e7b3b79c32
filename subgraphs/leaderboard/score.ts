import { refuse } from '../../platform/refusal.ts'
import { packScore, SCORE_LIMIT } from './packing.ts'
import type { standings } from './tables.ts'

/** What changes of a standing. */
export type Score = Pick<
  typeof standings.$inferSelect,
  'computedScore' | 'computedVersion' | 'adjustment' | 'score' | 'achievedAt' | 'version' | 'packed'
>

/** A person's whole score as fitness computed it; null when nothing counts. */
export type Computation = { score: number | null; achievedAt: Date | null; version: number }

const none: Score = {
  computedScore: null,
  computedVersion: 0,
  adjustment: 0,
  score: null,
  achievedAt: null,
  version: 0,
  packed: null,
}

/**
 * The standing after a computation; null when it has a newer one already. `startsAt` is null while the competition is
 * not known. Throws for a score that no competition can bring about.
 */
export function withComputation(
  before: Score | null,
  { score, achievedAt, version }: Computation,
  startsAt: Date | null,
): Score | null {
  if (before && version <= before.computedVersion) return null
  if (score !== null && (score < 0 || score >= SCORE_LIMIT || !achievedAt)) {
    throw new Error(`a score of ${score} at ${achievedAt?.toISOString()} cannot be`)
  }
  const change = {
    computedScore: score,
    computedVersion: version,
    achievedAt: score === null ? null : achievedAt,
  }
  return settle(before ?? none, change, startsAt)
}

/** The standing after a correction by hand. Refuses one of nothing, and one that leaves what a score can be. */
export function withAdjustment(before: Score | null, delta: number, startsAt: Date): Score {
  if (before?.computedScore == null) {
    return refuse('NOT_FOUND', 'This person has no score in this competition.', 'userId')
  }
  const adjustment = before.adjustment + delta
  const score = before.computedScore + adjustment
  if (score < 0 || score >= SCORE_LIMIT) {
    refuse('INVALID_INPUT', `The score would be ${score}; it must be from 0 to ${SCORE_LIMIT - 1}.`, 'delta')
  }
  return settle(before, { adjustment }, startsAt)
}

/** Whether the person is ahead of somebody they were not ahead of before, if there is anybody. */
export function rises(before: Score | null, after: Score): after is Score & { packed: number } {
  return after.packed !== null && (before?.packed == null || after.packed > before.packed)
}

function settle(before: Score, change: Partial<Score>, startsAt: Date | null): Score {
  const { computedScore, adjustment, achievedAt, ...rest } = { ...before, ...change }
  // A correction may outlive the score it was made for: what is left of it stays within what a score can be.
  const score =
    computedScore === null ? null : Math.min(Math.max(computedScore + adjustment, 0), SCORE_LIMIT - 1)
  const changed = score !== before.score || achievedAt?.getTime() !== before.achievedAt?.getTime()
  return {
    ...rest,
    computedScore,
    adjustment,
    achievedAt,
    score,
    version: before.version + (changed ? 1 : 0),
    packed: score !== null && achievedAt && startsAt ? packScore(score, achievedAt, startsAt) : null,
  }
}
