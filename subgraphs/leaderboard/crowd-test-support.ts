import { randomUUID } from 'node:crypto'
import type { Standing } from './ranking.ts'
import { eventually, inBatches } from './test-support.ts'
import { live, type WatchedBoards } from './watch-test-support.ts'

/**
 * So many people on one board, the first with the most, each of whom watches their own standing. The board is read when
 * somebody joins, and when the test announces a change. PostgreSQL knows of them only when they are `stored`.
 */
export async function openCrowd(podium: WatchedBoards, size: number, { stored = false } = {}) {
  const competitionId = await podium.open()
  await eventually(
    () => podium.upkeep.trusts(competitionId),
    (trusted) => trusted,
  )
  const userIds = Array.from({ length: size }, () => randomUUID())
  const versions = new Map<string, number>()
  const wakes = new Set<() => void>()
  const announced = {
    listen(_: string, wake: () => void) {
      wakes.add(wake)
      return () => void wakes.delete(wake)
    },
  }
  const watchers = podium.watch({}, announced)
  const streams: AsyncIterableIterator<{ standing: Standing | null }>[] = []
  const told = new Map<string, Standing | null>()
  let readBefore = 0

  const follow = async (userId: string) => {
    const stream = watchers.standing(live(competitionId), userId)
    streams.push(stream)
    for await (const { standing } of stream) told.set(userId, standing)
  }

  const crowd = {
    competitionId,
    userIds,
    /** What people were told since the last change. */
    told,

    /** Scores of before the test are ten apart: the person of index i has 10 * (size - i). */
    async place(index: number, score: number | null) {
      const userId = userIds[index] ?? ''
      if (stored) return void (await podium.score(competitionId, userId, score))
      const version = (versions.get(userId) ?? 0) + 1
      versions.set(userId, version)
      await podium.place(competitionId, userId, score, version)
    },

    join: (userId: string) => void follow(userId),

    announce() {
      for (const wake of wakes) wake()
    },

    /** Waits until so many were told something; says how the board was read for it. */
    async untilTold(people: number) {
      await eventually(
        () => told.size,
        (count) => count >= people,
      )
      // What was read is told in one go, and then the reading goes on.
      await eventually(
        () => watchers.answers.length,
        (count) => count === watchers.reads.length,
      )
      const answers = watchers.answers.slice(readBefore)
      readBefore = watchers.answers.length
      const reached = [...told.keys()]
      const standings = new Map(told)
      told.clear()
      const touched = answers.flatMap(({ changes }) => changes?.windows ?? [])
      return {
        reached,
        rankOf: (index: number) => standings.get(userIds[index] ?? '')?.rank ?? null,
        requests: answers.length,
        peopleRead:
          answers.reduce((sum, { people }) => sum + people.length, 0) +
          touched.reduce((sum, window) => sum + window.standings.length, 0),
      }
    },

    close: () => Promise.all(streams.map((stream) => stream.return?.())),
  }

  await inBatches([...userIds.keys()], 25, (i) => crowd.place(i, 10 * (size - i)))
  for (const userId of userIds) crowd.join(userId)
  await crowd.untilTold(size)
  return crowd
}
