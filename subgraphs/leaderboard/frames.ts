import type { BoardState, Snapshot } from './board.ts'
import { type Move, movesBetween } from './moves.ts'
import type { Standing } from './ranking.ts'

/** A board's first places after a change, whole. */
export type Frame = {
  competitionId: string
  revision: number
  previousRevision: number | null
  state: BoardState
  standings: Standing[]
  moves: Move[]
  changedAt: Date
}

type Push<T> = (value: T) => void

/** Those who listen to the same; who came since the last showing is shown it even if nothing changed. */
type Group<T> = { shown: T | undefined; readers: Set<Push<T>>; newcomers: Set<Push<T>> }

/** The listeners to a board's first places, by how many of them. */
export function createFrameGroups(competitionId: string) {
  const { groups, ...common } = createGroups<number, Frame>()
  return {
    ...common,

    /** The most places that anyone listens to; 0 without anyone. */
    largest: () => Math.max(0, ...groups.keys()),

    /** Shows a board whose first `count` places are `standings`. A board older than the one shown is not shown. */
    show(
      { revision, state, changedAt }: Pick<Snapshot, 'revision' | 'state' | 'changedAt'>,
      standings: readonly Standing[],
      count: number,
    ): void {
      for (const [first, group] of groups) {
        // Who asked for more while these were read waits for the next reading.
        if (first > count) continue
        const { shown } = group
        const isNew = !shown || revision > shown.revision
        if (!isNew && group.newcomers.size === 0) continue
        const listed = isNew ? standings.slice(0, first) : shown.standings
        const base = isNew ? { competitionId, revision, state, changedAt, standings: listed } : shown
        const whole = { ...base, previousRevision: null, moves: [] }
        const frame = shown
          ? { ...base, previousRevision: shown.revision, moves: movesBetween(shown.standings, listed) }
          : whole
        tell(group, frame, isNew, whole)
      }
    },
  }
}

export type StandingGroups = ReturnType<typeof createStandingGroups>

/** The listeners to single people's standings. */
export function createStandingGroups() {
  const { groups, ...common } = createGroups<string, Standing | null>()
  let latest = 0
  return {
    ...common,

    count: () => groups.size,
    userIds: () => [...groups.keys()],
    /** Those with a listener who was shown nothing yet. */
    awaited: () => [...groups].flatMap(([userId, { newcomers }]) => (newcomers.size > 0 ? userId : [])),

    /**
     * Shows these people's standings; tells who listens when rank or score is another, or there is none any more. False
     * where they are older than what was shown, which stays.
     */
    show(revision: number, userIds: readonly string[], standings: readonly (Standing | null)[]): boolean {
      const isOld = revision < latest
      latest = Math.max(latest, revision)
      for (const [i, userId] of userIds.entries()) {
        const group = groups.get(userId)
        if (!group) continue
        const standing = isOld && group.shown !== undefined ? group.shown : (standings[i] ?? null)
        const isNew =
          group.shown === undefined ||
          group.shown?.rank !== standing?.rank ||
          group.shown?.score !== standing?.score
        tell(group, standing, isNew, standing)
      }
      return !isOld
    },
  }
}

function createGroups<Key, T>() {
  const groups = new Map<Key, Group<T>>()
  return {
    groups,
    isEmpty: () => groups.size === 0,
    isAwaited: () => [...groups.values()].some((group) => group.newcomers.size > 0),

    /** Adds a listener; returns what removes it. */
    join(key: Key, push: Push<T>): () => void {
      const group = groups.get(key) ?? { shown: undefined, readers: new Set(), newcomers: new Set() }
      groups.set(key, group)
      group.readers.add(push)
      group.newcomers.add(push)
      return () => {
        group.readers.delete(push)
        group.newcomers.delete(push)
        if (group.readers.size === 0) groups.delete(key)
      }
    },
  }
}

function tell<T>(group: Group<T>, value: T, isNew: boolean, first: T): void {
  for (const push of isNew ? group.readers : group.newcomers) {
    push(group.newcomers.has(push) ? first : value)
  }
  group.newcomers.clear()
  if (isNew) group.shown = value
}
