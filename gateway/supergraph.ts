import { composeServices } from '@apollo/composition'
import { type Schema, Supergraph } from '@apollo/federation-internals'
import { QueryPlanner } from '@apollo/query-planner'
import { type DirectiveNode, type DocumentNode, type GraphQLSchema, Kind, parse, print, visit } from 'graphql'
import { type SubgraphName, subgraphNames } from '../platform/names.ts'
import { sdlOf } from '../platform/subgraph.ts'

/** A supergraph that operations can be validated and planned against. */
export type LoadedSupergraph = {
  /** The supergraph in the form that Apollo's gateway accepts. */
  sdl: string
  /** What clients see of it. */
  apiSchema: Schema
  /** The same for graphql-js. */
  schema: GraphQLSchema
  /** All of it, with what is only there to join subgraphs. */
  supergraphSchema: GraphQLSchema
  planner: QueryPlanner
}

/**
 * Composes the subgraphs' SDL into a supergraph. Throws with every fault; a hint is one, too, since each says that
 * subgraphs disagree.
 */
export function composeSupergraph(
  urls: Record<SubgraphName, string>,
  sdl: (name: SubgraphName) => string = sdlOf,
): string {
  const { supergraphSdl, errors, hints } = composeServices(
    subgraphNames.map((name) => ({ name, url: urls[name], typeDefs: parse(sdl(name)) })),
  )
  const faults = [...(errors ?? []).map(({ message }) => message), ...(hints ?? []).map(String)]
  if (faults.length > 0) throw new Error(`The subgraphs do not compose:\n${faults.join('\n')}`)
  // Without errors there is a supergraph.
  return supergraphSdl as string
}

/** Prepares a composed supergraph. Throws when it is none. */
export function loadSupergraph(composed: string): LoadedSupergraph {
  const sdl = withoutAccessDirectives(composed)
  const supergraph = Supergraph.build(sdl)
  const apiSchema = supergraph.apiSchema()
  return {
    sdl,
    apiSchema,
    schema: apiSchema.toGraphQLJSSchema(),
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
    // live/resume.ts reads operations without fragments.
    planner: new QueryPlanner(supergraph, { generateQueryFragments: false }),
  }
}

const accessSpec = /\/(authenticated|requiresScopes|policy)\/v[\d.]+$/

/**
 * A supergraph without @authenticated, @requiresScopes and @policy: Apollo's gateway refuses what it cannot enforce.
 * Our subgraphs enforce it.
 */
function withoutAccessDirectives(composed: string): string {
  const document = parse(composed)
  const names = new Set(accessLinks(document))
  const isAccess = (name: string) =>
    names.has(name) || [...names].some((prefix) => name.startsWith(`${prefix}__`))
  const stripped = visit(document, {
    Directive: (node) =>
      names.has(node.name.value) || (node.name.value === 'link' && specOf(node)) ? null : undefined,
    DirectiveDefinition: (node) => (isAccess(node.name.value) ? null : undefined),
    ScalarTypeDefinition: (node) => (isAccess(node.name.value) ? null : undefined),
  })
  return print(stripped)
}

/** The names that the supergraph gives to the access directives. */
function accessLinks(document: DocumentNode): string[] {
  return document.definitions
    .flatMap((node) => (node.kind === Kind.SCHEMA_DEFINITION ? (node.directives ?? []) : []))
    .flatMap((link) => {
      const spec = specOf(link)
      return spec ? [argument(link, 'as') ?? spec] : []
    })
}

/** The access directive that a @link is about; undefined for any other link. */
function specOf(link: DirectiveNode): string | undefined {
  return accessSpec.exec(argument(link, 'url') ?? '')?.[1]
}

function argument(directive: DirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((node) => node.name.value === name)?.value
  return value?.kind === Kind.STRING ? value.value : undefined
}
