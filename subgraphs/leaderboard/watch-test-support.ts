import { openWakeUps, type WakeUps } from '../../platform/wake-ups.ts'
import { silent } from '../../test/support/stores.ts'
import type { BoardRequest, Snapshot } from './board.ts'
import type { Frame } from './frames.ts'
import { openTestBoards, type TestBoards } from './test-support.ts'
import type { WatchTiming } from './watcher.ts'
import { createWatchers } from './watchers.ts'

const NEVER = 3_600_000 // ms

/** Boards that can be watched (test-support.ts). */
export async function openWatchedBoards(given?: TestBoards) {
  const podium = given ?? (await openTestBoards())
  const signals = openWakeUps(podium.redis, (id) => podium.keysOf(id).channel, silent)
  return {
    ...podium,

    /** Watchers that look only when they are told of a change, unless given another timing; what they read, and what it was. */
    watch(timing: Partial<WatchTiming> = {}, announced: Pick<WakeUps, 'listen'> = signals) {
      const reads: BoardRequest[] = []
      const answers: Snapshot[] = []
      const boards: Pick<TestBoards['live'], 'read'> = {
        async read(board, request) {
          reads.push(request)
          const snapshot = await podium.live.read(board, request)
          answers.push(snapshot)
          return snapshot
        },
      }
      const all = {
        boards,
        signals: announced,
        logger: silent,
        timing: { tick: 10, check: NEVER, ...timing },
      }
      return { ...createWatchers(all), reads, answers }
    },

    /** Connections subscribed to what is announced of a board. */
    async subscribers(competitionId: string): Promise<unknown> {
      const answer = await podium.redis.commands.pubsub('NUMSUB', podium.keysOf(competitionId).channel)
      return answer[1]
    },

    async close() {
      signals.close()
      await podium.close()
    },
  }
}

export type WatchedBoards = Awaited<ReturnType<typeof openWatchedBoards>>

export const live = (competitionId: string) => ({ competitionId, state: 'LIVE' as const })

export async function next<T>(stream: AsyncIterator<T>): Promise<T> {
  const { value, done } = await stream.next()
  if (done) throw new Error('the stream has ended')
  return value
}

/** Takes frames until one is of this revision. */
export async function until(stream: AsyncIterator<Frame>, revision: number): Promise<Frame[]> {
  const frames: Frame[] = []
  while (frames.at(-1)?.revision !== revision) frames.push(await next(stream))
  return frames
}
