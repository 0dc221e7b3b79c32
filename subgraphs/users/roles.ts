export type Role = 'USER' | 'AFFILIATE' | 'ADMIN'

const scopesByRole: Record<Role, readonly string[]> = {
  USER: [],
  AFFILIATE: [],
  ADMIN: ['users:admin', 'audit:read', 'competitions:admin', 'leaderboard:admin', 'fitness:admin'],
}

/** The scopes that a role carries; @requiresScopes in the SDL says what each allows. */
export function scopesOf(role: Role): readonly string[] {
  return scopesByRole[role]
}
