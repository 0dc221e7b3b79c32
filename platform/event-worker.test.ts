import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { pino } from 'pino'
import { silent } from '../test/support/stores.ts'
import { listDeadEvents, replayDeadEvents } from './dead-events.ts'
import { workEvents } from './event-worker.ts'
import { NotYetError } from './events.ts'
import { openQueue, type Queue, recorded, recorder, untilReleased } from './test-support.ts'

let queue: Queue
beforeAll(async () => {
  queue = await openQueue()
})
afterEach(() => queue.clear())
afterAll(() => queue.close())

test('an event whose handler failed comes again, until it is handled', async () => {
  const { add, until, happened } = recorder()
  await queue.publishAll(recorded('again'))
  queue.work(async ({ subjectId }) => {
    add(subjectId)
    if (happened.length < 3) throw new Error('not this time')
  })
  for (const attempts of [1, 2]) {
    await until((subjects) => subjects.length === attempts)
    await untilReleased(queue.pool, 'again')
    await queue.pool.query('update events._private_jobs set run_at = now()')
  }
  await until((subjects) => subjects.length === 3)
  expect(happened).toEqual(['again', 'again', 'again'])
})

test('an event that came too early is no reason for an alarm; every other failure is', async () => {
  const { add, until, happened } = recorder()
  const logger = pino(
    {},
    { write: (line: string) => add(`${JSON.parse(line).level}: ${JSON.parse(line).error.split('\n')[0]}`) },
  )
  await queue.publishAll(recorded('early'), recorded('broken'))
  queue.work(async ({ subjectId }) => {
    throw subjectId === 'early' ? new NotYetError('too early') : new Error('broken')
  }, logger)
  await until((lines) => lines.length === 2)
  expect(happened.toSorted()).toEqual(['30: Error: too early', '50: Error: broken'])
})

test('an event that failed every attempt is listed, and handled when it is replayed', async () => {
  const { add, until } = recorder()
  let broken = true
  await queue.publishAll(recorded('dead'), recorded('alive', { at: new Date(Date.now() + 86_400_000) }))
  await queue.pool.query(`update events._private_jobs set attempts = max_attempts - 1`)
  queue.work(async ({ subjectId }) => {
    add(broken ? 'failed' : `handled ${subjectId}`)
    if (broken) throw new Error('broken for good')
  })
  await until((happened) => happened.includes('failed'))
  await untilReleased(queue.pool, 'dead')
  const dead = await listDeadEvents(queue.pool)
  expect(dead).toMatchObject([
    {
      task: 'users/audit.recorded',
      payload: { subjectId: 'dead' },
      lastError: 'broken for good',
      since: expect.any(Date),
    },
  ])

  broken = false
  expect(await replayDeadEvents(queue.pool, ['999999999'])).toBe(0)
  expect(
    await replayDeadEvents(
      queue.pool,
      dead.map(({ id }) => id),
    ),
  ).toBe(1)
  expect(await listDeadEvents(queue.pool)).toEqual([])
  await until((happened) => happened.includes('handled dead'))
  expect(await replayDeadEvents(queue.pool, 'all')).toBe(0)
})

test('the events of a worker that was killed are taken over, and those of one that lives are not', async () => {
  const { add, until, happened } = recorder()
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await queue.publishAll(recorded('long'))
  queue.work(async ({ subjectId }) => {
    add(subjectId)
    if (subjectId === 'long') await held
  })
  await until((subjects) => subjects.includes('long'))

  await queue.publishAll(recorded('orphan', { at: new Date(Date.now() + 86_400_000) }))
  await queue.pool.query(`
    update events._private_jobs set
      locked_at = now() - interval '1 minute', run_at = now(),
      locked_by = case when payload->>'subjectId' = 'orphan' then 'pool-of-the-dead' else locked_by end`)
  await until((subjects) => subjects.includes('orphan'))
  expect(happened).toEqual(['long', 'orphan'])
  release()
})

