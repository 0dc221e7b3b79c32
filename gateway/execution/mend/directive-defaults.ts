import type { FetchNode, QueryPlan } from '@apollo/query-planner'
import { astFromValue, type DirectiveNode, type GraphQLDirective, type GraphQLSchema, isSpecifiedDirective, Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql' // biome-ignore format: one list
import { mapFetches } from './map-fetches.ts'

/**
 * Writes out the defaults of directives on operations. The planner hands such a directive on as the client wrote it;
 * an argument may have its default in the supergraph alone, and the subgraph that is asked would miss it.
 */
export function withDirectiveDefaults(plan: QueryPlan, schema: GraphQLSchema): QueryPlan {
  const directives = new Map(
    schema
      .getDirectives()
      .filter(
        (directive) =>
          directive.name !== 'defer' &&
          !isSpecifiedDirective(directive) &&
          directive.args.some((arg) => arg.defaultValue !== undefined),
      )
      .map((directive) => [directive.name, directive]),
  )
  if (directives.size === 0) return plan
  return mapFetches(plan, (fetch) =>
    fetch.operation.includes('@') ? withDefaults(fetch, directives) : fetch,
  )
}

function withDefaults(fetch: FetchNode, directives: ReadonlyMap<string, GraphQLDirective>): FetchNode {
  const document = visit(parse(fetch.operation, { noLocation: true }), {
    Directive(node): DirectiveNode | undefined {
      const given = new Set(node.arguments?.map(({ name }) => name.value))
      const missing = directives.get(node.name.value)?.args.filter(({ name }) => !given.has(name)) ?? []
      const defaults = missing.flatMap(({ name, defaultValue, type }) => {
        const value = defaultValue === undefined ? null : astFromValue(defaultValue, type)
        return value
          ? [{ kind: Kind.ARGUMENT as const, name: { kind: Kind.NAME as const, value: name }, value }]
          : []
      })
      return defaults.length > 0
        ? { ...node, arguments: [...(node.arguments ?? []), ...defaults] }
        : undefined
    },
  })
  return { ...fetch, operation: stripIgnoredCharacters(print(document)) }
}
