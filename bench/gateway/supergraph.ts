import { readFileSync } from 'node:fs'
import { composeServices } from '@apollo/composition'
import { Supergraph } from '@apollo/federation-internals'
import { graphqlSync } from 'graphql'
import { products, users } from './subgraphs/data.ts'
import { type SubgraphName, subgraphNames, typeDefs } from './subgraphs/schemas.ts'

export const queryNames = ['large', 'small'] as const
export type QueryName = (typeof queryNames)[number]

/** Composes the supergraph of subgraphs at these urls; its SDL. */
export function composeSupergraph(urls: Record<SubgraphName, string>): string {
  const services = subgraphNames.map((name) => ({ name, url: urls[name], typeDefs: typeDefs(name) }))
  const { supergraphSdl, errors } = composeServices(services)
  if (!supergraphSdl) throw new Error(`The subgraphs do not compose: ${errors?.join('\n')}`)
  return supergraphSdl
}

/** One of the two queries. */
export function queryText(name: QueryName): string {
  return readFileSync(new URL(`queries/${name}.graphql`, import.meta.url), 'utf8')
}

/** What a query has to be answered: executed by graphql-js over one schema, past all gateways. */
export function expectedData(supergraphSdl: string, query: string): unknown {
  const schema = Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema()
  const rootValue = { users, topProducts: ({ first }: { first: number }) => products.slice(0, first) }
  const result = graphqlSync({ schema, source: query, rootValue })
  if (result.errors) throw new Error(`The query has no answer: ${result.errors.join('\n')}`)
  // As it arrives: objects without a prototype would not equal those that were parsed.
  return JSON.parse(JSON.stringify(result.data))
}