test('whose event is handled has a claim by then, which others see', async () => {
  const { add, until, happened } = recorder()
  await queue.publishAll(...Array.from({ length: 8 }, (_, index) => recorded(`${index}`)))
  const seen = `select from events._private_jobs, pg_locks
    where payload->>'subjectId' = $1 and locktype = 'advisory' and granted
      and (classid::bigint << 32) + objid::bigint = hashtextextended(locked_by, 0)`
  const handle = async ({ subjectId }: { subjectId: string }) =>
    add(String((await queue.pool.query(seen, [subjectId])).rowCount))
  for (let process = 0; process < 4; process++) queue.work(handle)
  await until((claims) => claims.length === 8)
  expect(happened).toEqual(Array.from({ length: 8 }, () => '1'))
})

test('who closes waits for the handlers that run, and keeps others from their events meanwhile', async () => {
  const { add, until, happened } = recorder()
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await queue.publishAll(recorded('last'))
  const handle = async ({ subjectId }: { subjectId: string }) => {
    add(`${subjectId} begins`)
    if (subjectId === 'last') await held
    add(`${subjectId} ends`)
  }
  const worker = queue.work(handle)
  await until((lines) => lines.includes('last begins'))
  const closed = worker.close().then(() => add('closed'))

  // Whoever frees the orphan's event has looked for those of the dead, and would have found this one.
  await queue.publishAll(recorded('orphan', { at: new Date(Date.now() + 86_400_000) }))
  await queue.pool.query(`
    update events._private_jobs set
      locked_at = now() - interval '1 minute', run_at = now(),
      locked_by = case when payload->>'subjectId' = 'orphan' then 'pool-of-the-dead' else locked_by end`)
  queue.work(handle)
  await until((lines) => lines.includes('orphan ends'))
  release()
  await closed
  expect(happened.filter((line) => !line.startsWith('orphan'))).toEqual([
    'last begins',
    'last ends',
    'closed',
  ])
})

test('a handler that does not end keeps nobody from closing, and its event comes again', async () => {
  const { add, until } = recorder()
  await queue.publishAll(recorded('endless'))
  const worker = queue.work(async ({ subjectId }) => {
    add(subjectId)
    await new Promise(() => {})
  })
  await until((subjects) => subjects.includes('endless'))
  await worker.close()
  await queue.pool.query('update events._private_jobs set run_at = now()')
  queue.work(async ({ subjectId }) => add(`${subjectId} again`))
  await until((subjects) => subjects.includes('endless again'))
})

test('a worker whose connections are all cut goes on', async () => {
  const { add, until } = recorder()
  queue.work(async ({ subjectId }) => add(subjectId))
  await queue.publishAll(recorded('before'))
  await until((subjects) => subjects.includes('before'))
  const owner = new pg.Client({ connectionString: queue.store.url })
  await owner.connect()
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'podium users worker' and datname = current_database()`
  expect((await owner.query(cut)).rowCount).toBeGreaterThan(0)
  await owner.end()
  await queue.publishAll(recorded('after'))
  await until((subjects) => subjects.includes('after'))
})

test('a worker that cannot write down that an event was handled goes on', async () => {
  const rejected: unknown[] = []
  const note = (reason: unknown) => void rejected.push(reason)
  process.on('unhandledRejection', note)
  await queue.pool.query(`
    create function events.refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
    create trigger refuse before delete on events._private_jobs
      for each row when (old.payload->>'subjectId' = 'stubborn') execute function events.refuse()`)
  const { add, until } = recorder()
  await queue.publishAll(recorded('stubborn'))
  queue.work(async ({ subjectId }) => add(subjectId))
  await until((subjects) => subjects.includes('stubborn'))
  await queue.publishAll(recorded('after'))
  await until((subjects) => subjects.includes('after'))
  await queue.pool.query('drop function events.refuse cascade')
  expect(rejected).toEqual([])
  process.off('unhandledRejection', note)
})

test('handlers must be those that platform/events.ts names', () => {
  const handlers = { 'user.joined': async () => {} }
  expect(() => workEvents({ url: queue.store.url, subgraph: 'users', handlers, logger: silent })).toThrow(
    /^users and platform\/events\.ts differ on who handles user\.joined, .*audit\.recorded/,
  )
})
