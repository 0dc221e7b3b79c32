import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openProcesses, type Processes, person } from './process-test-support.ts'
import { noon } from './test-support.ts'

let processes: Processes
beforeAll(async () => {
  processes = await openProcesses()
})
afterAll(() => processes.close())

test('a person reads their feed as an entity, with what it is about', async () => {
  const [userId, moverId] = [randomUUID(), randomUUID()]
  const competitionId = await processes.competitionOf(randomUUID())
  const times = { startsAt: noon.toISOString(), endsAt: noon.toISOString() }
  const profile = { timeZone: 'UTC', visibility: 'PUBLIC', mayInvite: false, version: 1 } as const
  await processes.handle['user.joined']({ userId: moverId, displayName: 'Ada', ...profile })
  await processes.handle['participant.joined']({
    competitionId,
    userId,
    version: 1,
    metric: 'STEPS',
    countsManual: true,
    ...times,
  })
  await processes.handle['competition.started']({ competitionId })
  await processes.handle['standing.changed']({
    competitionId,
    userId: moverId,
    version: 1,
    overtaken: [userId],
  })
  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      ... on Viewer {
        unreadNotificationCount
        notifications { edges { node { category title at readAt competition { id } user { id } } } }
      }
    }
  }`
  const representations = [{ __typename: 'Viewer', id: userId }]
  expect(await processes.send(person(userId), query, { representations })).toEqual({
    _entities: [
      {
        unreadNotificationCount: 2,
        notifications: {
          edges: [
            {
              node: {
                category: 'RANK',
                title: 'Ada overtook you',
                at: noon.toISOString(),
                readAt: null,
                competition: { id: competitionId },
                user: { id: moverId },
              },
            },
            {
              node: {
                category: 'COMPETITION',
                title: 'Spring Steps has started',
                at: noon.toISOString(),
                readAt: null,
                competition: { id: competitionId },
                user: null,
              },
            },
          ],
        },
      },
    ],
  })
  expect(await processes.send(person(randomUUID()), query, { representations })).toEqual({
    _entities: [null],
  })
})

const MARK = `mutation ($ids: [ID!]) {
  markNotificationsRead(ids: $ids) { viewer { unreadNotificationCount } userErrors { code field } }
}`

test('marking as read answers with the count that is left', async () => {
  const userId = randomUUID()
  await processes.tell(userId, 'Spring Steps')
  const left = { viewer: { unreadNotificationCount: 0 }, userErrors: [] }
  expect(await processes.send(person(userId), MARK)).toEqual({ markNotificationsRead: left })
})

test('an id that is not the caller’s is a userError', async () => {
  expect(await processes.send(person(randomUUID()), MARK, { ids: [randomUUID()] })).toEqual({
    markNotificationsRead: { viewer: null, userErrors: [{ code: 'NOT_FOUND', field: ['ids', '0'] }] },
  })
})

test('nobody who is not signed in marks or listens', async () => {
  await expect(processes.send({ kind: 'anonymous' }, MARK)).rejects.toMatchObject({
    extensions: { code: 'UNAUTHENTICATED' },
  })
})
