import { readFileSync } from 'node:fs'
import { type GraphQLSchema, parse } from 'graphql'
import { contractOf } from '../../gateway/supergraph/contract.ts'
import { loadSupergraph } from '../../gateway/supergraph.ts'
import { openRedis } from '../../platform/redis.ts'
import type { Dialect } from '../operations/generate.ts'
import { hour, join, openCompetition, quarter, sync } from '../support/operations.ts'
import { silent } from '../support/stores.ts'
import { openTestSupergraph, type Person, unlimited } from '../support/supergraph.ts'

/** Somebody who sends requests. */
export type Caller = {
  name: string
  schema: GraphQLSchema
  /** Their credentials; undefined: none. */
  token(): string | undefined
  /** Signs in anew, after the session was ended; as another person where the account is no more. */
  renew(): Promise<void>
  /** What nobody else may be told. */
  secrets(): string[]
}

export type World = Awaited<ReturnType<typeof openWorld>>

/** A supergraph with people and competitions in it, and no limit on how often anyone asks. */
export async function openWorld() {
  const composed = readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8')
  const { schema } = loadSupergraph(composed)
  const contract = contractOf(parse(composed), schema, 'partner')
  if (!contract) throw new Error('there is no contract')
  const podium = await openTestSupergraph({
    MAX_SOCKETS_PER_PERSON: '1000',
    MAX_SOCKETS_PER_ADDRESS: '1000',
    ...unlimited,
  })
  let organizer = await podium.person('Organizer')
  const owner = organizer
  const competition = (change: object) =>
    openCompetition(owner, { startsAt: quarter(podium.now(), -24), endsAt: quarter(podium.now(), 24), ...change }) // biome-ignore format: one call
  const open = await competition({})
  const hidden = await competition({ visibility: 'INVITATION' })
  await join(owner, open)
  await sync(owner, [hour('one', 100, quarter(podium.now(), -3))])
  const stranger = await podium.person('Stranger')
  const admin = await podium.admin('Admin')

  const redis = openRedis({ urls: [podium.env.REDIS_URL ?? ''], prefix: podium.env.REDIS_PREFIX ?? '', logger: silent }) // biome-ignore format: one call
  await new Promise((resolve) => redis.commands.once('ready', resolve))

  /** All come from one address of the network, which soon has sent more wrong passwords than one may. */
  async function forgive(): Promise<void> {
    const keys = await redis.commands.keys(`${redis.prefix}attempts:*`)
    if (keys.length > 0) await redis.commands.del(keys)
  }

  let account = 0
  async function caller(name: string, first: Person, again: () => Promise<Person>): Promise<Caller> {
    let person = first
    return {
      name,
      schema,
      token: () => person.token,
      async renew() {
        await forgive()
        person = await person.again().catch(again)
      },
      secrets: () => [person.email, person.password, person.token],
    }
  }
  const anew = (name: string) => () => podium.person(`${name}${account++}`)
  const callers: Caller[] = [
    { name: 'nobody', schema, token: () => undefined, renew: async () => {}, secrets: () => [] },
    await caller('an organizer', organizer, async () => (organizer = await podium.person('Organizer'))),
    await caller('a stranger', stranger, anew('Stranger')),
    await caller('an administrator', admin, () => podium.admin(`Admin${account++}`)),
    await program('a partner', ['schema:read'], contract),
    await program('a program', ['account:read', 'account:write'], schema),
  ]

  /** A program, of a person of its own. */
  async function program(name: string, scopes: string[], seen: GraphQLSchema): Promise<Caller> {
    const make = async () => {
      const person = await podium.person('Programmer')
      const { secret } = await person.mutate<{ secret: string }>(
        'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret userErrors { code message field } } }',
        { input: { name, scopes } },
      )
      return secret
    }
    let secret = await make()
    return {
      name,
      schema: seen,
      token: () => secret,
      renew: async () => {
        secret = await make()
      },
      secrets: () => [secret],
    }
  }

  return {
    url: podium.url,
    callers,
    dialect: dialectOf({
      competitions: [open, hidden, owner.id],
      people: [owner.id, stranger.id, admin.id],
      now: podium.now(),
    }),
    async close() {
      redis.close()
      await podium.close()
    },
  }
}

const NOWHERE = '00000000-0000-4000-8000-000000000000'

/** What is worth asking for, by argument or input field, then by type. */
function dialectOf(known: { competitions: string[]; people: string[]; now: Date }): Dialect {
  const { competitions, people, now } = known
  const times = [-100, -1, 1, 400].map((days) => quarter(now, 24 * days).toISOString())
  const texts = ['', 'x', 'Ötzi "\\\n', '\u2028\u0001😀', '%_\\', "'; drop table people; --", '\u202egnp.exe', 'a'.repeat(600), '{{7*7}}', '\ud800'] // biome-ignore format: one list
  return {
    aliases: ['id', 'name', 'data', 'errors', 'edges', 'node', '_', 'a', 'viewer', 'toString'],
    mutations: 22,
    subscriptions: 6,
    samples: {
      competitionId: [...competitions, NOWHERE],
      'competition.id': [...competitions, NOWHERE],
      'joinCompetition.id': competitions,
      'leaveCompetition.id': competitions,
      userId: [...people, NOWHERE, 'nobody'],
      'user.id': [...people, NOWHERE],
      actorId: [...people, ''],
      subjectId: [...people, 'x'],
      password: ['not this one', '', 'short', 'x'.repeat(1_000)],
      currentPassword: ['not this one'],
      newPassword: ['short', 'x'.repeat(129)],
      token: ['', 'x', 'A'.repeat(43)],
      secretHash: ['x'],
      byteLength: [0, 1, 1_000, 6_000_000],
      email: ['nobody@example.com', 'a@b', 'Someone.Else@example.com'],
      scopes: [['schema:read'], [], ['users:admin'], ['account:read', 'account:write'], ['x']],
      first: [0, 1, 2, 20, 100, 101, -1],
      last: [0, 1, 3, 101],
      radius: [0, 1, 50, 51, -1],
      size: [0, 1, 64, 128, 512, 10_000, -5],
      after: ['', 'x', 'MTIz', 'W10', '😀'],
      ID: [...competitions, ...people, NOWHERE, 'x', 7, ''],
      Int: [0, 1, -5, 100, 2_147_483_647],
      Float: [0, 0.5, -1.25, 1e21],
      String: texts,
      Boolean: [true, false],
      DateTime: [...times, '2020-02-30T00:00:00Z', '+275760-09-13T00:00:00.000Z', 'yesterday'],
      LocalDate: [now.toISOString().slice(0, 10), '2024-02-29', '2023-02-29', '9999-12-31', ''],
      TimeZone: ['UTC', 'Europe/Helsinki', 'Mars/Olympus', '+02:00', ''],
      EmailAddress: ['someone@example.com', 'no address', 'a@b'],
      URL: ['https://example.com/a', 'javascript:alert(1)'],
    },
  }
}
