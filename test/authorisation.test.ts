import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type FieldDefinitionNode, Kind, type TypeNode } from 'graphql'
import type { Identity } from '../platform/identity.ts'
import { scopesOf } from '../subgraphs/users/roles.ts'
import { type DeclaredField, declaredFields } from './support/fields.ts'
import { board, hour, join, openCompetition, quarter, sync } from './support/operations.ts'
import { type Answer, askGateway, askSubgraph, firstOfSubscription } from './support/raw.ts'
import { eventually, openTestSupergraph, type Person, type TestSupergraph } from './support/supergraph.ts'

// Generated from the SDL: every field, for an anonymous caller, another person, the owner and an administrator,
// through the gateway and through _entities. A new field is tested by being declared; one that no rule here covers fails.

const callers = ['anonymous', 'another person', 'the owner', 'an administrator'] as const
type Caller = (typeof callers)[number]

const fields = declaredFields()
const roots = ['Query', 'Mutation', 'Subscription']

/** How a query comes to a type: `*` stands for the selection. Ids are variables. */
const reach: Record<string, string> = {
  Competition: 'competition(id: $id) { * }',
  CompetitionConnection: 'competitions(first: 5) { * }',
  CompetitionEdge: 'competitions(first: 5) { edges { * } }',
  PageInfo: 'competitions(first: 5) { pageInfo { * } }',
  ParticipationConnection: 'competition(id: $id) { participants { * } }',
  ParticipationEdge: 'competition(id: $id) { participants { edges { * } } }',
  Participation: 'competition(id: $id) { participants { edges { node { * } } } }',
  Leaderboard: 'leaderboard(competitionId: $id) { * }',
  StandingConnection: 'leaderboard(competitionId: $id) { standings { * } }',
  StandingEdge: 'leaderboard(competitionId: $id) { standings { edges { * } } }',
  Standing: 'leaderboard(competitionId: $id) { standings { edges { node { * } } } }',
  User: 'user(id: $userId) { * }',
  Viewer: 'viewer { * }',
  Session: 'viewer { sessions { * } }',
  UserConnection: 'users { * }',
  UserEdge: 'users { edges { * } }',
  Fitness: 'viewer { fitness { * } }',
  ActivityDay: 'viewer { fitness { days(from: "2026-01-01", to: "2026-01-01") { * } } }',
  ActivitySummary: 'viewer { fitness { summary { * } } }',
  ActivityTotal: 'viewer { fitness { summary { total { * } } } }',
  WorkoutConnection: 'viewer { fitness { workouts { * } } }',
  WorkoutEdge: 'viewer { fitness { workouts { edges { * } } } }',
  Workout: 'viewer { fitness { workouts { edges { node { * } } } } }',
  ActivityRecordConnection: 'viewer { fitness { records(day: "2026-01-01") { * } } }',
  ActivityRecordEdge: 'viewer { fitness { records(day: "2026-01-01") { edges { * } } } }',
  ActivityRecord: 'viewer { fitness { records(day: "2026-01-01") { edges { node { * } } } } }',
  NotificationConnection: 'viewer { notifications { * } }',
  NotificationEdge: 'viewer { notifications { edges { * } } }',
  Notification: 'viewer { notifications { edges { node { * } } } }',
  HeldRecordConnection: 'heldRecords { * }',
  HeldRecordEdge: 'heldRecords { edges { * } }',
  HeldRecord: 'heldRecords { edges { node { * } } }',
  AuditEntryConnection: 'auditLog { * }',
  AuditEntryEdge: 'auditLog { edges { * } }',
  AuditEntry: 'auditLog { edges { node { * } } }',
}

/** Arguments of the fields that need some. */
const needed: Record<string, string> = {
  'Query.competition': 'id: $id',
  'Query.leaderboard': 'competitionId: $id',
  'Query.user': 'id: $userId',
  'Leaderboard.around': 'userId: $userId',
  'Leaderboard.standing': 'userId: $userId',
  'Fitness.days': 'from: "2026-01-01", to: "2026-01-02"',
  'Fitness.records': 'day: "2026-01-01"',
  'Mutation.signUp': 'input: { email: "taken@example.com", password: "short", displayName: "" }',
  'Mutation.logIn': 'input: { email: "nobody@example.com", password: "not this one" }',
  'Mutation.refreshSession': 'refreshToken: "unknown"',
  'Mutation.changePassword': 'currentPassword: "not this one", newPassword: "short"',
  'Mutation.setUserRole': 'userId: $unknown, role: USER',
  'Mutation.suspendUser': 'userId: $unknown, reason: "none"',
  'Mutation.unsuspendUser': 'userId: $unknown, reason: "none"',
  'Mutation.updateProfile': 'input: { bio: "" }',
  'Mutation.createCompetition':
    'input: { name: "", metric: STEPS, startsAt: "2020-01-01T00:00:00Z", endsAt: "2020-01-02T00:00:00Z" }',
  'Mutation.updateCompetition': 'id: $unknown, input: { name: "x" }',
  'Mutation.openCompetition': 'id: $unknown',
  'Mutation.cancelCompetition': 'id: $unknown, reason: "none"',
  'Mutation.joinCompetition': 'id: $unknown',
  'Mutation.leaveCompetition': 'id: $unknown',
  'Mutation.createInvitation': 'competitionId: $unknown',
  'Mutation.adjustScore': 'input: { competitionId: $unknown, userId: $unknown, delta: 1, reason: "none" }',
  'Mutation.syncFitness': 'input: { provider: HEALTH_CONNECT, deviceId: "d" }',
  'Mutation.reviewRecords': 'ids: [$unknown], accept: true, reason: "none"',
  'Subscription.leaderboardChanged': 'competitionId: $id',
  'Subscription.viewerStandingChanged': 'competitionId: $id',
}

