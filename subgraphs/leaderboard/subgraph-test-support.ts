import { randomUUID } from 'node:crypto'
import { drizzle } from 'drizzle-orm/node-postgres'
import { type ExecutionResult, graphql, parse, subscribe } from 'graphql'
import { readSubgraphConfig } from '../../platform/config.ts'
import type { Identity, Person } from '../../platform/identity.ts'
import { openTestObjects } from '../../test/support/object-store.ts'
import { silent } from '../../test/support/stores.ts'
import { openLeaderboard } from './index.ts'
import { openTestBoards } from './test-support.ts'

export const person = (id: string = randomUUID(), ...scopes: string[]): Person => ({
  ...{ kind: 'person', id, role: 'USER', scopes, sessionId: randomUUID() },
})
export const anonymous: Identity = { kind: 'anonymous' }
export const gateway: Identity = { kind: 'gateway' }

/** The subgraph beside stores that share its database and Redis (test-support.ts), asked as a gateway would. */
export async function openTestSubgraph() {
  const podium = await openTestBoards()
  const config = readSubgraphConfig(
    {
      NODE_ENV: 'development',
      DATABASE_URL: 'postgres://none',
      REDIS_URL: 'redis://none',
      LEADERBOARD_SECRET: 's'.repeat(32),
    },
    'leaderboard',
  )
  const { objects, ...files } = await openTestObjects()
  let statements = 0
  const db = drizzle(podium.database.pool, { logger: { logQuery: () => void statements++ } })
  const now = () => new Date()
  const subgraph = await openLeaderboard({ config, db, redis: podium.redis, objects, logger: silent, now })
  const { schema } = subgraph
  const contextOf = (identity: Identity) => subgraph.contextOf({ identity, requestId: 'test' })

  /** What a request is answered: its data, or the codes of its errors. */
  async function ask(identity: Identity, source: string, variableValues: Record<string, unknown> = {}) {
    return outcomeOf(await graphql({ schema, source, variableValues, contextValue: contextOf(identity) }))
  }

  return {
    ...podium,
    ask,

    /** The competition's entity, as this caller gets it. */
    async entity(identity: Identity, id: string) {
      const query = `query ($of: [_Any!]!) { _entities(representations: $of) {
        ... on Competition { id leaderboard { totalCount state revision updatedAt } } } }`
      const { _entities } = await ask(identity, query, { of: [{ __typename: 'Competition', id }] })
      return _entities[0]
    },

    /** What a subscription says, one frame after the other; a refusal is the only thing it says. */
    async *listen(
      identity: Identity,
      source: string,
      variableValues: Record<string, unknown>,
    ): AsyncGenerator<ReturnType<typeof outcomeOf>, void, undefined> {
      const contextValue = contextOf(identity)
      const stream = await subscribe({ schema, document: parse(source), variableValues, contextValue })
      if (!(Symbol.asyncIterator in stream)) return yield outcomeOf(stream)
      for await (const result of stream) yield outcomeOf(result)
    },

    /** How many SQL statements `work` takes. */
    async statementsOf(work: () => Promise<unknown>): Promise<number> {
      statements = 0
      await work()
      return statements
    },

    async close() {
      await subgraph.close()
      await files.close()
      await podium.close()
    },
  }
}

export type TestSubgraph = Awaited<ReturnType<typeof openTestSubgraph>>

function outcomeOf({ data, errors }: ExecutionResult) {
  return errors
    ? errors.map(({ extensions, message }) => extensions.code ?? message)
    : JSON.parse(JSON.stringify(data))
}
