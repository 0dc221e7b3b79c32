/** Someone whose rank among the first places is another than before; null where they are not among them. */
export type Move = { userId: string; from: number | null; to: number | null }

type Ranked = { userId: string; rank: number }

/** Who moved between two lists of first places: those on the later one in its order, then who dropped out. */
export function movesBetween(before: readonly Ranked[], after: readonly Ranked[]): Move[] {
  const ranksBefore = new Map(before.map(({ userId, rank }) => [userId, rank]))
  const listedAfter = new Set(after.map(({ userId }) => userId))
  const moved = after
    .map(({ userId, rank }): Move => ({ userId, from: ranksBefore.get(userId) ?? null, to: rank }))
    .filter(({ from, to }) => from !== to)
  const dropped = before
    .filter(({ userId }) => !listedAfter.has(userId))
    .map(({ userId, rank }): Move => ({ userId, from: rank, to: null }))
  return [...moved, ...dropped]
}