/** Streams that say nothing until something happens: being admitted is silence. */
const quiet = ['Subscription.notificationReceived']

let podium: TestSupergraph
let people: Record<Exclude<Caller, 'anonymous'>, Person>
let publicId: string
let privateId: string

beforeAll(async () => {
  podium = await openTestSupergraph()
  people = {
    'the owner': await podium.person('Owner'),
    'another person': await podium.person('Other'),
    'an administrator': await podium.admin('Admin'),
  }
  const owner = people['the owner']
  const times = { startsAt: quarter(podium.now(), -24), endsAt: quarter(podium.now(), 24) }
  publicId = await openCompetition(owner, times)
  privateId = await openCompetition(owner, { ...times, visibility: 'INVITATION' })
  const { code } = await owner.mutate<{ code: string }>(
    'mutation ($id: ID!) { createInvitation(competitionId: $id) { code userErrors { code message field } } }',
    { id: privateId },
  )
  await join(owner, publicId)
  await join(owner, privateId, code)
  await sync(owner, [hour('one', 100, quarter(podium.now(), -3))])
  for (const id of [publicId, privateId])
    await eventually(
      () => board(owner, id),
      (rows) => rows.length === 1,
    )
})
afterAll(() => podium.close())

const tokenOf = (caller: Caller) => (caller === 'anonymous' ? undefined : people[caller].token)

function identityOf(caller: Caller): Identity {
  if (caller === 'anonymous') return { kind: 'anonymous' }
  const role = caller === 'an administrator' ? 'ADMIN' : 'USER'
  return { kind: 'person', id: people[caller].id, role, scopes: [...scopesOf(role)], sessionId: 'none' }
}

const variables = (id: string) => ({
  id,
  userId: people['the owner'].id,
  unknown: '00000000-0000-4000-8000-000000000000',
})

function selection({ type, name, node }: DeclaredField): string {
  const args = needed[`${type}.${name}`]
  return `${name}${args ? `(${args})` : ''}${isComposite(node) ? ' { __typename }' : ''}`
}

const leaves = new Set([
  'ID',
  'String',
  'Int',
  'Float',
  'Boolean',
  'DateTime',
  'LocalDate',
  'TimeZone',
  'EmailAddress',
])
const objects = new Set(fields.map(({ type }) => type))

function isComposite(node: FieldDefinitionNode): boolean {
  const name = namedType(node.type)
  return !leaves.has(name) && objects.has(name)
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type)
}

function operation(kind: string, text: string): string {
  const declared = ['id', 'userId', 'unknown'].filter((name) => text.includes(`$${name}`))
  const list = declared.map((name) => `$${name}: ID!`).join(', ')
  return `${kind}${list ? ` (${list})` : ''} { ${text} }`
}

const codes = (answer: Answer) => (answer.errors ?? []).map(({ extensions }) => extensions.code)

/** What a caller is answered where the audience says that it may not: a code; undefined where it may. */
function refusalOf(field: Pick<DeclaredField, 'audience'>, caller: Caller): string | undefined {
  if (field.audience === 'anyone' || field.audience === 'its owner') return undefined
  if (caller === 'anonymous') return 'UNAUTHENTICATED'
  return field.audience === 'administrators' && caller !== 'an administrator' ? 'FORBIDDEN' : undefined
}

test('every type is reached by a query of this test, or is answered to a mutation or a subscription', () => {
  const answered = new Set<string>()
  const follow = (type: string) => {
    for (const field of fields.filter((f) => f.type === type)) {
      const next = namedType(field.node.type)
      if (!objects.has(next) || answered.has(next) || next in reach) continue
      answered.add(next)
      follow(next)
    }
  }
  follow('Mutation')
  follow('Subscription')
  expect(
    [...objects].filter((type) => !roots.includes(type) && !(type in reach) && !answered.has(type)),
  ).toEqual([])
})

