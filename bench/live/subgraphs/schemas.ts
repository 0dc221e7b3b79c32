import { readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type DocumentNode, type GraphQLSchema, parse } from 'graphql'
import { users } from './data.ts'

export const subgraphNames = ['board', 'users'] as const
export type SubgraphName = (typeof subgraphNames)[number]

const user = ({ id }: { id: string }) => users.find((one) => one.id === id)

const resolvers = {
  board: {},
  users: {
    Query: { user: (_: unknown, key: { id: string }) => user(key) },
    User: { __resolveReference: user },
  },
}

/** A subgraph's SDL. */
export function typeDefs(name: SubgraphName): DocumentNode {
  return parse(readFileSync(new URL(`${name}.graphql`, import.meta.url), 'utf8'))
}

/** A subgraph that can be executed; the board's fields resolve from the root value. */
export function subgraphSchema(name: SubgraphName): GraphQLSchema {
  return buildSubgraphSchema({ typeDefs: typeDefs(name), resolvers: resolvers[name] })
}
