import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { buildSchema, getOperationAST, parse, validate } from 'graphql'
import { board, hour, join, openCompetition, quarter, sync } from '../support/operations.ts'
import { type Answer, askGateway, askSubgraph, firstOfSubscription } from '../support/raw.ts'
import { eventually, openTestSupergraph, type Person, type TestSupergraph } from '../support/supergraph.ts'
import { type Caller, type Callers, callerNames, isSomebody, openCallers, refusalOf, seesPrivate } from './callers.ts' // biome-ignore format: one list
import { type DeclaredField, declaredFields } from './declared-fields.ts'
import { fields, namedType, objects, operation, reach, rootOf, selection } from './ways-to-fields.ts'

// Generated from the SDL: every field, for every kind of caller, through the gateway and through _entities. A new field is
// tested by being declared; one that no rule here covers fails.

const roots = ['Query', 'Mutation', 'Subscription']

/** What partners may ask for. */
const contract = buildSchema(readFileSync(new URL('../../schema/partner.graphql', import.meta.url), 'utf8'))

/** Streams that say nothing until something happens, where being admitted is silence; and how they are asked for in vain. */
const quiet: Record<string, string> = {
  notificationReceived: 'subscription { notificationReceived(after: "none") { __typename } }',
}

let podium: TestSupergraph
let callers: Callers
let publicId: string
let privateId: string

