import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { openQueuePool, publish } from './event-queue.ts'
import { openQueue, type Queue, recorded, recorder } from './test-support.ts'

let queue: Queue
beforeAll(async () => {
  queue = await openQueue()
})
afterEach(() => queue.clear())
afterAll(() => queue.close())

async function waiting(): Promise<string[]> {
  const { rows } = await queue.pool.query(
    `select payload->>'subjectId' as subject from events._private_jobs order by id`,
  )
  return rows.map(({ subject }) => subject)
}

test('an event is published with the transaction that causes it, and not without', async () => {
  const rolledBack = queue.store.db.transaction(async (tx) => {
    await publish(tx, [recorded('rolled back')])
    throw new Error('no')
  })
  await expect(rolledBack).rejects.toThrow('no')
  await queue.store.db.transaction((tx) => publish(tx, [recorded('committed')]))
  expect(await waiting()).toEqual(['committed'])
})

test('a payload that its handlers could not read is not published', async () => {
  const bad = { ...recorded('bad'), payload: { ...recorded('bad').payload, at: 'yesterday' } }
  await expect(queue.publishAll(recorded('good'), bad)).rejects.toThrow('at')
  expect(await waiting()).toEqual([])
})

test('an event goes to each subgraph that handles it', async () => {
  await queue.publishAll({ name: 'board.frozen', payload: { competitionId: 'c', digest: 'd' } })
  await queue.publishAll({ name: 'competition.cancelled', payload: { competitionId: 'c', reason: 'r' } })
  const { rows } = await queue.pool.query(
    'select identifier from events._private_jobs job join events._private_tasks task on task.id = task_id order by job.id',
  )
  expect(rows.map(({ identifier }) => identifier)).toEqual([
    'competitions/board.frozen',
    'fitness/competition.cancelled',
    'leaderboard/competition.cancelled',
    'notifications/competition.cancelled',
  ])
})

test('an event replaces the one under its key that still waits', async () => {
  const tomorrow = new Date(Date.now() + 86_400_000)
  await queue.publishAll(
    recorded('first', { key: 'k', at: tomorrow }),
    recorded('other', { key: 'l', at: tomorrow }),
  )
  await queue.publishAll(recorded('second', { key: 'k' }))
  expect((await waiting()).sort()).toEqual(['other', 'second'])
  const { add, until, happened } = recorder()
  queue.work(async ({ subjectId }) => add(subjectId))
  await until((subjects) => subjects.length > 0)
  expect(happened).toEqual(['second'])
})

test('an event is not lost when a worker takes the one under its key at that moment', async () => {
  await queue.publishAll(recorded('first', { key: 'k' }))
  const worker = await queue.pool.connect()
  await worker.query('begin')
  await worker.query("update events._private_jobs set locked_at = now(), locked_by = 'a worker'")
  const publishing = queue.publishAll(recorded('second', { key: 'k' }))
  // The publication waits for the row that the worker has taken, and goes on when that is committed.
  await until(async () => {
    // Others wait for locks on this server, too; who waits here holds something of this database.
    const { rows } = await queue.pool.query(`
      select from pg_locks waiting join pg_locks held using (pid)
      where not waiting.granted
        and held.database = (select oid from pg_database where datname = current_database())`)
    return rows.length > 0
  })
  await worker.query('commit')
  worker.release()
  await publishing
  expect((await waiting()).sort()).toEqual(['first', 'second'])
})

async function until(satisfied: () => Promise<boolean>): Promise<void> {
  while (!(await satisfied())) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('a subgraph cannot reach into the queue but by publishing', async () => {
  await expect(queue.store.pool.query('select * from events._private_jobs')).rejects.toThrow(
    'permission denied',
  )
  await expect(queue.store.pool.query(`select events.add_job('users/audit.recorded')`)).rejects.toThrow(
    'permission denied',
  )
})

test('a connection of the queue that is given back twice, as graphile-worker may do, is there for the next', async () => {
  const pool = openQueuePool(queue.store.url, { max: 1 }, () => {})
  await new Promise<void>((resolve, reject) => {
    pool.connect((error, _, release) => {
      if (error) return reject(error)
      release()
      expect(release).not.toThrow()
      resolve()
    })
  })
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await pool.end()
})
