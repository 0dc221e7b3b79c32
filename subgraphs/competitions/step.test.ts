import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { publish } from '../../platform/event-queue.ts'
import { workEvents } from '../../platform/event-worker.ts'
import { NotYetError } from '../../platform/events.ts'
import { silent } from '../../test/support/stores.ts'
import { dueAt } from './announcements.ts'
import { createHandlers } from './handlers.ts'
import { at, openCompetitionStores, refusalsOf, someone } from './test-support.ts'

const MINUTE = 60_000 // ms

let stores: Awaited<ReturnType<typeof openCompetitionStores>>
beforeAll(async () => {
  stores = await openCompetitionStores()
})
afterAll(() => stores.close())
beforeEach(() => stores.setTime(-1))

const organizer = someone()

const steps = ['started', 'closed', 'finalized', 'completed', 'cancelled']

/** The steps of a competition's life that were published, in order. */
async function told(id: string) {
  const { rows } = await stores.queue.query<{ name: string }>(
    `select split_part(identifier, '.', 2) as name
     from events._private_jobs job join events._private_tasks task on task.id = task_id
     where identifier like '%/competition.%' and payload->>'competitionId' = $1 group by 1 order by min(job.id)`,
    [id],
  )
  return rows.map(({ name }) => name).filter((name) => steps.includes(name))
}

async function openWithOne() {
  const { id } = await stores.open(organizer)
  await stores.participations.join(someone(), id, null)
  return id
}

const due = async (id: string) => (await stores.jobs('competition.due', id)).map(({ runAt }) => runAt)

const handlersOf = () => createHandlers({ store: stores.competitions, profiles: stores.profiles })
const step = (id: string) => handlersOf()['competition.due']?.({ competitionId: id })

test('each step is taken at its time and schedules the next', async () => {
  const id = await openWithOne()
  const seen = []
  for (const hours of [0, 8, 12]) {
    stores.setTime(hours)
    await step(id)
    seen.push([(await stores.competition(id)).state.status, ...(await due(id))])
  }
  expect(seen).toEqual([
    ['ACTIVE', at(8)],
    ['CLOSING', at(12)],
    ['FINALIZING', at(12)], // the job that ran, which only its worker removes
  ])
})

test('after a long absence every step is taken, in order, each with its event', async () => {
  const id = await openWithOne()
  stores.setTime(1_000)
  await step(id)
  expect(await told(id)).toEqual(['started', 'closed', 'finalized'])
})

test('a step that is delivered many times at once is taken once', async () => {
  const id = await openWithOne()
  stores.setTime(8)
  await Promise.all(Array.from({ length: 10 }, () => step(id)))
  expect(await told(id)).toEqual(['started', 'closed'])
  expect(await stores.jobs('competition.started', id)).toHaveLength(1)
  expect(await due(id)).toEqual([at(12)])
})

test('a step before its time is scheduled again for it', async () => {
  const id = await openWithOne()
  await step(id)
  expect(await told(id)).toEqual([])
  expect(await due(id)).toEqual([at(0)])
})

test('a step that is due by the database’s clock and not by ours waits a minute', async () => {
  const id = await openWithOne()
  const past = new Date(Date.now() - 8_640_000_000)
  await stores.database.pool.query('update competitions set starts_at = $2 where id = $1', [id, past])
  stores.setTime((past.getTime() - at(0).getTime()) / 3_600_000 - 1)
  const before = Date.now()
  await step(id)
  const [runAt] = await due(id)
  expect(runAt?.getTime()).toBeGreaterThanOrEqual(before + MINUTE - 1_000)
  expect(runAt?.getTime()).toBeLessThan(Date.now() + 2 * MINUTE)
})

test('too few participants at the start cancel it', async () => {
  const { id } = await stores.open(organizer, { minimumParticipants: 2 })
  await stores.participations.join(someone(), id, null)
  stores.setTime(0)
  await step(id)
  expect(await told(id)).toEqual(['cancelled'])
  expect(await stores.published('competition.cancelled', id)).toEqual([
    { competitionId: id, reason: expect.stringContaining('1 of at least 2') },
  ])
  await step(id)
  expect(await told(id)).toEqual(['cancelled'])
})

test('who comes after the start does not save it, however late its job is', async () => {
  const { id } = await stores.open(organizer, { minimumParticipants: 1 })
  stores.setTime(1)
  expect(await refusalsOf(stores.participations.join(someone(), id, null))).toEqual([['COMPETITION_CLOSED']])
  await step(id)
  expect(await told(id)).toEqual(['cancelled'])
})

test('one opened after its start is judged at its end', async () => {
  stores.setTime(1)
  const [empty, taken] = [await stores.open(organizer), await stores.open(organizer)]
  await stores.participations.join(someone(), taken.id, null)
  stores.setTime(8)
  await Promise.all([step(empty.id), step(taken.id)])
  expect(await told(empty.id)).toEqual(['started', 'cancelled'])
  expect(await told(taken.id)).toEqual(['started', 'closed'])
})

test('finalizing tells the sum of the versions of all participations', async () => {
  const id = await openWithOne()
  const guest = someone()
  await stores.participations.join(guest, id, null)
  await stores.participations.leave(guest, id)
  stores.setTime(12)
  await step(id)
  expect(await stores.published('competition.finalized', id)).toEqual([
    { competitionId: id, participationVersions: 3 },
  ])
})

test('frozen standings complete it, once, and not before it is finalized', async () => {
  const id = await openWithOne()
  const frozen = handlersOf()['board.frozen']
  await expect(frozen?.({ competitionId: id, digest: 'd1' })).rejects.toThrow(NotYetError)
  stores.setTime(12)
  await step(id)
  for (const digest of ['d1', 'd1', 'd2']) await frozen?.({ competitionId: id, digest })
  expect((await stores.competition(id)).state).toMatchObject({ status: 'COMPLETED', digest: 'd1' })
  expect(await stores.jobs('competition.completed', id)).toHaveLength(1)
})

test('a worker takes a step, and the job of the next one remains', async () => {
  const id = await openWithOne()
  stores.setTime(0)
  await publish(stores.database.db, [dueAt(id, new Date())])
  const { url } = stores.database
  const ignore = async () => {}
  const handlers = { ...handlersOf(), 'export.requested': ignore, 'user.erased': ignore }
  const worker = workEvents({ url, subgraph: 'competitions', handlers, logger: silent })
  while ((await due(id)).some((runAt) => runAt < at(8))) await sleep(20)
  await worker.close()
  expect(await due(id)).toEqual([at(8)])
  expect(await told(id)).toEqual(['started'])
})

test('a step of what does not exist, or is cancelled, does nothing', async () => {
  await step('none')
  const id = await openWithOne()
  await stores.competitions.cancel(organizer, id, 'Rain.')
  stores.setTime(12)
  await step(id)
  expect(await told(id)).toEqual(['cancelled'])
})
