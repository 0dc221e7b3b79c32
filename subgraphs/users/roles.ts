export type Role = 'USER' | 'AFFILIATE' | 'ADMIN'

const scopesByRole: Record<Role, readonly string[]> = {
  USER: [],
  AFFILIATE: ['competitions:invite'],
  ADMIN: [
    'users:admin',
    'audit:read',
    'competitions:admin',
    'competitions:invite',
    'leaderboard:admin',
    'fitness:admin',
  ],
}

/**
 * What programs need beside those of a role, and people have without: to see the partners' schema, to read what is their
 * owner's own, and to change it (platform/program-access.ts).
 */
const programScopes = ['schema:read', 'account:read', 'account:write']

/** The scopes that a role carries; @requiresScopes in the SDL says what each allows. */
export function scopesOf(role: Role): readonly string[] {
  return scopesByRole[role]
}

/** The scopes that somebody of a role may give to a program. */
export function grantableScopes(role: Role): readonly string[] {
  return [...programScopes, ...scopesByRole[role]]
}
