import type { Identity } from '../../platform/identity.ts'
import { type Role, scopesOf } from '../../subgraphs/users/roles.ts'
import { sessionOf } from '../support/raw.ts'
import type { Person, TestSupergraph } from '../support/supergraph.ts'
import type { DeclaredField } from './declared-fields.ts'

/** Everyone whom every field is asked for by. Programs are the owner's, but for the administrator's. */
export const callerNames = [
  'anonymous',
  'another person',
  'the owner',
  'an administrator',
  'a suspended person',
  'a program that may read',
  'a program that may write',
  "an administrator's program",
  'a partner',
] as const
export type CallerName = (typeof callerNames)[number]

export type Caller = {
  name: CallerName
  token: string | undefined
  /** As a gateway tells it to subgraphs. */
  identity: Identity
  /** Whether it is the owner of what is asked about, or acts for them. */
  isOwner: boolean
}

const programs = {
  'a program that may read': ['account:read'],
  'a program that may write': ['account:write'],
  "an administrator's program": ['users:admin'],
  'a partner': ['schema:read'],
} as const

/** Mutations that need somebody who has signed in, since they secure an account. */
const inSession = [
  'logOut', 'logOutEverywhereElse', 'changePassword', 'requestEmailVerification', 'createApiKey', 'revokeApiKey', 'exportMyData', 'deleteMyAccount',
] // biome-ignore format: one list

export type Callers = Record<CallerName, Caller> & { owner: Person }

/** Opens the accounts and makes the keys. */
export async function openCallers(podium: TestSupergraph): Promise<Callers> {
  const owner = await podium.person('Owner')
  const other = await podium.person('Other')
  const admin = await podium.admin('Admin')
  const suspended = await podium.person('Suspended')
  await admin.mutate(
    'mutation ($id: ID!) { suspendUser(userId: $id, reason: "a test") { userErrors { code message field } } }',
    { id: suspended.id },
  )

  const identityOf = (person: Person, role: Role): Identity => {
    return { kind: 'person', id: person.id, role, scopes: [...scopesOf(role)], sessionId: sessionOf(person.token) } // biome-ignore format: one identity
  }
  const caller = (name: CallerName, person: Person, role: Role = 'USER'): Caller => {
    return { name, token: person.token, identity: identityOf(person, role), isOwner: person === owner }
  }
  async function program(name: keyof typeof programs, person: Person, role: Role = 'USER'): Promise<Caller> {
    const scopes = [...programs[name]]
    const { secret, apiKey } = await person.mutate<{ secret: string; apiKey: { id: string } }>(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } userErrors { code message field } } }',
      { input: { name, scopes } },
    )
    const identity: Identity = {
      kind: 'person',
      id: person.id,
      role,
      scopes,
      sessionId: apiKey.id,
      isProgram: true,
    }
    return { name, token: secret, identity, isOwner: person === owner }
  }
  return {
    owner,
    anonymous: { name: 'anonymous', token: undefined, identity: { kind: 'anonymous' }, isOwner: false },
    'another person': caller('another person', other),
    'the owner': caller('the owner', owner),
    'an administrator': caller('an administrator', admin, 'ADMIN'),
    'a suspended person': caller('a suspended person', suspended),
    'a program that may read': await program('a program that may read', owner),
    'a program that may write': await program('a program that may write', owner),
    "an administrator's program": await program("an administrator's program", admin, 'ADMIN'),
    'a partner': await program('a partner', owner),
  }
}

const scopesIn = ({ identity }: Caller) => (identity.kind === 'person' ? identity.scopes : [])
const isProgram = ({ identity }: Caller) => identity.kind === 'person' && identity.isProgram === true

/** Whether a caller is somebody to what depends on who asks. */
export const isSomebody = (caller: Caller) =>
  caller.identity.kind === 'person' && (!isProgram(caller) || scopesIn(caller).includes('account:read'))

/** Whether a caller sees what is its owner's and their competitors'. */
export const seesPrivate = (caller: Caller) =>
  (caller.isOwner && isSomebody(caller)) || scopesIn(caller).includes('competitions:admin')

/** What a caller is answered where the audience says that it may not: a code; undefined where it may. */
export function refusalOf(
  { audience, type, name, scopes }: Pick<DeclaredField, 'audience' | 'type' | 'name' | 'scopes'>,
  caller: Caller,
): string | undefined {
  if (audience === 'anyone' || audience === 'its owner') return undefined
  if (caller.name === 'anonymous') return 'UNAUTHENTICATED'
  if (audience === 'who has the scopes') {
    return scopes.some((set) => set.every((scope) => scopesIn(caller).includes(scope)))
      ? undefined
      : 'FORBIDDEN'
  }
  if (!isProgram(caller)) return undefined
  const scope = type === 'Mutation' ? 'account:write' : 'account:read'
  const isKept = type === 'Mutation' && inSession.includes(name)
  return isKept || !scopesIn(caller).includes(scope) ? 'FORBIDDEN' : undefined
}
