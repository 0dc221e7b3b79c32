import type { OpenRedis } from '../../platform/redis.ts'
import type { BoardSource, BoardState, Changes, Snapshot, WindowStandings } from './board.ts'
import { boardKeys } from './board-keys.ts'
import type { Place } from './packing.ts'
import { type Entry, type Field, rankEntries, standingOf } from './ranking.ts'
import type { RedisHealth } from './redis-health.ts'
import { createScript } from './redis-script.ts'
import type { StandingRow } from './standing-store.ts'
import { boardStates } from './tables.ts'

/** How long a board stays in Redis once it is final and read from PostgreSQL. */
const FINAL_STAYS = 86_400_000 // ms

/** What became of a change: applied with the places before and after (from 0; null for none), or why it was not. */
export type Outcome =
  | { kind: 'applied'; from: number | null; to: number | null; size: number }
  | { kind: 'missing' | 'frozen' | 'stale' }

/** What Redis has of a board and of some of its people, to compare. */
export type Sample = Pick<Snapshot, 'revision' | 'state' | 'size'> & {
  people: Map<string, { version: number; packed: number | null }>
}

export type RedisBoard = ReturnType<typeof createRedisBoard>

const scripts = { apply: createScript('apply'), read: createScript('read'), open: createScript('open'), advance: createScript('advance') } // biome-ignore format: one list

/** Boards as Redis shows them. All of it throws RedisAwayError. */
export function createRedisBoard(
  { commands, prefix }: Pick<OpenRedis, 'commands' | 'prefix'>,
  { run }: Pick<RedisHealth, 'run'>,
) {
  const keysOf = (competitionId: string) => boardKeys(prefix, competitionId)

  const ask = async (competitionId: string, request: object) => {
    const { board, ranks, versions, log } = keysOf(competitionId)
    const args = [JSON.stringify(request)]
    const reply = await run(() => scripts.read(commands, [board, ranks, versions, log], args))
    // What read.lua says that it returns; it is the other half of this function.
    return reply === '' ? null : (reply as Reply)
  }

  return {
    async read(competitionId, { windows, people, changes }) {
      const asked = windows.map((window) =>
        window.kind === 'around'
          ? window
          : { ...window, after: textOf(window.after), before: textOf(window.before) },
      )
      const since = changes && { ...changes, after: textOf(changes.after) }
      const reply = await ask(competitionId, { windows: asked, people, changes: since })
      if (!reply) return null
      const [revision, state, changedAt, size, leader, foundWindows, foundPeople, foundChanges] = reply
      const field = { size, leader: leader === '' ? null : Number(leader) }
      return {
        revision: Number(revision),
        state: stateOf(state),
        changedAt: new Date(Number(changedAt)),
        size,
        windows: foundWindows.map((window) => toWindow(window, field)),
        people: foundPeople.map(([packed, above, detail], i) =>
          packed === '' ? null : standingOf(toEntry(people[i] ?? '', packed, detail), above, field),
        ),
        changes: foundChanges === '' ? null : toChanges(foundChanges, field),
        isLogged: true,
      }
    },

    /** What of these people Redis has; null where the board is missing. */
    async sample(competitionId: string, userIds: readonly string[]): Promise<Sample | null> {
      const reply = await ask(competitionId, { windows: [], people: userIds })
      if (!reply) return null
      const [revision, state, , size, , , people] = reply
      const found = people.map(
        ([packed, , detail], i): [string, { version: number; packed: number | null }] => [
          userIds[i] ?? '',
          { version: Number.parseInt(detail, 10) || 0, packed: packed === '' ? null : Number(packed) },
        ],
      )
      return { revision: Number(revision), state: stateOf(state), size, people: new Map(found) }
    },

    /** Brings a person's standing to the board, unless it has a later one of theirs. */
    async apply(competitionId: string, row: StandingRow, now: Date): Promise<Outcome> {
      const { board, ranks, versions, nextRanks, nextVersions, log, channel } = keysOf(competitionId)
      const keys = [board, ranks, versions, nextRanks, nextVersions, log]
      const args = [channel, now.getTime(), '', ...argumentsOf(row)]
      const reply = await run(() => scripts.apply(commands, keys, args))
      // What apply.lua says that it returns.
      const [kind, from, to, size] = reply as [Outcome['kind'], number, number, number]
      if (kind !== 'applied') return { kind }
      return { kind, from: from < 0 ? null : from, to: to < 0 ? null : to, size }
    },

    /** Makes an empty board where there is none. */
    async open(competitionId: string, now: Date): Promise<void> {
      await run(() => scripts.open(commands, [keysOf(competitionId).board], [now.getTime()]))
    },

    /** Brings a board to a later state; from FINAL on it refuses every change. */
    async advance(
      competitionId: string,
      state: BoardState,
      now: Date,
    ): Promise<'missing' | 'stale' | 'applied'> {
      const { board, ranks, versions, log, channel } = keysOf(competitionId)
      const args = [channel, now.getTime(), boardStates.indexOf(state), FINAL_STAYS]
      const reply = await run(() => scripts.advance(commands, [board, ranks, versions, log], args))
      // What advance.lua says that it returns.
      return reply as 'missing' | 'stale' | 'applied'
    },
  } satisfies BoardSource & Record<string, unknown>
}

/** What apply.lua is told of a person. */
export function argumentsOf({ userId, packed, version, achievedAt }: StandingRow): (string | number)[] {
  return [userId, packed === null ? '' : String(packed), version, achievedAt?.getTime() ?? 0]
}

type Reply = [
  revision: string,
  state: string,
  changedAt: string,
  size: number,
  leader: string,
  windows: WindowReply[],
  people: [packed: string, above: number, detail: string][],
  changes: ChangesReply | '',
]

type WindowReply = [before: number, above: number, rows: string[]]

type ChangesReply = [more: number, removed: string[], windows: WindowReply[]]

function toChanges([more, removed, found]: ChangesReply, field: Field): Changes {
  const windows = found.map((window) => toWindow(window, field))
  const last = windows.at(-1)?.standings.at(-1)
  return { windows, removed, rest: more && last ? { packed: last.packed, userId: last.userId } : null }
}

function toWindow([before, above, rows]: WindowReply, field: Field): WindowStandings {
  const entries: Entry[] = []
  for (let i = 0; i < rows.length; i += 3)
    entries.push(toEntry(rows[i] ?? '', rows[i + 1] ?? '', rows[i + 2] ?? ''))
  return { before, standings: rankEntries(entries, before, above, field) }
}

function toEntry(userId: string, packed: string, detail: string): Entry {
  const achievedAt = new Date(Number(detail.split(' ')[1]))
  if (Number.isNaN(achievedAt.getTime()))
    throw new Error(`a board lists ${userId} and does not know since when`)
  return { userId, packed: Number(packed), achievedAt }
}

/** Left out when there is none: to Lua a null of JSON is a value. Text, since Lua's numbers lose their last digits. */
function textOf(place: Place | null) {
  return place ? { packed: String(place.packed), userId: place.userId } : undefined
}

function stateOf(ordinal: string): BoardState {
  const state = boardStates[Number(ordinal)]
  if (!state) throw new Error(`a board has the state ${ordinal}`)
  return state
}
