import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Person } from '../../platform/identity.ts'
import { createErasure } from './erasure.ts'
import { at, input, openCompetitionStores, refusalsOf, someone } from './test-support.ts'

let stores: Awaited<ReturnType<typeof openCompetitionStores>>
beforeAll(async () => {
  stores = await openCompetitionStores()
})
beforeEach(() => stores.setTime(-1))
afterAll(() => stores.close())

const organizer = someone()

/** An affiliate, of whom the users subgraph has told. */
async function affiliate(): Promise<Person> {
  const person = someone(['competitions:invite'])
  await told(person, 1, true)
  return person
}

const told = ({ id }: Person, version: number, mayInvite: boolean) =>
  stores.profiles.save({ userId: id, visibility: 'PUBLIC', version, mayInvite })
const invite = (inviter: Person, id: string) => stores.competitions.createInvitation(inviter, id)
const join = (person: Person, id: string, code: string | null) => stores.participations.join(person, id, code)
const counts = async ({ id }: Person) => (await listed(id)).map(({ joinedCount }) => joinedCount)
const listed = (inviterId: string) => stores.invitations.by(inviterId, { limit: 10, after: null })

const refusedCode = [['INVALID_INPUT', 'invitationCode']]

test('whoever joins a public competition by an affiliate’s code counts for them', async () => {
  const { id } = await stores.open(organizer)
  const inviter = await affiliate()
  const code = await invite(inviter, id)
  expect(await listed(inviter.id)).toEqual([{ competitionId: id, createdAt: at(-1), joinedCount: 0 }])
  expect(await join(someone(), id, ` ${code} `)).toMatchObject({ invitedBy: inviter.id })
  expect(await join(someone(), id, null)).toMatchObject({ invitedBy: null })
  expect(await join(someone(), id, '')).toMatchObject({ invitedBy: null })
  expect(await counts(inviter)).toEqual([1])
  expect(await stores.invitations.countInvited(inviter.id)).toBe(1)
})

test('a code that does not invite to a public competition is refused, so that nobody thinks it counted', async () => {
  const [{ id }, other] = [await stores.open(organizer), await stores.open(organizer)]
  const inviter = await affiliate()
  const [first, second] = [await invite(inviter, id), await invite(inviter, id)]
  const elsewhere = await invite(inviter, other.id)
  for (const code of ['unknown', first, elsewhere]) {
    expect(await refusalsOf(join(someone(), id, code))).toEqual(refusedCode)
  }
  expect(await refusalsOf(join(inviter, id, second))).toEqual(refusedCode)
  await join(inviter, id, null)
  await join(someone(), id, second)
  expect(await stores.invitations.countInvited(inviter.id)).toBe(1)
})

test('every affiliate has a code of their own, and each person came by one', async () => {
  const { id } = await stores.open(organizer)
  const [one, two] = [await affiliate(), await affiliate()]
  const codes = [await invite(one, id), await invite(two, id)]
  await Promise.all([0, 0, 1, 0].map((which) => join(someone(), id, codes[which] ?? null)))
  expect([await counts(one), await counts(two)]).toEqual([[3], [1]])
})

test('two joins by one code at once count twice, and one person’s twenty once', async () => {
  const { id } = await stores.open(organizer)
  const inviter = await affiliate()
  const code = await invite(inviter, id)
  await Promise.all([join(someone(), id, code), join(someone(), id, code)])
  const guest = someone()
  await Promise.allSettled(Array.from({ length: 20 }, () => join(guest, id, code)))
  expect(await counts(inviter)).toEqual([3])
  expect((await stores.competition(id)).participantCount).toBe(3)
})

test('how somebody came the first time counts, while they are in it', async () => {
  const { id } = await stores.open(organizer)
  const [one, two] = [await affiliate(), await affiliate()]
  const codes = [await invite(one, id), await invite(two, id)] as const
  const [guest, uninvited] = [someone(), someone()]
  await join(guest, id, codes[0])
  await join(uninvited, id, null)
  for (const person of [guest, uninvited]) await stores.participations.leave(person, id)
  expect([await counts(one), await counts(two)]).toEqual([[0], [0]])
  for (const person of [guest, uninvited]) await join(person, id, codes[1])
  expect([await counts(one), await counts(two)]).toEqual([[1], [0]])
})

