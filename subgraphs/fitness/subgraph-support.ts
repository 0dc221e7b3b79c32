import { randomUUID } from 'node:crypto'
import { type ExecutionResult, graphql, parse, subscribe } from 'graphql'
import type { Caller } from '../../platform/identity.ts'
import type { OpenRedis } from '../../platform/redis.ts'
import { openTestObjects } from '../../test/support/object-store.ts'
import { openTestRedis, openTestStore, silent, testRedisUrl } from '../../test/support/stores.ts'
import { openFitness } from './index.ts'
import { NOW } from './test-support.ts'

export const TODAY = '2026-05-20'

export const anonymous: Caller = { identity: { kind: 'anonymous' }, requestId: 'test' }

export function signedIn(id: string = randomUUID(), ...scopes: string[]): Caller & { id: string } {
  const identity = { kind: 'person' as const, id, role: 'USER' as const, scopes, sessionId: randomUUID() }
  return { identity, requestId: 'test', id }
}

export const sync = `mutation ($input: SyncFitnessInput!) {
  syncFitness(input: $input) {
    accepted held duplicates rejected { externalId reason } days { date steps } userErrors { code field }
  }
}`

/** The variables of a sync: steps in a quarter hour of today. */
export function walk(caller: { id: string }, time: string, value: number) {
  const startedAt = `${TODAY}T${time}:00.000Z`
  const endedAt = new Date(Date.parse(startedAt) + 900_000).toISOString()
  const record = { externalId: time, metric: 'STEPS', value, startedAt, endedAt }
  return { input: { provider: 'APPLE_HEALTH', deviceId: caller.id, records: [record] } }
}

/** The subgraph on stores of its own, asked as a gateway would. */
export async function openTestSubgraph() {
  const database = await openTestStore('fitness')
  const redis = await openTestRedis()
  const { objects, ...files } = await openTestObjects()
  const config = {
    name: 'fitness' as const,
    host: '127.0.0.1',
    port: 0,
    secret: '',
    logLevel: 'silent',
    databaseUrl: '',
    redis: { urls: [testRedisUrl()], prefix: redis.prefix },
    objects: files.settings,
    syncGraceMinutes: 0,
    mail: { kind: 'off' as const },
    appUrl: '',
    signingKeyDays: 30,
  }
  const openOn = (redis: OpenRedis) =>
    openFitness({ config, db: database.db, redis, objects, logger: silent, now: () => NOW })
  const fitness = await openOn(redis)

  async function ask(caller: Caller, source: string, variableValues?: Record<string, unknown>, on = fitness) {
    const result = await graphql({
      schema: on.schema,
      source,
      variableValues,
      contextValue: on.contextOf(caller),
    })
    // Tests look into the answers to the questions they ask.
    return { data: result.data as Record<string, never> | null | undefined, codes: codesOf(result) }
  }

  return {
    redis,
    openOn,
    handlers: fitness.handlers,
    ask,

    /** What a person's Viewer says. */
    async viewer(caller: Caller & { id: string }, fields: string, of = caller.id) {
      const source = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Viewer { ${fields} } } }`
      const { data, codes } = await ask(caller, source, { of: [{ __typename: 'Viewer', id: of }] })
      return { viewer: (data?._entities as unknown[] | undefined)?.[0], codes }
    },

    /** The steps of a person's day, as they change. */
    async watch(caller: Caller) {
      const stream = await subscribe({
        schema: fitness.schema,
        document: parse('subscription { todayChanged { date steps } }'),
        contextValue: fitness.contextOf(caller),
      })
      if (!(Symbol.asyncIterator in stream)) throw stream.errors?.[0]
      const next = async () => {
        const { value } = await stream.next()
        return (value?.data?.todayChanged as { steps: number } | undefined)?.steps
      }
      return { next, end: () => stream.return?.() }
    },

    async close() {
      await fitness.close()
      await files.close()
      redis.close()
      await database.close()
    },
  }
}

const codesOf = ({ errors }: ExecutionResult) => errors?.map(({ extensions }) => extensions.code)
