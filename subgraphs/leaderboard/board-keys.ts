/** Where Redis keeps a board; the braces keep it on one slot of a Redis Cluster. */
export type BoardKeys = ReturnType<typeof boardKeys>

export function boardKeys(prefix: string, competitionId: string) {
  const board = `${prefix}{lb:${competitionId}}:`
  return {
    /** A hash: revision, state (its ordinal), changedAt (ms); while it is built anew also building and nextVersions. */
    board: `${board}board`,
    /** A sorted set of user ids by packed score. */
    ranks: `${board}ranks`,
    /** A hash: user id -> version of the standing and time of the score (ms). */
    versions: `${board}versions`,
    /** A list of what the latest changes touched, latest first (scripts/apply.lua). */
    log: `${board}log`,
    nextRanks: `${board}next:ranks`,
    nextVersions: `${board}next:versions`,
    lock: `${board}lock`,
    /** Every change of the board is announced here, with nothing but the revision. */
    channel: `${board}changed`,
  }
}