beforeAll(async () => {
  podium = await openTestSupergraph({ MAX_SOCKETS_PER_PERSON: '100', MAX_SOCKETS_PER_ADDRESS: '100' })
  callers = await openCallers(podium)
  const { owner } = callers
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

const variables = (id: string) => ({
  id,
  userId: callers.owner.id,
  unknown: '00000000-0000-4000-8000-000000000000',
})

const codes = (answer: Answer) => [...new Set((answer.errors ?? []).map(({ extensions }) => extensions.code))]

/** What a request is refused with as a whole, whatever field it asks for; undefined where that is not so. */
function refusalOfRequest(text: string, { name }: Caller): string | undefined {
  if (name === 'a suspended person') return 'UNAUTHENTICATED'
  if (name !== 'a partner') return undefined
  const document = parse(text)
  const kind = getOperationAST(document)?.operation
  // graphql-js leaves it to execution whether a schema has such operations.
  const isShown = kind && contract.getRootType(kind) && validate(contract, document).length === 0
  return isShown ? undefined : 'GRAPHQL_VALIDATION_FAILED'
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

const named = (list: readonly DeclaredField[]) =>
  list.map((field) => [`${field.type}.${field.name} of ${field.subgraph}`, field] as const)

describe.each(callerNames)('through the gateway, %s', (name) => {
  const reachable = fields.filter(({ type }) => type in reach)

  test.each(named(reachable))('reads %s as its audience says', async (_, field) => {
    const caller = callers[name]
    const path = reach[field.type] ?? ''
    const text = operation('query', path.replace('*', selection(field)))
    const answer = await askGateway(podium.url, text, variables(publicId), caller.token)
    const whole = refusalOfRequest(text, caller)
    const refusal = whole ?? refusalOf(rootOf(field.type), caller) ?? refusalOf(field, caller)
    expect(codes(answer)).toEqual(refusal ? [refusal] : [])
    if (whole) return expect(answer.data ?? null).toBeNull()
    const root = Object.values(answer.data ?? {})[0]
    if (path.startsWith('viewer') && !isSomebody(caller)) expect(root).toBeNull()
    else if (!refusal) expect(root).not.toBeNull()
  })

  const guarded = reachable.filter(({ type }) => reach[type]?.includes('$id'))
  test.each(named(guarded))(
    'reads %s of a private competition only as one who is in it or an administrator',
    async (_, field) => {
      const caller = callers[name]
      const text = operation('query', (reach[field.type] ?? '').replace('*', selection(field)))
      const answer = await askGateway(podium.url, text, variables(privateId), caller.token)
      const whole = refusalOfRequest(text, caller)
      expect(codes(answer)).toEqual(whole ? [whole] : [])
      if (whole) expect(answer.data ?? null).toBeNull()
      else if (seesPrivate(caller)) expect(Object.values(answer.data ?? {})[0]).not.toBeNull()
      else expect(Object.values(answer.data ?? {})).toEqual([null])
    },
  )

  const rootFields = fields.filter(({ type }) => type === 'Query' || type === 'Mutation')
  // Logging out would end the session that the others go on with; it is tested with the sessions.
  const asked = rootFields.filter((field) => field.name !== 'logOut' || name === 'anonymous')
  test.each(named(asked))('asks %s as its audience says', async (_, field) => {
    const caller = callers[name]
    const text = operation(field.type.toLowerCase(), selection(field))
    const answer = await askGateway(podium.url, text, variables(publicId), caller.token)
    const refusal = refusalOfRequest(text, caller) ?? refusalOf(field, caller)
    expect(codes(answer)).toEqual(refusal ? [refusal] : [])
  })

  const subscriptions = fields.filter(({ type }) => type === 'Subscription')
  test.each(named(subscriptions))('subscribes to %s as its audience says', async (_, field) => {
    const caller = callers[name]
    const text = operation('subscription', selection(field))
    const first = (id: string) =>
      firstOfSubscription(podium.url, text, variables(id), caller.token, quiet[field.name])
    // Who may not come in at all is told by the socket's close.
    if (name === 'a suspended person') return expect(await first(publicId)).toEqual({ refused: ['4403'] })
    const refusal = refusalOfRequest(text, caller) ?? refusalOf(field, caller)
    expect(await first(publicId)).toEqual(refusal ? { refused: [refusal] } : 'admitted')
    if (!text.includes('$id')) return
    expect(await first(privateId)).toEqual(
      refusal ? { refused: [refusal] } : seesPrivate(caller) ? 'admitted' : { refused: ['NOT_FOUND'] },
    )
  })
})

describe.each(callerNames.filter((name) => name !== 'a partner'))('through _entities, %s', (name) => {
  const entities = fields.filter(({ entity, node }) => entity && !node.name.value.startsWith('_'))

  test.each(named(entities))('resolves %s only where they may', async (_, field) => {
    const caller = callers[name]
    const query = `query ($references: [_Any!]!) {
      _entities(representations: $references) { ... on ${field.type} { ${selection(field)} } }
    }`
    const ids: Record<string, string> = {
      Viewer: callers.owner.id,
      User: callers.owner.id,
      Competition: privateId,
    }
    const references = [{ __typename: field.type, id: ids[field.type] }]
    const answer = await askSubgraph(podium, field.subgraph, caller.identity, query, { references })
    const isRefused = field.type === 'Viewer' && caller.isOwner && !isSomebody(caller)
    const sees =
      field.type === 'User' ||
      (field.type === 'Viewer' && caller.isOwner) ||
      (field.type === 'Competition' && seesPrivate(caller))
    const entity = (answer.data?._entities as unknown[] | undefined)?.[0]
    expect(codes(answer)).toEqual(isRefused ? ['FORBIDDEN'] : [])
    if (sees && !isRefused) expect(entity).not.toBeNull()
    else expect(entity ?? null).toBeNull()
  })

  test('every entity of this schema has an id that this test knows', () => {
    expect(new Set(entities.map(({ type }) => type))).toEqual(new Set(['Viewer', 'User', 'Competition']))
  })
})

describe.each(['PUBLIC', 'COMPETITORS', 'PRIVATE'] as const)('a profile that is %s', (visibility) => {
  /** Somebody in a competition together with the owner. */
  let person: Person
  beforeAll(async () => {
    person = await podium.person('Profiled')
    await person.mutate(
      'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { userErrors { code message field } } }',
      { input: { bio: 'I walk.', profileVisibility: visibility } },
    )
    await join(person, publicId)
    // Both subgraphs hear of it by events.
    await eventually(
      () =>
        callers.owner.send<{ user: object | null }>(
          'query ($id: ID!) { user(id: $id) { bio competitions { totalCount } } }',
          { id: person.id },
        ),
      ({ user }) => JSON.stringify(user) === JSON.stringify(visibility === 'PRIVATE' ? null : shown),
    )
  })
  const shown = { bio: 'I walk.', competitions: { totalCount: 1 } }

  test.each(callerNames)('is shown to %s as it should be, and the name on the board always', async (name) => {
    const caller = callers[name]
    const answer = await askGateway(podium.url, profile, { id: publicId, userId: person.id }, caller.token)
    if (name === 'a suspended person') return expect(codes(answer)).toEqual(['UNAUTHENTICATED'])
    const sees = {
      PUBLIC: true,
      COMPETITORS: caller.isOwner && isSomebody(caller),
      PRIVATE: false,
    }
    const isShown = sees[visibility] || name === 'an administrator'
    const hidden = { bio: null, competitions: null }
    expect(answer).toEqual({
      data: {
        user: isShown ? shown : null,
        competition: {
          participants: {
            edges: expect.arrayContaining([
              { node: { user: { id: person.id, displayName: 'Profiled', ...(isShown ? shown : hidden) } } },
            ]),
          },
        },
      },
    })
  })
  const profile = `query ($id: ID!, $userId: ID!) {
    user(id: $userId) { bio competitions { totalCount } }
    competition(id: $id) {
      participants(first: 10) { edges { node { user { id displayName bio competitions { totalCount } } } } }
    }
  }`
})

describe('what gateways alone may ask', () => {
  const hidden = declaredFields().filter(
    ({ audience, type }) => audience === 'gateways' && roots.includes(type),
  )
  const args: Record<string, string> = {
    apiKeyBearer: '(secretHash: "x") { userId }',
    signInFromIssuer:
      '(input: { issuer: "x", subject: "x", session: "x", email: "a@example.com", emailVerified: true }) { bearer { userId } }',
  }
  const text = ({ type, name }: DeclaredField) => `${type.toLowerCase()} { ${name}${args[name]} }`

  test('is known to this test', () => {
    expect(hidden.map(({ name }) => name).sort()).toEqual(Object.keys(args).sort())
  })

  test.each(callerNames)('does not exist for %s', async (name) => {
    for (const field of hidden) {
      const answer = await askGateway(podium.url, text(field), {}, callers[name].token)
      const refusal = name === 'a suspended person' ? 'UNAUTHENTICATED' : 'GRAPHQL_VALIDATION_FAILED'
      expect(codes(answer)).toEqual([refusal])
    }
  })

  test.each(callerNames)('is not told on behalf of %s either', async (name) => {
    for (const field of hidden) {
      const answer = await askSubgraph(podium, field.subgraph, callers[name].identity, text(field))
      expect(Object.values(answer.data ?? {}).filter((value) => value !== null)).toEqual([])
    }
  })
})

test('a subgraph answers nothing that no gateway has signed', async () => {
  for (const url of Object.values(podium.subgraphs)) {
    const answer = await askGateway(url, '{ __typename }', {})
    expect(codes(answer)).toEqual(['UNAUTHENTICATED'])
    expect(answer.data ?? null).toBeNull()
  }
})
