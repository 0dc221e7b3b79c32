import type { Identity } from '../../platform/identity.ts'

/** What callers see: all of the API, or the contract with partners alone. */
export type Api = 'whole' | 'partner'

/** What holds a program to the contract, and shows it to it. */
const SCOPE = 'schema:read'

/** What a caller sees: the contract, whatever else it may, if it is a program whose key has the scope for that. */
export function apiOf(identity: Identity): Api {
  const isPartner = identity.kind === 'person' && identity.isProgram && identity.scopes.includes(SCOPE)
  return isPartner ? 'partner' : 'whole'
}
