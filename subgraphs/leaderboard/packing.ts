/** A packed score leaves 28 bits for the score: what competitions may bring about stays below. */
export const SCORE_LIMIT = 2 ** 28

/** Seconds that a packed score can tell apart, 388 days. */
const SECONDS = 2 ** 25

/** A place in the order of a board; two people never share one. */
export type Place = {
  packed: number
  userId: string
}

/**
 * Score and time in one whole number below 2^53, which doubles hold exactly: the larger is listed first, that is the
 * higher score, then the second that was earlier. People level in both are listed by user id, descending, as Redis and
 * `ORDER BY packed DESC, user_id DESC` do. `score` is in [0, SCORE_LIMIT).
 */
export function packScore(score: number, achievedAt: Date, startsAt: Date): number {
  const seconds = Math.floor((achievedAt.getTime() - startsAt.getTime()) / 1_000)
  const clamped = Math.min(Math.max(seconds, 0), SECONDS - 1)
  return score * SECONDS + (SECONDS - 1 - clamped)
}

export function scoreOf(packed: number): number {
  return Math.floor(packed / SECONDS)
}

/** The least packed score of anyone with a higher score than this one has. */
export function packedAbove(packed: number): number {
  return (scoreOf(packed) + 1) * SECONDS
}
