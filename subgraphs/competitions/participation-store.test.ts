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

test('fifty who join at once take the ten places that there are', async () => {
  const { id } = await stores.open(organizer, { capacity: 10 })
  const joins = Array.from({ length: 50 }, () => stores.participations.join(someone(), id, null))
  const outcomes = await Promise.allSettled(joins)
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  expect(refused).toHaveLength(40)
  expect(
    new Set(refused.flatMap(({ refusals }) => refusals.map(({ code }: { code: string }) => code))),
  ).toEqual(new Set(['COMPETITION_FULL']))
  expect((await stores.competition(id)).participantCount).toBe(10)
  expect(await stores.published('participant.joined', id)).toHaveLength(10)
})

test('the same person who joins many times at once is in it once', async () => {
  const { id } = await stores.open(organizer)
  const guest = someone()
  await Promise.allSettled(Array.from({ length: 10 }, () => stores.participations.join(guest, id, null)))
  expect((await stores.competition(id)).participantCount).toBe(1)
})

test('every change of a participation has the next version, and is told', async () => {
  const { id } = await stores.open(organizer)
  const guest = someone()
  await stores.participations.join(guest, id, null)
  await stores.participations.leave(guest, id)
  stores.setTime(-0.5)
  expect(await stores.participations.join(guest, id, null)).toEqual({
    competitionId: id,
    userId: guest.id,
    status: 'JOINED',
    joinedAt: at(-0.5),
    version: 3,
    invitedBy: null,
  })
  const facts = { competitionId: id, userId: guest.id, metric: 'STEPS', countsManual: true }
  const times = { startsAt: at(0).toISOString(), endsAt: at(8).toISOString() }
  const joined = await stores.published('participant.joined', id)
  const left = await stores.published('participant.left', id)
  expect(joined).toEqual([
    { ...facts, ...times, version: 1 },
    { ...facts, ...times, version: 3 },
  ])
  expect(left).toEqual([{ ...facts, ...times, version: 2 }])
  expect((await stores.competition(id)).participantCount).toBe(1)
})

test('places are taken and given back while it is open or active, and not after', async () => {
  const { id } = await stores.open(organizer)
  const [early, late] = [someone(), someone()]
  await stores.participations.join(early, id, null)
  stores.setTime(4)
  await stores.participations.join(late, id, null)
  await stores.participations.leave(early, id)
  stores.setTime(8)
  expect(await refusalsOf(stores.participations.join(early, id, null))).toEqual([['COMPETITION_CLOSED']])
  expect(await refusalsOf(stores.participations.leave(late, id))).toEqual([['COMPETITION_CLOSED']])
})

test('a draft is not there for others, and closed to its organizer', async () => {
  const { id } = await stores.competitions.create(organizer, input())
  expect(await refusalsOf(stores.participations.join(someone(), id, null))).toEqual([['NOT_FOUND']])
  expect(await refusalsOf(stores.participations.join(organizer, id, null))).toEqual([['COMPETITION_CLOSED']])
})

test('what is not there cannot be joined or left', async () => {
  for (const id of [randomUUID(), 'none']) {
    expect(await refusalsOf(stores.participations.join(organizer, id, null))).toEqual([['NOT_FOUND']])
    expect(await refusalsOf(stores.participations.leave(organizer, id))).toEqual([['NOT_FOUND']])
  }
})

test('joining twice, and leaving without being in it, are refused', async () => {
  const { id } = await stores.open(organizer)
  const guest = someone()
  expect(await refusalsOf(stores.participations.leave(guest, id))).toEqual([['CONFLICT']])
  await stores.participations.join(guest, id, null)
  expect(await refusalsOf(stores.participations.join(guest, id, null))).toEqual([['ALREADY_JOINED']])
})

test('by invitation people join with the code, again with the code, and the organizer without', async () => {
  const { id } = await stores.open(organizer, { visibility: 'INVITATION' })
  const code = await stores.competitions.createInvitation(organizer, id)
  const guest = someone()
  const without = [['INVITATION_REQUIRED', 'invitationCode']]
  expect(await refusalsOf(stores.participations.join(guest, id, null))).toEqual(without)
  expect(await refusalsOf(stores.participations.join(guest, id, `${code}x`))).toEqual(without)
  await stores.participations.join(guest, id, ` ${code} `)
  await stores.participations.leave(guest, id)
  expect(await refusalsOf(stores.participations.join(guest, id, null))).toEqual(without)
  await stores.participations.join(guest, id, code)
  await stores.participations.join(organizer, id, null)
})
