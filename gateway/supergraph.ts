import { composeServices } from '@apollo/composition'
import { errorCauses, type Schema, Supergraph } from '@apollo/federation-internals'
import { QueryPlanner, type QueryPlannerConfig } from '@apollo/query-planner'
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, print, visit } from 'graphql'
import { type SubgraphName, subgraphNames } from '../platform/names.ts'
import type { DeclaredSubgraph } from '../platform/settings/subgraph-addresses.ts'
import { sdlOf } from '../platform/subgraph.ts'
import { type CostWeights, readCostWeights } from './access/cost-weights.ts'
import { withClientDirectives } from './execution/mend/client-directives.ts'
import { type Mending, planningSupergraph } from './execution/mend/planning-supergraph.ts'
import { contractOf, PARTNER } from './supergraph/contract.ts'
import { linked, linkedNames } from './supergraph/directive-links.ts'
import { type FieldAccess, readFieldAccess } from './supergraph/field-access.ts'
import {
  accessDirectiveOf,
  type DependsOnViewer,
  readViewerDependence,
} from './supergraph/viewer-dependence.ts'

/** A supergraph that operations can be validated and planned against. */
export type LoadedSupergraph = {
  /** The supergraph in the form that Apollo's gateway accepts. */
  sdl: string
  /** Its subgraphs, where it says that they are. */
  subgraphs: readonly DeclaredSubgraph[]
  /** The access directives that it came with: subgraphs enforce them, the gateway does not. */
  accessDirectives: readonly string[]
  /** What clients see of it, as the planner wants operations to refer to it. */
  apiSchema: Schema
  /** The same for graphql-js, with @defer. */
  schema: GraphQLSchema
  /** What partners see of that; null: there is no contract with them. */
  contract: GraphQLSchema | null
  /** All of it, with what is only there to join subgraphs. */
  supergraphSchema: GraphQLSchema
  planner: QueryPlanner
  /** What its plans are mended by. */
  mending: Mending
  dependsOnViewer: DependsOnViewer
  /** What it says of the costs of types, fields and arguments. */
  costs: CostWeights
  /** What it says of who may ask, by coordinate. */
  access: ReadonlyMap<string, FieldAccess>
  /** One subgraph's own part of it; undefined for none of its subgraphs. */
  schemaOf(subgraph: string): Schema | undefined
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

/** A text is no supergraph that can be served. */
export class SupergraphError extends Error {
  readonly faults: readonly string[]
  constructor(cause: unknown) {
    const faults = faultsOf(cause)
    super(faults.join('\n'), { cause })
    this.faults = faults
  }
}

/** Prepares a composed supergraph. Throws SupergraphError when it is none. */
export function loadSupergraph(composed: string): LoadedSupergraph {
  return orSupergraphError(() => {
    const document = parse(composed)
    const { sdl: open, accessDirectives } = withoutAccessDirectives(document)
    const sdl = withClientDirectives(open)
    const supergraph = Supergraph.build(sdl)
    const { supergraph: planned, mending } = planningSupergraph(supergraph, sdl)
    const schema = supergraph.apiSchema().toGraphQLJSSchema({ includeDefer: true })
    const supergraphSchema = supergraph.schema.toGraphQLJSSchema()
    return {
      sdl,
      subgraphs: declaredBy(supergraph),
      accessDirectives,
      apiSchema: planned.apiSchema(),
      schema,
      contract: contractOf(document, schema, PARTNER),
      supergraphSchema,
      planner: createPlanner(planned),
      mending,
      dependsOnViewer: readViewerDependence(document, supergraphSchema),
      costs: readCostWeights(document),
      access: readFieldAccess(document),
      // The planner has them already.
      schemaOf: (subgraph) => planned.subgraphs().get(subgraph)?.schema,
    }
  })
}

/** The subgraphs of a composed supergraph, without the cost of preparing it. Throws SupergraphError when it is none. */
export function subgraphsOf(composed: string): DeclaredSubgraph[] {
  return orSupergraphError(() => declaredBy(Supergraph.build(withoutAccessDirectives(parse(composed)).sdl)))
}

/** What plans operations; `options` stand over how this gateway has plans made. */
export function createPlanner(supergraph: Supergraph, options: QueryPlannerConfig = {}): QueryPlanner {
  return new QueryPlanner(supergraph, {
    // live/resume.ts reads operations without fragments.
    generateQueryFragments: false,
    incrementalDelivery: { enableDefer: true },
    // Small operations on interfaces that many subgraphs share have ways beyond number, which took minutes and all memory.
    debug: { pathsLimit: 2_000 },
    ...options,
  })
}

function declaredBy(supergraph: Supergraph): DeclaredSubgraph[] {
  return supergraph.subgraphsMetadata().map(({ name, url }) => ({ name, url }))
}

function orSupergraphError<T>(load: () => T): T {
  try {
    return load()
  } catch (error) {
    throw new SupergraphError(error)
  }
}

/** What is wrong, one fault a line; Apollo puts several into one error. */
function faultsOf(error: unknown): string[] {
  const causes = error instanceof Error ? (errorCauses(error) ?? [error]) : [error]
  return causes.map((cause) => {
    const message = cause instanceof Error ? cause.message : String(cause)
    // Later faults are found in what was printed anew, whose lines nobody knows.
    const isInText = cause instanceof GraphQLError && message.startsWith('Syntax Error')
    const line = isInText && cause.locations?.[0]?.line
    return message.replace(/\s*\n\s*/g, ' ').trim() + (line ? ` (line ${line})` : '')
  })
}

/**
 * A supergraph without @authenticated, @requiresScopes and @policy: Apollo's gateway refuses what it cannot enforce.
 * Our subgraphs enforce it.
 */
function withoutAccessDirectives(document: DocumentNode): { sdl: string; accessDirectives: string[] } {
  const names = new Set(linkedNames(document, accessDirectiveOf))
  const isAccess = (name: string) =>
    names.has(name) || [...names].some((prefix) => name.startsWith(`${prefix}__`))
  const stripped = visit(document, {
    Directive: (node) =>
      names.has(node.name.value) || accessDirectiveOf(linked(node) ?? '') ? null : undefined,
    DirectiveDefinition: (node) => (isAccess(node.name.value) ? null : undefined),
    ScalarTypeDefinition: (node) => (isAccess(node.name.value) ? null : undefined),
  })
  return { sdl: print(stripped), accessDirectives: [...names] }
}
