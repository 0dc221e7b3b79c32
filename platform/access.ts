import { defaultFieldResolver, type GraphQLField, type GraphQLObjectType, isNonNullType } from 'graphql'
import { forbidden, notFound, unauthenticated } from './errors.ts'
import type { Person } from './identity.ts'
import type { Request } from './request.ts'
import { readmitting } from './streams.ts'

/**
 * Whether `viewer` (null: anonymous) may see what `reference` names: an entity's key fields, or a field's arguments.
 * The gateway on its own behalf is never asked about.
 */
export type AccessRule<Context> = (
  // Key fields and arguments are the schema's to type; a rule reads the ids it declares.
  reference: Record<string, string>,
  viewer: Person | null,
  context: Context,
) => boolean | Promise<boolean>

/** An access rule for what anyone may see. */
export const anyone: AccessRule<unknown> = () => true

/** How a field is guarded: what the SDL says of it. */
export type FieldRule = {
  kind: 'open' | 'perViewer' | 'authenticated' | 'owner'
  /** Any of these sets of scopes. */
  scopes: string[][]
  access: AccessRule<never> | undefined
}

/** Reads a field's rule from its directives and its type: Viewer's fields are their owner's alone. */
export function ruleOf(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  access: AccessRule<never> | undefined,
): FieldRule {
  const directives = field.astNode?.directives ?? []
  const has = (name: string) => directives.some((directive) => directive.name.value === name)
  const scopes = directives
    .filter((directive) => directive.name.value === 'requiresScopes')
    .flatMap((directive) => scopeSets(directive.arguments?.[0]?.value))
  if (type.name === 'Viewer') return { kind: 'owner', scopes, access }
  if (has('authenticated') || scopes.length > 0) return { kind: 'authenticated', scopes, access }
  return { kind: has('perViewer') ? 'perViewer' : 'open', scopes, access }
}

/** Wraps a field's resolver so that it runs only for those who may, with the context that its rule grants. */
export function guardField(field: GraphQLField<unknown, Request>, rule: FieldRule): void {
  const { resolve, subscribe } = field
  const plain = rule.kind === 'open' && !rule.access
  if (subscribe) {
    field.subscribe = async (source, args, request, info) => {
      await admit(rule, source, args, request, field)
      const stream = await subscribe(source, args, contextFor(rule, request), info)
      return readmitting(stream as AsyncIterableIterator<unknown>, () =>
        admit(rule, source, args, request, field),
      )
    }
  }
  // Property access needs no context, so a field without a resolver stays as fast as it was.
  const reads = !resolve || resolve === defaultFieldResolver
  if (reads && (plain || subscribe)) return
  const run = resolve ?? defaultFieldResolver
  // An event of a stream comes to those who were admitted to the stream.
  field.resolve =
    plain || subscribe
      ? (source, args, request, info) => run(source, args, contextFor(rule, request), info)
      : async (source, args, request, info) => {
          const sees = await admit(rule, source, args, request, field)
          return sees ? run(source, args, contextFor(rule, request), info) : null
        }
}

/** Throws for who may not; false for what is to look as if it did not exist, where the field can say so. */
async function admit(
  rule: FieldRule,
  source: unknown,
  args: Record<string, string>,
  { caller: { identity }, context }: Request,
  field: GraphQLField<unknown, Request>,
): Promise<boolean> {
  const viewer = identity.kind === 'person' ? identity : null
  if (rule.kind === 'owner' && !isOwner(source, viewer)) throw notFound('person')
  if (rule.kind === 'authenticated' && !viewer) throw unauthenticated()
  if (rule.scopes.length > 0) {
    const granted = new Set(viewer?.scopes)
    if (!rule.scopes.some((set) => set.every((scope) => granted.has(scope)))) throw forbidden()
  }
  if (!rule.access || identity.kind === 'gateway') return true
  if (await rule.access(args, viewer, context as never)) return true
  if (isNonNullType(field.type) || field.subscribe) throw notFound('competition')
  return false
}

const vouchedFor = new WeakSet<object>()

/** Lets whoever receives this Viewer read it: they have just proven to be that person, by a password or a token. */
export function vouch<Source extends object>(source: Source): Source {
  vouchedFor.add(source)
  return source
}

function isOwner(source: unknown, viewer: Person | null): boolean {
  return vouchedFor.has(source as object) || (viewer !== null && (source as { id?: string }).id === viewer.id)
}

function contextFor(rule: FieldRule, request: Request): Request {
  // Resolvers are typed by their own context; only this wrapper knows of Request.
  if (rule.kind === 'open' || rule.kind === 'owner') return request.context as Request
  request.seeing ??= {
    ...request.context,
    viewer: request.caller.identity.kind === 'person' ? request.caller.identity : null,
  }
  return request.seeing as object as Request
}

function scopeSets(value: unknown): string[][] {
  type Node = { kind: string; value?: string; values?: Node[] }
  const sets = (value as Node | undefined)?.values ?? []
  return sets.map((set) => (set.values ?? [set]).map((scope) => scope.value ?? ''))
}