describe.each(callers)('through the gateway, %s', (caller) => {
  const reachable = fields.filter(({ type }) => type in reach)

  test.each(reachable.map((field) => [`${field.type}.${field.name} of ${field.subgraph}`, field] as const))(
    'reads %s as its audience says',
    async (_, field) => {
      const path = reach[field.type] ?? ''
      const answer = await askGateway(
        podium.url,
        operation('query', path.replace('*', selection(field))),
        variables(publicId),
        tokenOf(caller),
      )
      const root = Object.values(answer.data ?? {})[0]
      const refusal = refusalOf(field, caller)
      expect(codes(answer)).toEqual(refusal ? [refusal] : [])
      if (path.startsWith('viewer') && caller === 'anonymous') expect(root).toBeNull()
      else if (!refusal) expect(root).not.toBeNull()
    },
  )

  const guarded = reachable.filter(({ type }) => reach[type]?.includes('$id'))
  test.each(guarded.map((field) => [`${field.type}.${field.name} of ${field.subgraph}`, field] as const))(
    'reads %s of a private competition only as one who is in it or an administrator',
    async (_, field) => {
      const text = operation('query', (reach[field.type] ?? '').replace('*', selection(field)))
      const answer = await askGateway(podium.url, text, variables(privateId), tokenOf(caller))
      const sees = caller === 'the owner' || caller === 'an administrator'
      expect(codes(answer)).toEqual([])
      if (sees) expect(Object.values(answer.data ?? {})[0]).not.toBeNull()
      else expect(Object.values(answer.data ?? {})).toEqual([null])
    },
  )

  const rootFields = fields.filter(({ type }) => type === 'Query' || type === 'Mutation')
  // Logging out would end the session that the others go on with; it is tested with the sessions.
  test.each(
    rootFields
      .filter(
        ({ name, audience }) => name !== 'logOut' || (audience === 'signed in' && caller === 'anonymous'),
      )
      .map((field) => [`${field.type}.${field.name}`, field] as const),
  )('asks %s as its audience says', async (_, field) => {
    const text = operation(field.type.toLowerCase(), selection(field))
    const answer = await askGateway(podium.url, text, variables(publicId), tokenOf(caller))
    const refusal = refusalOf(field, caller)
    expect(codes(answer)).toEqual(refusal ? [refusal] : [])
  })

  const subscriptions = fields.filter(({ type }) => type === 'Subscription')
  test.each(subscriptions.map((field) => [field.name, field] as const))(
    'subscribes to %s as its audience says',
    async (_, field) => {
      const text = operation('subscription', selection(field))
      const options = { silenceIsAdmission: quiet.includes(`Subscription.${field.name}`) }
      const first = await firstOfSubscription(podium.url, text, variables(publicId), tokenOf(caller), options)
      const refusal = refusalOf(field, caller)
      expect(first).toEqual(refusal ? { refused: [refusal] } : 'admitted')
      if (!text.includes('$id')) return
      const hidden = await firstOfSubscription(
        podium.url,
        text,
        variables(privateId),
        tokenOf(caller),
        options,
      )
      const sees = caller === 'the owner' || caller === 'an administrator'
      expect(hidden).toEqual(
        refusal ? { refused: [refusal] } : sees ? 'admitted' : { refused: ['NOT_FOUND'] },
      )
    },
  )
})

describe.each(callers)('through _entities, %s', (caller) => {
  const entities = fields.filter(({ entity, node }) => entity && !node.name.value.startsWith('_'))

  test.each(entities.map((field) => [`${field.type}.${field.name} of ${field.subgraph}`, field] as const))(
    'resolves %s only where they may',
    async (_, field) => {
      const query = `query ($references: [_Any!]!) {
        _entities(representations: $references) { ... on ${field.type} { ${selection(field)} } }
      }`
      const ids: Record<string, string> = {
        Viewer: people['the owner'].id,
        User: people['the owner'].id,
        Competition: privateId,
      }
      const references = [{ __typename: field.type, id: ids[field.type] }]
      const answer = await askSubgraph(podium, field.subgraph, identityOf(caller), query, { references })
      const sees =
        field.type === 'User' ||
        caller === 'the owner' ||
        (field.type === 'Competition' && caller === 'an administrator')
      const entity = (answer.data?._entities as unknown[] | undefined)?.[0]
      expect(codes(answer)).toEqual([])
      if (sees) expect(entity).not.toBeNull()
      else expect(entity).toBeNull()
    },
  )

  test('every entity of this schema has an id that this test knows', () => {
    expect(new Set(entities.map(({ type }) => type))).toEqual(new Set(['Viewer', 'User', 'Competition']))
  })
})

test('a subgraph answers nothing that no gateway has signed', async () => {
  for (const url of Object.values(podium.subgraphs)) {
    const answer = await askGateway(url, '{ __typename }', {})
    expect(codes(answer)).toEqual(['UNAUTHENTICATED'])
    expect(answer.data ?? null).toBeNull()
  }
})
