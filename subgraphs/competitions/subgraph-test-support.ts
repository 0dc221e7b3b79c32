import { drizzle } from 'drizzle-orm/node-postgres'
import { graphql } from 'graphql'
import { readSubgraphConfig } from '../../platform/config.ts'
import type { Identity, Person } from '../../platform/identity.ts'
import { openTestObjects } from '../../test/support/object-store.ts'
import { openTestRedis, silent } from '../../test/support/stores.ts'
import { openCompetitions } from './index.ts'
import { openCompetitionStores } from './test-support.ts'

/** Whoever asks; null is anonymous. */
export type Asking = Person | Identity | null

/** The subgraph over stores of its own (test-support.ts), asked as a gateway would. */
export async function openTestSubgraph() {
  const stores = await openCompetitionStores()
  const redis = await openTestRedis()
  const config = readSubgraphConfig(
    {
      NODE_ENV: 'development',
      DATABASE_URL: 'postgres://none',
      REDIS_URL: 'redis://none',
      COMPETITIONS_SECRET: 's'.repeat(32),
    },
    'competitions',
  )
  const { objects, ...files } = await openTestObjects()
  let statements = 0
  const db = drizzle(stores.database.pool, { logger: { logQuery: () => void statements++ } })
  const subgraph = await openCompetitions({ config, db, redis, objects, logger: silent, now: stores.now })

  /** What a request of this caller is answered: its data, and the codes of its errors. */
  async function ask(caller: Asking, source: string, variableValues: Record<string, unknown> = {}) {
    const contextValue = subgraph.contextOf({ identity: caller ?? { kind: 'anonymous' }, requestId: 'test' })
    const { data, errors } = await graphql({ schema: subgraph.schema, source, variableValues, contextValue })
    return {
      data: JSON.parse(JSON.stringify(data ?? null)),
      codes: errors?.map(({ extensions, message }) => extensions.code ?? message),
    }
  }

  /** The entities of a type with these ids, as this caller gets them. */
  async function entities(caller: Asking, typename: string, ids: string[], fields: string) {
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${typename} { ${fields} } } }`
    const { data } = await ask(caller, query, { of: ids.map((id) => ({ __typename: typename, id })) })
    return data._entities
  }

  return {
    ...{ stores, ask, entities },

    /** How many SQL statements `work` takes. */
    async statementsOf(work: () => Promise<unknown>) {
      statements = 0
      await work()
      return statements
    },

    async close() {
      await subgraph.close()
      await files.close()
      redis.close()
      await stores.close()
    },
  }
}
