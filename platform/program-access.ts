import { forbidden } from './errors.ts'
import type { Identity, Person } from './identity.ts'

/**
 * What a field is asked for: to change something, to read what a change has come to, or to read. The last is also what other
 * subgraphs are asked for that add to a change.
 */
export type Doing = 'change' | 'read of a change' | 'read'

/** Throws FORBIDDEN for a program whose API key does not have the scope for what is its owner's alone. */
export function checkScopeOf(person: Person, doing: Doing): void {
  if (mayUse(person, doing)) return
  throw forbidden(`An API key needs the scope account:${doing === 'read' ? 'read' : 'write'} to do this.`)
}

/** Who asks, as far as it may matter: programs that may not read their owner's account get what the anonymous get. */
export function seenViewer(identity: Identity, doing: Doing): Person | null {
  return identity.kind === 'person' && mayUse(identity, doing) ? identity : null
}

function mayUse({ isProgram, scopes }: Person, doing: Doing): boolean {
  if (!isProgram) return true
  const mayChange = scopes.includes('account:write')
  const mayRead = scopes.includes('account:read')
  return doing === 'change' ? mayChange : mayRead || (doing === 'read of a change' && mayChange)
}
