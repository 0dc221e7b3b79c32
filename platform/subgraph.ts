import { readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import type { FastifyInstance } from 'fastify'
import { type GraphQLObjectType, type GraphQLSchema, isObjectType, parse } from 'graphql'
import { type AccessRule, guardField, ruleOf } from './access.ts'
import type { EventHandlers } from './events.ts'
import type { Caller, Identity, Person } from './identity.ts'
import type { SubgraphName } from './names.ts'
import { checkScopeOf, seenViewer } from './program-access.ts'
import type { Request, RequestInfo } from './request.ts'

/** A subgraph that is open: its schema, what a request gets, what it does about events. */
export type Subgraph = {
  name: SubgraphName
  schema: GraphQLSchema
  /** The context value of one request, in the form that the schema's wrapped resolvers expect. */
  contextOf(caller: Caller): object
  handlers: EventHandlers
  /** What it serves over HTTP beside GraphQL. */
  routes?: (app: FastifyInstance) => void
  close(): Promise<void>
}

/**
 * Makes a subgraph of SDL and resolvers. Every resolver is wrapped by what the SDL says of its field, so a resolver
 * cannot forget to authorise, and one whose field does not depend on who asks is not told (docs/decisions.md).
 * `access` says who may see an entity (by type name) or a field of the root (by `Type.field`); every entity that can be resolved
 * here must be in it, except Viewer, which is its owner's alone.
 */
export function defineSubgraph<Context extends object>(definition: {
  name: SubgraphName
  resolvers: object
  access: Record<string, AccessRule<Context>>
  context: (request: RequestInfo) => Context
  handlers: EventHandlers
  routes?: (app: FastifyInstance) => void
  close?: () => Promise<void>
}): Subgraph {
  const { name, access, context, handlers, routes, close = async () => {} } = definition
  const typeDefs = parse(sdlOf(name))
  // The one cast of the house: generated resolver types do not fit buildSubgraphSchema's.
  const resolvers = definition.resolvers as Parameters<typeof buildSubgraphSchema>[0] extends {
    resolvers?: infer R
  }
    ? R
    : never
  const schema = buildSubgraphSchema({ typeDefs, resolvers })
  guardSchema(name, schema, access)
  return {
    name,
    schema,
    contextOf: ({ identity, ...request }) =>
      ({ caller: { identity, ...request }, context: context(request) }) satisfies Request<Context>,
    handlers,
    routes,
    close,
  }
}

/** Guards every resolver of a subgraph's schema. Throws where `access` and the schema do not fit each other. */
export function guardSchema(
  name: string,
  schema: GraphQLSchema,
  access: Record<string, AccessRule<never>>,
): void {
  const unused = new Set(Object.keys(access))
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('_')) continue
    guardReference(type, access[type.name])
    unused.delete(type.name)
    for (const field of Object.values(type.getFields())) {
      // _service is for everyone; _entities is guarded by type, and hands the request on to those guards.
      if (field.name.startsWith('_')) continue
      const coordinate = `${type.name}.${field.name}`
      unused.delete(coordinate)
      if (access[coordinate] && !isRoot(type, schema)) {
        throw new Error(
          `${coordinate} is below the root: what depends on who asks there is marked @perViewer`,
        )
      }
      guardField(field, ruleOf(type, field, access[coordinate]))
    }
  }
  if (unused.size > 0) {
    throw new Error(`${name} has no ${[...unused].join(', ')} that access could be ruled for`)
  }
}

/** A gateway that shares a stream asks a subgraph on its own behalf, and sees no rule that is below the root. */
function isRoot(type: GraphQLObjectType, schema: GraphQLSchema): boolean {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type)
}

/** A subgraph's whole SDL: what all share, and its own. */
export function sdlOf(name: SubgraphName): string {
  const read = (file: string) => readFileSync(new URL(`../schema/${file}.graphql`, import.meta.url), 'utf8')
  return `${read('common')}\n${read(name)}`
}

type ResolveReference = (reference: { id: string }, request: Request, info: unknown) => unknown

function guardReference(type: GraphQLObjectType, rule: AccessRule<never> | undefined) {
  const keys = type.astNode?.directives?.filter((directive) => directive.name.value === 'key') ?? []
  const resolvable = keys.some(
    (key) =>
      !key.arguments?.some(
        (a) => a.name.value === 'resolvable' && 'value' in a.value && a.value.value === false,
      ),
  )
  if (!resolvable) return
  const allowed = type.name === 'Viewer' ? isCaller : rule
  if (!allowed) throw new Error(`${type.name} can be resolved as an entity, and access does not say by whom`)
  const extensions = type.extensions as { apollo?: { subgraph?: { resolveReference?: ResolveReference } } }
  const resolve = extensions.apollo?.subgraph?.resolveReference ?? ((reference) => reference)
  type.extensions = {
    ...type.extensions,
    apollo: {
      ...extensions.apollo,
      subgraph: {
        ...extensions.apollo?.subgraph,
        resolveReference: (async (reference, request, info) => {
          const { identity } = request.caller
          if (type.name === 'Viewer' && isOwn(reference, identity)) checkScopeOf(identity, 'read')
          const viewer = seenViewer(identity, 'read')
          const sees =
            (identity.kind === 'gateway' && type.name !== 'Viewer') ||
            // The rule is the subgraph's own, and the context is what the subgraph made.
            (await allowed(reference, viewer, request.context as never))
          return sees ? resolve(reference, request.context as Request, info) : null
        }) satisfies ResolveReference,
      },
    },
  }
}

const isCaller: AccessRule<object> = (reference, viewer) => viewer !== null && isOwn(reference, viewer)

const isOwn = (reference: { id?: string }, identity: Identity): identity is Person =>
  identity.kind === 'person' && reference.id === identity.id
