import DataLoader from 'dataloader'
import { isId } from '../../platform/ids.ts'
import { emptySnapshot, type Snapshot, type Window, type WindowStandings } from './board.ts'
import type { LiveBoards } from './live-boards.ts'
import type { Standing } from './ranking.ts'
import type { BoardRow, BoardStore } from './store.ts'

/** A competition, as far as boards know it. */
export type CompetitionSource = { id: string }

/** A competition's board; null where the competition is not known here, as while it is a draft. */
export type LeaderboardSource = { competitionId: string; board: BoardRow | null }

export type Loaders = ReturnType<typeof createLoaders>

/**
 * Loaders of one request. They gather and do not remember: a subscription is one request for as long as it lasts, and
 * who may see it is asked again and again.
 */
export function createLoaders(store: BoardStore, boards: Pick<LiveBoards, 'read'>) {
  const part = new DataLoader<Part, Answer>((parts) => readParts(boards, parts), { cache: false })
  return {
    board: new DataLoader<string, BoardRow | null>(
      async (ids) => {
        const rows = await store.byIds(ids.filter(isId))
        const byId = new Map(rows.map((row) => [row.competitionId, row]))
        return ids.map((id) => byId.get(id) ?? null)
      },
      { cache: false },
    ),

    /** Whether the person takes part in the competition. */
    joined: new DataLoader<{ userId: string; competitionId: string }, boolean>(
      async (keys) => {
        // The keys of a request are its viewer's.
        const userId = keys[0]?.userId ?? ''
        const competitionIds = keys.map((key) => key.competitionId).filter(isId)
        const joined = new Set(isId(userId) ? await store.joinedBy(userId, competitionIds) : [])
        return keys.map((key) => key.userId === userId && joined.has(key.competitionId))
      },
      { cache: false },
    ),

    /** All that is read of one board in a request is read in one go, of the same moment. */
    snapshot: async (source: LeaderboardSource): Promise<Snapshot> => (await part.load({ source })).snapshot,

    window: async (
      source: LeaderboardSource,
      window: Window,
    ): Promise<WindowStandings & { size: number }> => {
      const { snapshot, standings } = await part.load({ source, window })
      return { before: 0, standings: [], ...standings, size: snapshot.size }
    },

    person: async (source: LeaderboardSource, userId: string): Promise<Standing | null> =>
      isId(userId) ? (await part.load({ source, userId })).standing : null,
  }
}

type Part = { source: LeaderboardSource; window?: Window; userId?: string }

type Answer = { snapshot: Snapshot; standings: WindowStandings | null; standing: Standing | null }

async function readParts(
  boards: Pick<LiveBoards, 'read'>,
  parts: readonly Part[],
): Promise<(Answer | Error)[]> {
  const byBoard = Map.groupBy(parts, ({ source }) => source.competitionId)
  const answers = new Map<Part, Answer | Error>()
  await Promise.all(
    [...byBoard.values()].map(async (ofBoard) => {
      try {
        for (const [part, answer] of await readBoard(boards, ofBoard)) answers.set(part, answer)
      } catch (error) {
        for (const part of ofBoard)
          answers.set(part, error instanceof Error ? error : new Error(String(error)))
      }
    }),
  )
  return parts.map((part) => answers.get(part) ?? new Error('a part of a board was not read'))
}

async function readBoard(
  boards: Pick<LiveBoards, 'read'>,
  parts: readonly Part[],
): Promise<[Part, Answer][]> {
  const board = parts[0]?.source.board
  const windows = parts.flatMap(({ window }) => window ?? [])
  const people = [...new Set(parts.flatMap(({ userId }) => userId ?? []))]
  const request = { windows, people }
  const snapshot = board ? await boards.read(board, request) : emptySnapshot(request)
  const found = snapshot.windows.values()
  return parts.map((part) => [
    part,
    {
      snapshot,
      standings: part.window ? (found.next().value ?? null) : null,
      standing: snapshot.people[people.indexOf(part.userId ?? '')] ?? null,
    },
  ])
}
