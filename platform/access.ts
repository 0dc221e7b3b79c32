import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  isNonNullType,
} from 'graphql'
import { forbidden, notFound, unauthenticated } from './errors.ts'
import type { Identity, Person } from './identity.ts'
import { checkScopeOf, type Doing, seenViewer } from './program-access.ts'
import type { Request } from './request.ts'
import { readmitting } from './streams.ts'

/**
 * Whether `viewer` (null: anonymous, or a program that may not read its owner's account) may see what `reference` names: an
 * entity's key fields, or a field's arguments. The gateway on its own behalf is never asked about.
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
  /** Whether it is a mutation. */
  changes: boolean
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
  const rule = { changes: type.name === 'Mutation', scopes, access }
  if (type.name === 'Viewer') return { kind: 'owner', ...rule }
  if (has('authenticated') || scopes.length > 0) return { kind: 'authenticated', ...rule }
  return { kind: has('perViewer') ? 'perViewer' : 'open', ...rule }
}

/** Wraps a field's resolver so that it runs only for those who may, with the context that its rule grants. */
export function guardField(field: GraphQLField<unknown, Request>, rule: FieldRule): void {
  const { resolve, subscribe } = field
  const plain = rule.kind === 'open' && !rule.access
  if (subscribe) {
    field.subscribe = async (source, args, request, info) => {
      const doing = doingIn(rule, info)
      await admit(rule, source, args, request, field, doing)
      const stream = await subscribe(source, args, contextFor(rule, request, doing), info)
      return readmitting(stream as AsyncIterableIterator<unknown>, () =>
        admit(rule, source, args, request, field, doing),
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
      ? (source, args, request, info) =>
          run(source, args, contextFor(rule, request, doingIn(rule, info)), info)
      : async (source, args, request, info) => {
          const doing = doingIn(rule, info)
          const sees = await admit(rule, source, args, request, field, doing)
          return sees ? run(source, args, contextFor(rule, request, doing), info) : null
        }
}

/** What a field is asked for. */
const doingIn = ({ changes }: FieldRule, { operation }: GraphQLResolveInfo): Doing =>
  changes ? 'change' : operation.operation === 'mutation' ? 'read of a change' : 'read'

/** Throws for who may not; false for what is to look as if it did not exist, where the field can say so. */
async function admit(
  rule: FieldRule,
  source: unknown,
  args: Record<string, string>,
  { caller: { identity }, context }: Request,
  field: GraphQLField<unknown, Request>,
  doing: Doing,
): Promise<boolean> {
  const person = identity.kind === 'person' ? identity : null
  if (rule.kind === 'owner' && !vouchedFor.has(source as object)) {
    if (!person || (source as { id?: string }).id !== person.id) throw notFound('person')
    checkScopeOf(person, doing)
  }
  if (rule.kind === 'authenticated' && !person) throw unauthenticated()
  if (rule.scopes.length > 0) {
    const granted = new Set(person?.scopes)
    if (!rule.scopes.some((set) => set.every((scope) => granted.has(scope)))) throw forbidden()
  } else if (rule.kind === 'authenticated' && person) checkScopeOf(person, doing)
  if (!rule.access || identity.kind === 'gateway') return true
  if (await rule.access(args, viewerFor(rule, identity, doing), context as never)) return true
  if (isNonNullType(field.type) || field.subscribe) throw notFound('competition')
  return false
}

const vouchedFor = new WeakSet<object>()

/** Lets whoever receives this Viewer read it: they have just proven to be that person, by a password or a token. */
export function vouch<Source extends object>(source: Source): Source {
  vouchedFor.add(source)
  return source
}

/** Who has been admitted to a field that needs somebody is known to it; elsewhere programs may not let on whose they are. */
function viewerFor({ kind }: FieldRule, identity: Identity, doing: Doing): Person | null {
  if (kind !== 'authenticated' && kind !== 'owner') return seenViewer(identity, doing)
  return identity.kind === 'person' ? identity : null
}

function contextFor(rule: FieldRule, request: Request, doing: Doing): Request {
  // Resolvers are typed by their own context; only this wrapper knows of Request.
  if (rule.kind === 'open' || rule.kind === 'owner') return request.context as Request
  const viewer = viewerFor(rule, request.caller.identity, doing)
  const key = viewer ? 'seeing' : 'blind'
  request[key] ??= { ...request.context, viewer }
  return request[key] as object as Request
}

function scopeSets(value: unknown): string[][] {
  type Node = { kind: string; value?: string; values?: Node[] }
  const sets = (value as Node | undefined)?.values ?? []
  return sets.map((set) => (set.values ?? [set]).map((scope) => scope.value ?? ''))
}
