import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Person } from '../../platform/identity.ts'
import { createErasure } from './erasure.ts'
import { at, input, openCompetitionStores, refusalsOf, someone } from './test-support.ts'

let stores: Awaited<ReturnType<typeof openCompetitionStores>>
beforeAll(async () => {
  stores = await openCompetitionStores()
})
afterAll(() => stores.close())

const erase = ({ id: userId }: Person) =>
  createErasure(stores.database.db, stores.now)({ userId, at: at(0).toISOString() })

const statusOf = async (id: string) => (await stores.competition(id)).state.status

test('drafts of an erased person go, and what was called off as a draft', async () => {
  const ada = someone()
  const draft = await stores.competitions.create(ada, input())
  const calledOff = await stores.competitions.create(ada, input())
  await stores.competitions.cancel(ada, calledOff.id, 'Rain.')
  await erase(ada)
  await erase(ada)
  expect(await stores.competitions.byIds([draft.id, calledOff.id])).toEqual([])
})

test('an open competition that nobody else is in is called off, and others hear of it', async () => {
  const ada = someone()
  const { id } = await stores.open(ada)
  await stores.participations.join(ada, id, null)
  await erase(ada)
  expect(await statusOf(id)).toBe('CANCELLED')
  expect(await stores.published('competition.cancelled', id)).toEqual([
    { competitionId: id, reason: 'Its organizer deleted their account.' },
  ])
})

test('one that others are in goes on, and nobody is invited to it any more', async () => {
  const [ada, bob] = [someone(), someone()]
  const { id } = await stores.open(ada, { visibility: 'INVITATION' })
  const code = await stores.competitions.createInvitation(ada, id)
  await stores.participations.join(bob, id, code)
  await erase(ada)
  expect(await statusOf(id)).toBe('OPEN')
  expect(await refusalsOf(stores.participations.join(someone(), id, code))).toEqual([
    ['INVITATION_REQUIRED', 'invitationCode'],
  ])
})

test('they leave what has not started, once, and stay in what has', async () => {
  const [ada, bob] = [someone(), someone()]
  const waiting = await stores.open(bob, { startsAt: at(20), endsAt: at(30) })
  const running = await stores.open(bob)
  for (const { id } of [waiting, running]) {
    await stores.participations.join(ada, id, null)
    await stores.participations.join(bob, id, null)
  }
  stores.setTime(1)
  await erase(ada)
  await erase(ada)
  stores.setTime(-1)
  expect((await stores.competition(waiting.id)).participantCount).toBe(1)
  expect((await stores.competition(running.id)).participantCount).toBe(2)
  expect(await stores.published('participant.left', waiting.id)).toMatchObject([
    { userId: ada.id, version: 2 },
  ])
  expect(await stores.published('participant.left', running.id)).toEqual([])
})

test('whatever was on its way from an erased person makes nothing', async () => {
  const [ada, bob] = [someone(), someone()]
  const own = await stores.open(ada, { visibility: 'INVITATION' })
  await stores.participations.join(bob, own.id, await stores.competitions.createInvitation(ada, own.id))
  const { id } = await stores.open(bob)
  await erase(ada)
  const refused = { extensions: { code: 'UNAUTHENTICATED' } }
  await expect(stores.competitions.create(ada, input())).rejects.toMatchObject(refused)
  await expect(stores.competitions.update(ada, own.id, { name: 'Of Ada' })).rejects.toMatchObject(refused)
  await expect(stores.competitions.createInvitation(ada, own.id)).rejects.toMatchObject(refused)
  await expect(stores.participations.join(ada, id, null)).rejects.toMatchObject(refused)
})

test('of drafts made while their maker is erased none stays', async () => {
  const ada = someone()
  await Promise.allSettled([
    ...Array.from({ length: 8 }, () => stores.competitions.create(ada, input())),
    erase(ada),
  ])
  const { rows } = await stores.database.pool.query('select from competitions where organizer_id = $1', [
    ada.id,
  ])
  expect(rows).toEqual([])
})
