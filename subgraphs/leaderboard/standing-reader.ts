import type { BoardRequest, ChangesRequest, Snapshot, Window } from './board.ts'
import type { StandingGroups } from './frames.ts'

/** People read one by one in one go. */
const PEOPLE = 500

const defaultLimits = {
  /** So many are read one by one at every change: asking first whom it touched would be no cheaper. */
  few: 50,
  /** Touched people read in one go: Redis serves nobody else meanwhile. */
  touched: 2_000,
}

type Groups = Pick<StandingGroups, 'count' | 'userIds' | 'awaited' | 'show'>

/**
 * Reads the standings that a board's listeners watch, and no more of them than need be: those whom the changes since the
 * last reading touched, and who is new. Everyone is read one by one where that is cheaper, and where it is not known
 * whom the changes touched. `ask` answers null once nobody listens any more.
 */
export function createStandingReader(
  groups: Groups,
  ask: (request: BoardRequest) => Promise<Snapshot | null>,
  limits = defaultLimits,
) {
  /** Everyone was shown their standing as of this revision or a later one; null where that is not known. */
  let since: number | null = null
  /** Everything was read when the board was final. */
  let isSettled = false

  /** The windows are read with the first of the standings, of the same moment. */
  const read = async (windows: Window[]): Promise<void> => {
    let isSound = true
    let isFinal = true

    const take = async (request: BoardRequest): Promise<Snapshot | null> => {
      const snapshot = await ask(request)
      if (!snapshot) return null
      const { revision, people, changes } = snapshot
      const isShown = groups.show(revision, request.people, people)
      for (const { standings } of changes?.windows ?? []) {
        const userIds = standings.map(({ userId }) => userId)
        groups.show(revision, userIds, standings)
      }
      const removed = changes?.removed ?? []
      groups.show(revision, removed, []) // nobody has a standing
      // Two sources may have different changes at one revision, and what is not shown has to be read again.
      isSound = isSound && snapshot.isLogged && isShown
      isFinal = isFinal && snapshot.state === 'FINAL'
      return snapshot
    }

    const takePeople = async (userIds: readonly string[]): Promise<void> => {
      for (let i = 0; i < userIds.length; i += PEOPLE) {
        const some = userIds.slice(i, i + PEOPLE)
        if (!(await take({ windows: [], people: some }))) return
      }
    }

    const most = groups.count()
    const touched: ChangesRequest | undefined =
      since !== null && most > limits.few ? { since, most, size: limits.touched, after: null } : undefined
    const people = touched || isSettled ? groups.awaited() : groups.userIds()
    const first = await take({ windows, people: people.slice(0, PEOPLE), changes: touched })
    if (!first) return
    await takePeople(people.slice(PEOPLE))
    if (touched) {
      let { changes } = first
      while (changes?.rest) {
        // What changes meanwhile is in the log after the first revision, from which the next reading goes on.
        const request = { windows: [], people: [], changes: { ...touched, after: changes.rest } }
        changes = (await take(request))?.changes ?? null
      }
      if (!changes) await takePeople(groups.userIds())
    }
    since = isSound ? first.revision : null
    isSettled = isFinal
  }

  return { read, isSettled: () => isSettled }
}
