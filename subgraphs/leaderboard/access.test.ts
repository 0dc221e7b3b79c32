import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { anonymous, gateway, openTestSubgraph, person, type TestSubgraph } from './subgraph-test-support.ts'
import { at } from './test-support.ts'

let podium: TestSubgraph
beforeAll(async () => {
  podium = await openTestSubgraph()
})
afterAll(() => podium.close())

const board = 'query ($id: ID!) { leaderboard(competitionId: $id) { totalCount } }'
const frame = 'subscription ($id: ID!) { leaderboardChanged(competitionId: $id) { revision } }'
const own = 'subscription ($id: ID!) { viewerStandingChanged(competitionId: $id) { rank } }'

async function first<T>(stream: AsyncGenerator<T>): Promise<T> {
  const { value } = await stream.next()
  await stream.return(undefined)
  return value
}

test('anyone sees a public board', async () => {
  const id = await podium.open()
  expect(await podium.ask(anonymous, board, { id })).toEqual({ leaderboard: { totalCount: 0 } })
  expect(await first(podium.listen(anonymous, frame, { id }))).toEqual({
    leaderboardChanged: { revision: 0 },
  })
  expect(await podium.entity(anonymous, id)).toMatchObject({ id, leaderboard: { totalCount: 0 } })
})

test('a board by invitation is seen by its organizer, who takes part, administrators and the gateway', async () => {
  const organizer = person()
  const [member, former] = [person(), person()]
  const id = await podium.open({ visibility: 'INVITATION', organizerId: organizer.id })
  const joined = { metric: 'STEPS' as const, startsAt: at(0).toISOString(), endsAt: at(9).toISOString() }
  const participation = { ...joined, competitionId: id, countsManual: true }
  for (const { id: userId } of [member, former]) {
    await podium.handlers['participant.joined']({ ...participation, userId, version: 1 })
  }
  await podium.handlers['participant.left']({ ...participation, userId: former.id, version: 2 })
  await podium.handlers['participant.joined']({ ...participation, userId: former.id, version: 1 })

  for (const identity of [organizer, member, person(randomUUID(), 'competitions:admin'), gateway]) {
    expect(await podium.ask(identity, board, { id })).toEqual({ leaderboard: { totalCount: 0 } })
    expect(await first(podium.listen(identity, frame, { id }))).toEqual({
      leaderboardChanged: { revision: 0 },
    })
    expect(await podium.entity(identity, id)).toMatchObject({ id })
  }
  for (const identity of [
    anonymous,
    former,
    person(),
    person('nobody'),
    person(randomUUID(), 'leaderboard:admin'),
  ]) {
    expect(await podium.ask(identity, board, { id })).toEqual({ leaderboard: null })
    expect(await first(podium.listen(identity, frame, { id }))).toEqual(['NOT_FOUND'])
    expect(await podium.entity(identity, id)).toEqual(null)
  }
  expect(await first(podium.listen(member, own, { id }))).toEqual({ viewerStandingChanged: null })
  expect(await first(podium.listen(former, own, { id }))).toEqual(['NOT_FOUND'])
  expect(await first(podium.listen(anonymous, own, { id }))).toEqual(['UNAUTHENTICATED'])
})

test.each([
  ['unknown', randomUUID()],
  ['of no form', "1' or true"],
])('an id that is %s has no board, and its competition an empty one', async (_, id) => {
  for (const identity of [anonymous, person(), gateway]) {
    expect(await podium.ask(identity, board, { id })).toEqual({ leaderboard: null })
    expect(await first(podium.listen(identity, frame, { id }))).toEqual(['NOT_FOUND'])
    expect(await podium.entity(identity, id)).toEqual({
      id,
      leaderboard: { totalCount: 0, state: 'LIVE', revision: 0, updatedAt: null },
    })
  }
})

test('who takes part no more is shown no more', async () => {
  const member = person()
  const id = await podium.open({ visibility: 'INVITATION' })
  const participation = {
    ...{ competitionId: id, userId: member.id, metric: 'STEPS' as const, countsManual: true },
    ...{ startsAt: at(0).toISOString(), endsAt: at(9).toISOString() },
  }
  await podium.handlers['participant.joined']({ ...participation, version: 1 })
  let later = 0 // ms
  const realNow = Date.now
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => realNow() + later)
  try {
    const frames = podium.listen(member, frame, { id })
    await frames.next()
    await podium.handlers['participant.left']({ ...participation, version: 2 })
    later = 60_000
    await podium.score(id, randomUUID(), 7)
    await expect(frames.next()).rejects.toThrow('There is no such competition, or you may not see it.')
  } finally {
    clock.mockRestore()
  }
})
