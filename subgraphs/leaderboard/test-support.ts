import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { EventPayload } from '../../platform/events.ts'
import type { Logger } from '../../platform/logger.ts'
import type { OpenRedis } from '../../platform/redis.ts'
import { openTestRedis, openTestStore, silent } from '../../test/support/stores.ts'
import type { BoardSource, Window } from './board.ts'
import { createCheck } from './board-check.ts'
import { boardKeys } from './board-keys.ts'
import { createPostgresBoard } from './board-postgres.ts'
import { createRebuild } from './board-rebuild.ts'
import { createRedisBoard } from './board-redis.ts'
import { openUpkeep } from './board-upkeep.ts'
import { createFinalStore } from './final-store.ts'
import { createHandlers } from './handlers.ts'
import { createLiveBoards } from './live-boards.ts'
import { packScore } from './packing.ts'
import { watchRedis } from './redis-health.ts'
import { createStandingStore, type StandingRow } from './standing-store.ts'
import { createBoardStore } from './store.ts'

export const startsAt = new Date('2031-05-01T00:00:00Z')

/** So many seconds after the competitions of these tests start. */
export const at = (seconds: number) => new Date(startsAt.getTime() + seconds * 1_000)

export const competition = (change: Partial<EventPayload<'competition.opened'>> = {}) => ({
  competitionId: randomUUID(),
  name: 'May steps',
  metric: 'STEPS' as const,
  visibility: 'PUBLIC' as const,
  organizerId: randomUUID(),
  startsAt: startsAt.toISOString(),
  endsAt: at(86_400).toISOString(),
  ...change,
})

export const page = (size = 100): Window => ({
  kind: 'page',
  size,
  backwards: false,
  after: null,
  before: null,
})

/** A standing as PostgreSQL would have it. */
export function rowOf(of: {
  competitionId: string
  userId: string
  score: number | null
  seconds: number
  version: number
}): StandingRow {
  const { score, seconds, version, ...key } = of
  const computed = { computedScore: score, computedVersion: version, adjustment: 0 }
  const packed = score === null ? null : packScore(score, at(seconds), startsAt)
  const achievedAt = score === null ? null : at(seconds)
  return { ...key, ...computed, score, achievedAt, version, packed, updatedAt: at(0) }
}

/** The people of a board in its order, with their scores. */
export async function listOf(source: BoardSource, competitionId: string): Promise<[string, number][]> {
  const snapshot = await source.read(competitionId, { windows: [page()], people: [] })
  return (snapshot?.windows[0]?.standings ?? []).map(({ userId, score }) => [userId, score])
}

/** Asks until the answer is as it should be; the test's own time limit ends what never is. */
export async function eventually<T>(ask: () => Promise<T> | T, isRight: (answer: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 25_000; ; ) {
    const answer = await ask()
    if (isRight(answer)) return answer
    if (Date.now() > deadline) throw new Error(`it stayed ${JSON.stringify(answer)}`)
    await sleep(10)
  }
}

/** Does `work` with each of all, some at a time. */
export async function inBatches<T>(all: readonly T[], size: number, work: (one: T) => Promise<unknown>) {
  for (let i = 0; i < all.length; i += size) await Promise.all(all.slice(i, i + size).map(work))
}

/** Stores and boards on a database and a Redis prefix of their own; nothing is swept unless it is asked for. */
export async function openTestBoards({
  redis: given,
  logger = silent,
}: {
  redis?: OpenRedis
  logger?: Logger
} = {}) {
  const database = await openTestStore('leaderboard')
  const redis = given ?? (await openTestRedis())
  const queue = new pg.Pool({ connectionString: database.url, max: 1 })
  queue.on('error', () => {}) // dropped with the database
  const now = () => new Date()
  const boards = createBoardStore(database.db)
  const standings = createStandingStore(database.db)
  const finals = createFinalStore(database.db)
  const health = watchRedis(redis, logger)
  const inRedis = createRedisBoard(redis, health)
  const inPostgres = createPostgresBoard(database.db)
  const isDamaged = createCheck({ redis: inRedis, postgres: inPostgres, standings }, { settling: 50 })
  const rebuild = createRebuild(redis, health, { boards, standings }, now)
  const upkeep = openUpkeep({ boards, isDamaged, rebuild, health, logger, interval: 3_600_000 })
  const live = createLiveBoards({ redis: inRedis, postgres: inPostgres, upkeep, logger, now })
  const handlers = createHandlers({ boards, standings, finals, live, now })
  const versions = new Map<string, number>()

  return {
    ...{ database, redis, boards, standings, finals, health, inRedis, inPostgres },
    ...{ isDamaged, rebuild, upkeep, live, handlers },

    async open(change: Partial<EventPayload<'competition.opened'>> = {}): Promise<string> {
      const event = competition(change)
      await handlers['competition.opened'](event)
      return event.competitionId
    },

    /** Fitness computed a score anew; returns the event. */
    async score(competitionId: string, userId: string, score: number | null, seconds = 0) {
      const key = `${competitionId} ${userId}`
      const version = (versions.get(key) ?? 0) + 1
      versions.set(key, version)
      const achievedAt = score === null ? null : at(seconds).toISOString()
      const event = { competitionId, userId, score, achievedAt, version }
      await handlers['score.computed'](event)
      return event
    },

    /** Brings a score to the board in Redis alone. */
    place: (competitionId: string, userId: string, score: number | null, version: number, seconds = 0) =>
      inRedis.apply(competitionId, rowOf({ competitionId, userId, score, seconds, version }), now()),

    keysOf: (competitionId: string) => boardKeys(redis.prefix, competitionId),

    /** Removes what Redis has under this test's prefix. */
    async flush() {
      const keys = await redis.commands.keys(`${redis.prefix}*`)
      if (keys.length > 0) await redis.commands.del(...keys)
    },

    /** The payloads of an event about a competition, oldest first. */
    async published(name: string, competitionId: string) {
      const { rows } = await queue.query<{ payload: Record<string, unknown> }>(
        `select payload from events._private_jobs job join events._private_tasks task on task.id = task_id
         where identifier like $1 and (payload->>'competitionId' = $2 or payload->'details'->>'competitionId' = $2)
         order by job.id`,
        [`%/${name}`, competitionId],
      )
      return rows.map((row) => row.payload)
    },

    async close() {
      await upkeep.close()
      health.close()
      redis.close()
      await queue.end()
      await database.close()
    },
  }
}

export type TestBoards = Awaited<ReturnType<typeof openTestBoards>>
