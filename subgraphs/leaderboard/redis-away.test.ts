import { randomUUID } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { processesIn } from '../../local/processes.ts'
import { removeRedis, openRedis as startRedis } from '../../local/redis.ts'
import { createLogger } from '../../platform/logger.ts'
import { openRedis } from '../../platform/redis.ts'
import { freePort } from '../../test/support/ports.ts'
import { silent } from '../../test/support/stores.ts'
import { eventually, listOf, openTestBoards, page, type TestBoards } from './test-support.ts'
import { live, next, openWatchedBoards } from './watch-test-support.ts'

/** A Redis of the test's own, which it may end. */
let server: Awaited<ReturnType<typeof startRedis>>
let directory: string
let podium: TestBoards
let warnings: string[]

const start = (port: number) => startRedis({ directory, say: () => {}, durable: false, port })

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'podium-redis-'))
  server = await start(await freePort())
  const redis = openRedis({ urls: [server.url], prefix: 'away:', logger: silent })
  await new Promise((resolve) => redis.commands.once('ready', resolve))
  warnings = []
  const logger = Object.assign(createLogger('silent'), { warn: (line: string) => void warnings.push(line) })
  podium = await openTestBoards({ redis, logger })
})
afterEach(async () => {
  await podium.close()
  await removeRedis(directory, () => {})
})

const restart = async () => {
  server = await start(Number(new URL(server.url).port))
}

/** Has Redis keep its connections and answer nothing; gives what ends that. */
function hang(): () => void {
  const pids = processesIn(directory, /^(redis|valkey)-server$/).map(({ pid }) => pid)
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  return () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT')
  }
}

/** Hears, until `close`, what is sent to Redis, but for what asks whether it is back. */
function listenToCommands() {
  const spy = jest.spyOn(podium.redis.commands, 'sendCommand')
  return {
    sent: () => spy.mock.calls.map(([{ name }]) => name).filter((name) => name !== 'exists'),
    close: () => spy.mockRestore(),
  }
}

const shown = (competitionId: string) => ({
  read: () => podium.live.read({ competitionId, state: 'LIVE' }, { windows: [page()], people: [] }),
})

test('while Redis is away boards are read from PostgreSQL and changes are kept, and then they are back', async () => {
  const competitionId = await podium.open()
  const [one, other] = [randomUUID(), randomUUID()]
  await podium.score(competitionId, one, 10)
  await podium.score(competitionId, other, 20)
  await server.crash()

  await podium.score(competitionId, one, 30)
  const kept = [
    [one, 30],
    [other, 20],
  ]
  expect(await listOf(shown(competitionId), competitionId)).toEqual(kept)
  const commands = listenToCommands()
  expect(await listOf(shown(competitionId), competitionId)).toEqual(kept)
  expect(commands.sent()).toEqual([])
  commands.close()
  expect(warnings).toEqual(['leaderboards are read from PostgreSQL while Redis is away'])

  await restart()
  const board = await eventually(
    () =>
      podium.upkeep.trusts(competitionId)
        ? podium.inRedis.read(competitionId, { windows: [page()], people: [] })
        : null,
    (snapshot) => snapshot !== null,
  )
  expect(board?.windows[0]?.standings.map(({ userId, score }) => [userId, score])).toEqual(kept)
  const truth = await podium.inPostgres.read(competitionId, { windows: [], people: [] })
  expect(board?.revision).toBe(truth?.revision)
})

test('a Redis that hangs is away before its client gives it up, and no later reading asks it', async () => {
  const competitionId = await podium.open()
  const userId = randomUUID()
  await podium.score(competitionId, userId, 10)
  await eventually(
    () => podium.upkeep.trusts(competitionId),
    (trusts) => trusts,
  )
  const order: string[] = []
  podium.health.onLost(() => void order.push('away'))
  const goOn = hang()
  try {
    const unanswered = podium.redis.commands.ping().catch(() => void order.push('given up'))
    expect(await listOf(shown(competitionId), competitionId)).toEqual([[userId, 10]])
    const commands = listenToCommands()
    expect(await listOf(shown(competitionId), competitionId)).toEqual([[userId, 10]])
    expect(commands.sent()).toEqual([])
    commands.close()
    await unanswered
    expect(order).toEqual(['away', 'given up'])
  } finally {
    goOn()
  }
  await eventually(
    () => podium.upkeep.trusts(competitionId),
    (trusts) => trusts,
  )
})

test('what another process wrote while it was cut off from Redis is found when it is back', async () => {
  const competitionId = await podium.open()
  const userId = randomUUID()
  await podium.score(competitionId, userId, 10)
  podium.redis.commands.disconnect(true)
  await eventually(
    () => podium.health.isAway(),
    (isAway) => isAway,
  )
  await podium.score(competitionId, userId, 40)
  await eventually(
    () => podium.upkeep.trusts(competitionId),
    (trusts) => trusts,
  )
  expect(await listOf(podium.inRedis, competitionId)).toEqual([[userId, 40]])
})

test('frames go on while Redis is away, from PostgreSQL, and when it is back', async () => {
  const watched = await openWatchedBoards(podium)
  const competitionId = await podium.open()
  const userId = randomUUID()
  const frames = watched.watch({ check: 50 }).frames(live(competitionId), 10)
  expect(await next(frames)).toMatchObject({ revision: 0 })
  await server.crash()
  await podium.score(competitionId, userId, 10)
  expect(await next(frames)).toMatchObject({ revision: 1, standings: [{ userId, score: 10 }] })
  await restart()
  await eventually(
    () => podium.upkeep.trusts(competitionId),
    (trusts) => trusts,
  )
  await podium.score(competitionId, userId, 20)
  const shown = [await next(frames)]
  while (shown.at(-1)?.standings[0]?.score !== 20) shown.push(await next(frames))
  expect(shown.map(({ revision }) => revision)).toEqual(
    shown.map(({ revision }) => revision).sort((a, b) => a - b),
  )
  await frames.return?.()
})

test('a process that stops while Redis hangs leaves nothing that fails', async () => {
  const watched = await openWatchedBoards(podium)
  const [competitionId, other] = [await podium.open(), await podium.open()]
  const { frames } = watched.watch()
  const stream = frames(live(competitionId), 10)
  await next(stream)
  await eventually(
    () => watched.subscribers(competitionId),
    (count) => count === 1,
  )
  await podium.redis.commands.call('CLIENT', 'PAUSE', '4000', 'ALL')
  // Neither the end of the one subscription nor the beginning of the other is ever answered; jest reports rejections.
  await stream.return?.()
  const waiting = frames(live(other), 10)
  podium.redis.close()
  await eventually(
    () => podium.redis.subscriber.status,
    (status) => status === 'end',
  )
  await waiting.return?.()
})
