import { composeServices } from '@apollo/composition'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type DocumentNode, execute, type GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'
import type { Transport } from '../transport/transport.ts'

/** A subgraph of a test, in federation SDL. Its resolvers are what buildSubgraphSchema takes. */
export type FixtureSubgraph = { typeDefs: string; resolvers?: object }

/** What a subgraph was asked for. */
export type Asked = { subgraph: string; query: string; variables: Record<string, unknown> }

/** Composes subgraphs into a supergraph; throws with every fault. */
export function composeFixture(subgraphs: Record<string, FixtureSubgraph>): string {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(subgraphs).map(([name, { typeDefs }]) => ({
      name,
      url: `http://${name}/graphql`,
      typeDefs: parse(typeDefs),
    })),
  )
  if (!supergraphSdl) throw new Error((errors ?? []).map(({ message }) => message).join('\n'))
  return supergraphSdl
}

/** The subgraphs, each run by graphql-js in this process; `change` may alter or replace an answer's text. */
export function fixtureTransports(
  subgraphs: Record<string, FixtureSubgraph>,
  {
    asked = [],
    change,
  }: { asked?: Asked[]; change?: (text: string, asked: Asked) => string | Promise<string> } = {},
): Record<string, Transport> {
  return Object.fromEntries(
    Object.entries(subgraphs).map(([name, { typeDefs, resolvers = {} }]) => {
      const schema = buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers: resolvers as never }) // its type of resolvers is narrower than what it takes
      return [name, transportTo(name, schema, asked, change)]
    }),
  )
}

function transportTo(
  name: string,
  schema: GraphQLSchema,
  asked: Asked[],
  change: ((text: string, asked: Asked) => string | Promise<string>) | undefined,
): Transport {
  const known = new Map<string, { document: DocumentNode; faults: readonly GraphQLError[] }>()
  return {
    async send({ body }) {
      const { query, variables = {} } = JSON.parse(body) as Omit<Asked, 'subgraph'>
      const request = { subgraph: name, query, variables }
      asked.push(request)
      const { document, faults } = known.get(query) ?? read(query)
      const text = JSON.stringify(
        faults.length > 0
          ? { errors: faults }
          : await execute({ schema, document, variableValues: variables }),
      )
      return change ? change(text, request) : text
    },
    async close() {},
  }

  function read(query: string) {
    const document = parse(query)
    const made = { document, faults: validate(schema, document) }
    known.set(query, made)
    return made
  }
}
