import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { at, input, openCompetitionStores, refusalsOf, someone } from './test-support.ts'

let stores: Awaited<ReturnType<typeof openCompetitionStores>>
beforeAll(async () => {
  stores = await openCompetitionStores()
})
afterAll(() => stores.close())
beforeEach(() => stores.setTime(-1))

const organizer = someone()
const stranger = someone()

test('a draft has what was given, what was left open, and nothing of the white space around', async () => {
  const draft = await stores.competitions.create(organizer, input({ name: ' May steps ', description: ' ' }))
  expect(draft).toEqual({
    id: expect.any(String),
    organizerId: organizer.id,
    name: 'May steps',
    description: null,
    metric: 'STEPS',
    startsAt: at(0),
    endsAt: at(8),
    timeZone: 'UTC',
    visibility: 'PUBLIC',
    capacity: null,
    minimumParticipants: 1,
    participantCount: 0,
    nameVersion: 0,
    state: { status: 'DRAFT' },
  })
})

test('every fault is told at once', async () => {
  const made = stores.competitions.create(organizer, input({ name: ' ', endsAt: at(-2), capacity: 1 }))
  expect(await refusalsOf(made)).toEqual([
    ['INVALID_INPUT', 'name'],
    ['INVALID_INPUT', 'endsAt'],
    ['INVALID_INPUT', 'capacity'],
    ['INVALID_INPUT', 'endsAt'],
  ])
})

test('opening tells the others, fixes the time for late syncs and schedules the start', async () => {
  const { id, state } = await stores.open(organizer)
  expect(state).toEqual({ status: 'OPEN', openedAt: at(-1), syncUntil: at(12) })
  expect(await stores.published('competition.opened', id)).toEqual([
    {
      competitionId: id,
      name: 'May steps',
      metric: 'STEPS',
      visibility: 'PUBLIC',
      organizerId: organizer.id,
      startsAt: at(0).toISOString(),
      endsAt: at(8).toISOString(),
    },
  ])
  expect(await stores.jobs('competition.due', id)).toMatchObject([{ runAt: at(0) }])
})

test('it opens once, and not when its end has passed meanwhile', async () => {
  const { id } = await stores.open(organizer)
  expect(await refusalsOf(stores.competitions.open(organizer, id))).toEqual([['CONFLICT']])
  const draft = await stores.competitions.create(organizer, input())
  stores.setTime(8)
  expect(await refusalsOf(stores.competitions.open(organizer, draft.id))).toEqual([
    ['INVALID_INPUT', 'endsAt'],
  ])
})

test('one opened after its start is active at once and waits for its end', async () => {
  stores.setTime(3)
  const { id, state } = await stores.open(organizer)
  expect(state.status).toBe('ACTIVE')
  expect(await stores.published('competition.opened', id)).toHaveLength(1)
  expect(await stores.published('competition.started', id)).toHaveLength(1)
  expect(await stores.jobs('competition.due', id)).toMatchObject([{ runAt: at(8) }])
})

test('a draft changes in everything, an open competition in its name, description and capacity', async () => {
  const draft = await stores.competitions.create(organizer, input())
  const change = { metric: 'DISTANCE', startsAt: at(1), timeZone: 'Europe/Helsinki', capacity: 9 } as const
  expect(await stores.competitions.update(organizer, draft.id, change)).toMatchObject(change)
  await stores.competitions.open(organizer, draft.id)
  const allowed = { name: 'June steps', description: 'Walk.', capacity: 3 }
  expect(await stores.competitions.update(organizer, draft.id, allowed)).toMatchObject({
    ...change,
    ...allowed,
  })
  expect(await refusalsOf(stores.competitions.update(organizer, draft.id, { metric: 'STEPS' }))).toEqual([
    ['NOT_ALLOWED', 'metric'],
  ])
})

test('what an update does not name stays, and null empties', async () => {
  const draft = await stores.competitions.create(organizer, input({ description: 'Walk.', capacity: 5 }))
  expect(await stores.competitions.update(organizer, draft.id, {})).toEqual(draft)
  const emptied = await stores.competitions.update(organizer, draft.id, { description: null, capacity: null })
  expect(emptied).toMatchObject({ description: null, capacity: null, name: 'May steps' })
})

test('each new name after opening is told with a version of its own, and a draft’s is not', async () => {
  const { id } = await stores.competitions.create(organizer, input())
  await stores.competitions.update(organizer, id, { name: 'Draft' })
  await stores.competitions.open(organizer, id)
  for (const name of ['One', 'One', 'Two']) await stores.competitions.update(organizer, id, { name })
  expect(await stores.published('competition.renamed', id)).toEqual([
    { competitionId: id, name: 'One', version: 1 },
    { competitionId: id, name: 'Two', version: 2 },
  ])
})

