import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BoardSource, Snapshot } from './board.ts'
import type { RedisBoard, Sample } from './board-redis.ts'
import type { StandingRow, StandingStore } from './standing-store.ts'
import { boardStates } from './tables.ts'

/** What PostgreSQL and then Redis had of a board, with the same people of each; null where the board is missing. */
export type Look = {
  truth: Pick<Snapshot, 'revision' | 'state' | 'size'>
  rows: readonly Pick<StandingRow, 'userId' | 'version' | 'packed'>[]
  board: Sample | null
}

/** Whether Redis had just what PostgreSQL had. */
export function isSame({ truth, rows, board }: Look): boolean {
  return (
    board !== null &&
    board.revision === truth.revision &&
    board.state === truth.state &&
    board.size === truth.size &&
    rows.every(({ userId, version, packed }) => {
      const person = board.people.get(userId)
      return person?.version === version && person.packed === packed
    })
  )
}

/**
 * Whether a board that was not the same has to be built anew, by a second look a while after the first. A change on its
 * way from PostgreSQL to Redis is no reason: what counts is what had not arrived by then, a difference that stayed
 * while nothing changed, and a person who is elsewhere in the same version of their standing.
 */
export function isDamaged(first: Look, second: Look): boolean {
  const { board } = second
  if (!board) return true
  if (board.revision < first.truth.revision) return true
  if (boardStates.indexOf(board.state) < boardStates.indexOf(first.truth.state)) return true
  if (first.truth.revision === second.truth.revision && !isSame(second)) return true
  const misses = first.rows.some(({ userId, version }) => (board.people.get(userId)?.version ?? 0) < version)
  const misplaces = second.rows.some(({ userId, version, packed }) => {
    const person = board.people.get(userId)
    return person?.version === version && person.packed !== packed
  })
  return misses || misplaces
}

/** Tells whether a board in Redis has to be built anew; never for one that is final or not known here. */
export function createCheck(
  sources: {
    redis: Pick<RedisBoard, 'sample'>
    postgres: BoardSource
    standings: Pick<StandingStore, 'sample'>
  },
  options: { settling: number },
) {
  const look = async (competitionId: string, near: string): Promise<Look | null> => {
    const rows = await sources.standings.sample(competitionId, near)
    // Redis last: what it lacks then, it did not have in time.
    const truth = await sources.postgres.read(competitionId, { windows: [], people: [] })
    if (!truth || truth.state === 'FINAL') return null
    const userIds = rows.map((row) => row.userId)
    return { truth, rows, board: await sources.redis.sample(competitionId, userIds) }
  }

  return async (competitionId: string): Promise<boolean> => {
    const near = randomUUID()
    const first = await look(competitionId, near)
    if (!first || isSame(first)) return false
    if (!first.board) return true
    await sleep(options.settling, undefined, { ref: false })
    const second = await look(competitionId, near)
    return second !== null && isDamaged(first, second)
  }
}
