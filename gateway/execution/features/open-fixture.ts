import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Caller } from '../../../platform/identity.ts'
import { createLogger } from '../../../platform/logger.ts'
import { loadSupergraph } from '../../supergraph.ts'
import {
  type Asked,
  composeFixture,
  type FixtureSubgraph,
  fixtureTransports,
} from '../../test-support/federation.ts'
import { createEngine } from '../engine.ts'
import { InvalidOperationError } from '../invalid-operation.ts'

/** A subgraph of federation 2, whose directives it need not import; or of version 1, which has no imports. */
export type FeatureSubgraph = FixtureSubgraph & { version?: 1 }

/** What a client gets. */
export type Answer = { data?: unknown; errors?: readonly GraphQLFormattedError[] }

type Representation = { __typename: string; [field: string]: unknown }

/** The engine over subgraphs of a few lines each, and what it asked them. */
export async function openFixture(subgraphs: Record<string, FeatureSubgraph>) {
  const linked = Object.fromEntries(
    Object.entries(subgraphs).map(([name, subgraph]) => [name, withLink(subgraph)]),
  )
  const asked: Asked[] = []
  const engine = createEngine({
    supergraph: loadSupergraph(composeFixture(linked)),
    transports: fixtureTransports(linked, { asked }),
    limits: { tokens: 10_000, depth: 50, aliases: 1_000, rootFields: 1_000, selections: 10_000 },
    logger: createLogger('silent'),
    cache: 100,
  })
  return {
    asked,
    /** The subgraphs in the order that they were asked in, since the last time that somebody looked. */
    callsTo: () => asked.splice(0).map(({ subgraph }) => subgraph),
    /** The representations that a subgraph was sent, since the last time that somebody looked. */
    sentTo: (name: string) =>
      asked
        .splice(0)
        .filter(({ subgraph }) => subgraph === name)
        .flatMap(({ variables }) => (variables.representations ?? []) as Representation[]), // so a request for entities has it
    async ask(query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
      try {
        const operation = engine.operation(query)
        if (operation.kind === 'subscription') throw new Error('a subscription has no single answer')
        const { data, errors } = await operation.run({ variables, caller })
        return { ...(data !== undefined && { data: JSON.parse(data) }), ...(errors.length > 0 && { errors }) }
      } catch (error) {
        if (error instanceof InvalidOperationError) return { errors: error.errors }
        if (error instanceof GraphQLError) return { errors: [error] }
        throw error
      }
    },
  }
}

const caller: Caller = { identity: { kind: 'anonymous' }, requestId: 'test' }

/** Resolves references to rows of test data; what came with a reference beside its key goes on to the fields. */
export function entities<Row extends object>(rows: readonly Row[], ...keys: string[]) {
  const of = (row: object, key: string) => (row as Record<string, unknown>)[key]
  return {
    __resolveReference({ __typename, ...reference }: { __typename?: string }) {
      const row = rows.find((row) =>
        (keys.length ? keys : ['id']).every((key) => of(row, key) === of(reference, key)),
      )
      return row ? { ...row, ...reference } : null
    },
  }
}

const imports = ['key', 'shareable', 'external', 'requires', 'provides', 'override', 'inaccessible', 'interfaceObject', 'extends', 'context', 'fromContext'] // biome-ignore format: one list

function withLink({ version, typeDefs, resolvers }: FeatureSubgraph): FixtureSubgraph {
  if (version === 1 || typeDefs.includes('@link(')) return { typeDefs, resolvers }
  const link = `@link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports.map((name) => `"@${name}"`).join()}])`
  return { typeDefs: `extend schema ${link}\n${typeDefs}`, resolvers }
}