test('the capacity does not go below those who are in it', async () => {
  const { id } = await stores.open(organizer)
  for (let seats = 0; seats < 3; seats++) await stores.participations.join(someone(), id, null)
  expect(await refusalsOf(stores.competitions.update(organizer, id, { capacity: 2 }))).toEqual([
    ['INVALID_INPUT', 'capacity'],
  ])
  expect(await stores.competitions.update(organizer, id, { capacity: 3 })).toMatchObject({ capacity: 3 })
})

test('its organizer alone changes it: others are refused, and do not even find what they may not see', async () => {
  const { competitions } = stores
  const open = await stores.open(organizer)
  const draft = await competitions.create(organizer, input())
  for (const [id, code] of [
    [open.id, 'NOT_ALLOWED'],
    [draft.id, 'NOT_FOUND'],
    [randomUUID(), 'NOT_FOUND'],
    ["'; drop", 'NOT_FOUND'],
  ] as const) {
    const calls = [
      competitions.update(stranger, id, { name: 'Mine' }),
      competitions.open(stranger, id),
      competitions.cancel(stranger, id, 'Rain.'),
      competitions.createInvitation(stranger, id),
    ]
    expect(await Promise.all(calls.map(refusalsOf))).toEqual([[[code]], [[code]], [[code]], [[code]]])
  }
})

test('an administrator may call one off, which is audited, and nothing else', async () => {
  const admin = someone(['competitions:admin'])
  const { id } = await stores.open(organizer)
  expect(await refusalsOf(stores.competitions.update(admin, id, { name: 'Mine' }))).toEqual([['NOT_ALLOWED']])
  const { state } = await stores.competitions.cancel(admin, id, ' Rain. ')
  expect(state).toMatchObject({ status: 'CANCELLED', reason: 'Rain.' })
  expect(await stores.published('competition.cancelled', id)).toEqual([
    { competitionId: id, reason: 'Rain.' },
  ])
  const { rows } = await stores.queue.query(
    "select payload from events._private_jobs where payload->>'subjectId' = $1",
    [id],
  )
  expect(rows).toMatchObject([{ payload: { actorId: admin.id, action: 'competition.cancelled' } }])
})

test('a draft that is called off was never seen, and nobody is told', async () => {
  const { id } = await stores.competitions.create(organizer, input())
  await stores.competitions.cancel(organizer, id, 'Rain.')
  expect(await stores.published('competition.cancelled', id)).toEqual([])
  expect(await refusalsOf(stores.competitions.cancel(organizer, id, 'Again.'))).toEqual([
    ['COMPETITION_CLOSED'],
  ])
})

test('it is too late to call off what should be finalized, even where its job has not come yet', async () => {
  const { id } = await stores.open(organizer, { minimumParticipants: 1 })
  await stores.participations.join(stranger, id, null)
  stores.setTime(12)
  expect(await refusalsOf(stores.competitions.cancel(organizer, id, 'Rain.'))).toEqual([
    ['COMPETITION_CLOSED'],
  ])
})

test('what is being finalized, is completed or was called off does not change any more', async () => {
  const { competitions, participations } = stores
  const called = await stores.open(organizer)
  await competitions.cancel(organizer, called.id, 'Rain.')
  const { id } = await stores.open(organizer)
  await participations.join(stranger, id, null)
  const rename = (of: string) => refusalsOf(competitions.update(organizer, of, { name: 'Late' }))
  expect(await rename(called.id)).toEqual([['COMPETITION_CLOSED']])
  stores.setTime(11)
  expect(await competitions.update(organizer, id, { name: 'In time' })).toMatchObject({ name: 'In time' })
  stores.setTime(12)
  expect(await rename(id)).toEqual([['COMPETITION_CLOSED']])
  await competitions.step(id)
  await competitions.complete(id, 'digest')
  expect(await rename(id)).toEqual([['COMPETITION_CLOSED']])
})

test('a reason that cannot be kept is refused', async () => {
  const { id } = await stores.open(organizer)
  for (const reason of ['Rain\u0000', 'Rain \ud83c']) {
    expect(await refusalsOf(stores.competitions.cancel(organizer, id, reason))).toEqual([
      ['INVALID_INPUT', 'reason'],
    ])
  }
})

test('a new invitation code stops the one before, and only its hash is kept', async () => {
  const { id } = await stores.open(organizer, { visibility: 'INVITATION' })
  const first = await stores.competitions.createInvitation(organizer, id)
  const second = await stores.competitions.createInvitation(organizer, id)
  expect(await refusalsOf(stores.participations.join(stranger, id, first))).toEqual([
    ['INVITATION_REQUIRED', 'invitationCode'],
  ])
  await stores.participations.join(stranger, id, second)
  const { rows } = await stores.database.pool.query('select * from competitions where id = $1', [id])
  expect(JSON.stringify(rows)).not.toContain(second)
})

test('a public competition has no invitations', async () => {
  const { id } = await stores.open(organizer)
  expect(await refusalsOf(stores.competitions.createInvitation(organizer, id))).toEqual([['NOT_ALLOWED']])
})
