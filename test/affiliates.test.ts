import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { join, leave, openCompetition, quarter } from './support/operations.ts'
import { askGateway } from './support/raw.ts'
import { eventually, openTestSupergraph, type Person, type TestSupergraph } from './support/supergraph.ts'

const ERRORS = 'userErrors { code message field }'

let podium: TestSupergraph
let admin: Person
let organizer: Person
beforeAll(async () => {
  podium = await openTestSupergraph()
  admin = await podium.admin('Root')
  organizer = await podium.person('Olga')
})
afterAll(() => podium.close())

const competition = (change: object = {}) =>
  openCompetition(organizer, {
    startsAt: quarter(podium.now(), -24),
    endsAt: quarter(podium.now(), 24),
    ...change,
  })

async function setRole(person: Person, role: string): Promise<Person> {
  await admin.mutate(
    `mutation ($userId: ID!, $role: Role!) { setUserRole(userId: $userId, role: $role) { ${ERRORS} } }`,
    { userId: person.id, role },
  )
  return person.again()
}

const invite = async (inviter: Person, id: string) =>
  (
    await inviter.mutate<{ code: string }>(
      `mutation ($id: ID!) { createInvitation(competitionId: $id) { code ${ERRORS} } }`,
      { id },
    )
  ).code

type Invitations = {
  invitedCount: number
  invitations: {
    totalCount: number
    edges: { node: { competition: { id: string }; joinedCount: number } }[]
  }
}

async function invited(person: Person) {
  const { viewer } = await person.send<{ viewer: Invitations }>(
    '{ viewer { invitedCount invitations { totalCount edges { node { competition { id } createdAt joinedCount } } } } }',
  )
  const { invitedCount, invitations } = viewer
  expect(invitations.totalCount).toBe(invitations.edges.length)
  return {
    invitedCount,
    joined: invitations.edges.map(({ node }) => [node.competition.id, node.joinedCount]),
  }
}

/** What joining with a code is refused with. */
async function refusal(person: Person, id: string, invitationCode: string) {
  const query = `mutation ($id: ID!, $code: String) { joinCompetition(id: $id, invitationCode: $code) { ${ERRORS} } }`
  const { data } = await askGateway(podium.url, query, { id, code: invitationCode }, person.token)
  const { joinCompetition } = data as { joinCompetition: { userErrors: { code: string; field: string[] }[] } }
  return joinCompetition.userErrors.map(({ code, field }) => [code, ...field])
}

test('an affiliate invites with a code of their own, sees who joined by it, and invites nobody once they are none', async () => {
  const id = await competition()
  const affiliate = await setRole(await podium.person('Finn'), 'AFFILIATE')
  const code = await invite(affiliate, id)
  const guest = await podium.person('Gus')
  // That they are one is known there by an event.
  await eventually(
    () => refusal(guest, id, code),
    (refused) => refused.length === 0,
  )
  await join(await podium.person('Hal'), id, code)
  await join(await podium.person('Ivy'), id)
  expect(await invited(affiliate)).toEqual({ invitedCount: 2, joined: [[id, 2]] })
  await leave(guest, id)
  expect(await invited(affiliate)).toEqual({ invitedCount: 1, joined: [[id, 1]] })
  await join(guest, id)
  expect(await invited(affiliate)).toEqual({ invitedCount: 2, joined: [[id, 2]] })

  const suspend = (verb: string) =>
    admin.mutate(`mutation ($id: ID!) { ${verb}(userId: $id, reason: "Spam.") { ${ERRORS} } }`, {
      id: affiliate.id,
    })
  const late = await podium.person('Lou')
  // Joining without a code undoes what the attempts before the event came.
  const untilRefused = () =>
    eventually(
      async () => {
        const refused = await refusal(late, id, code)
        if (refused.length === 0) await leave(late, id)
        return refused
      },
      ([first]) => first?.[0] === 'INVALID_INPUT',
    )
  await suspend('suspendUser')
  expect(await untilRefused()).toEqual([['INVALID_INPUT', 'invitationCode']])
  await suspend('unsuspendUser')
  await eventually(
    () => refusal(late, id, code),
    (refused) => refused.length === 0,
  )
  const demoted = await setRole(await affiliate.again(), 'USER')
  await leave(late, id)
  expect(await untilRefused()).toEqual([['INVALID_INPUT', 'invitationCode']])
  expect((await invited(demoted)).joined).toEqual([[id, 2]])
})

test('an organizer sees how many joined by invitation', async () => {
  const id = await competition({ visibility: 'INVITATION' })
  const code = await invite(organizer, id)
  await join(organizer, id)
  await join(await podium.person('May'), id, code)
  expect((await invited(organizer)).joined).toEqual([[id, 1]])
})

test('what somebody invited to is theirs alone to see', async () => {
  const id = await competition()
  const query = `mutation ($id: ID!) { createInvitation(competitionId: $id) { code ${ERRORS} } }`
  const { data } = await askGateway(podium.url, query, { id }, (await podium.person('Ned')).token)
  expect(data?.createInvitation).toMatchObject({ code: null, userErrors: [{ code: 'NOT_ALLOWED' }] })
  expect((await askGateway(podium.url, query, { id })).errors).toMatchObject([
    { extensions: { code: 'UNAUTHENTICATED' } },
  ])
  const own = '{ viewer { invitedCount invitations { totalCount } } }'
  expect((await askGateway(podium.url, own, {})).data).toEqual({ viewer: null })
})