test('a new code keeps what came of the one before', async () => {
  const { id } = await stores.open(organizer)
  const inviter = await affiliate()
  await join(someone(), id, await invite(inviter, id))
  stores.setTime(1)
  await join(someone(), id, await invite(inviter, id))
  expect(await listed(inviter.id)).toEqual([{ competitionId: id, createdAt: at(1), joinedCount: 2 }])
})

test('the codes of who is no affiliate any more do not invite, and do again once they are one', async () => {
  const { id } = await stores.open(organizer)
  const inviter = await affiliate()
  const code = await invite(inviter, id)
  await told(inviter, 2, false)
  expect(await refusalsOf(join(someone(), id, code))).toEqual(refusedCode)
  await told(inviter, 1, true)
  expect(await refusalsOf(join(someone(), id, code))).toEqual(refusedCode)
  await told(inviter, 3, true)
  await join(someone(), id, code)
  expect(await counts(inviter)).toEqual([1])
})

test('affiliates invite to public competitions that can be joined, and to no others', async () => {
  const inviter = await affiliate()
  const draft = await stores.competitions.create(inviter, input())
  expect(await refusalsOf(invite(inviter, draft.id))).toEqual([['COMPETITION_CLOSED']])
  const secret = await stores.open(organizer, { visibility: 'INVITATION' })
  expect(await refusalsOf(invite(inviter, secret.id))).toEqual([['NOT_FOUND']])
  await join(inviter, secret.id, await invite(organizer, secret.id))
  expect(await refusalsOf(invite(inviter, secret.id))).toEqual([['NOT_ALLOWED']])
  const { id } = await stores.open(organizer)
  expect(await refusalsOf(invite(someone(), id))).toEqual([['NOT_ALLOWED']])
  stores.setTime(8)
  expect(await refusalsOf(invite(inviter, id))).toEqual([['COMPETITION_CLOSED']])
})

test('an organizer sees how many came by invitation, themselves not among them', async () => {
  const host = someone()
  const { id } = await stores.open(host, { visibility: 'INVITATION' })
  const code = await invite(host, id)
  await join(host, id, code)
  await join(someone(), id, code)
  expect(await counts(host)).toEqual([1])
})

test('codes for a draft that becomes public work no more, and those for a public one outlive its changes', async () => {
  const draft = await stores.competitions.create(organizer, input({ visibility: 'INVITATION' }))
  const code = await invite(organizer, draft.id)
  await stores.competitions.update(organizer, draft.id, { name: 'Renamed' })
  await stores.competitions.update(organizer, draft.id, { visibility: 'PUBLIC' })
  const { id } = await stores.competitions.open(organizer, draft.id)
  expect(await refusalsOf(join(someone(), id, code))).toEqual(refusedCode)
  const kept = await invite(await affiliate(), id)
  await stores.competitions.update(organizer, id, { name: 'Renamed again' })
  await join(someone(), id, kept)
})

test('the codes of who was erased invite nobody, and whom they invited stay', async () => {
  const { id } = await stores.open(organizer)
  const inviter = await affiliate()
  const code = await invite(inviter, id)
  await join(someone(), id, code)
  await createErasure(stores.database.db, stores.now)({ userId: inviter.id, at: at(-1).toISOString() })
  expect(await refusalsOf(join(someone(), id, code))).toEqual(refusedCode)
  expect((await stores.competition(id)).participantCount).toBe(1)
})

test('what somebody invites to is listed latest first, page by page', async () => {
  const inviter = await affiliate()
  const ids: string[] = []
  for (const hours of [-1, 0, 1]) {
    stores.setTime(hours)
    const { id } = await stores.open(organizer, { startsAt: at(4), endsAt: at(8) })
    await invite(inviter, id)
    ids.unshift(id)
  }
  const first = await stores.invitations.by(inviter.id, { limit: 2, after: null })
  const last = first.at(-1)
  if (!last) throw new Error('an empty page')
  const after = { time: last.createdAt.getTime(), id: last.competitionId }
  const second = await stores.invitations.by(inviter.id, { limit: 2, after })
  expect([...first, ...second].map(({ competitionId }) => competitionId)).toEqual(ids)
  expect(await stores.invitations.countBy(inviter.id)).toBe(3)
})
