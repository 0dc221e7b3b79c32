import { createHash, randomBytes } from 'node:crypto'
import { type Refusal, refusal } from '../../../platform/refusal.ts'
import { isNameable } from '../../../platform/text.ts'
import { grantableScopes, type Role } from '../roles.ts'

/** What a key is made of. */
export type NewApiKey = { name: string; scopes: readonly string[]; expiresAt?: Date | null | undefined }

/** A secret of 256 random bits, and what is kept of it: what it is known by, and what it is recognised by. */
export function newSecret(): { secret: string; secretHash: string; prefix: string } {
  const secret = `podium_${randomBytes(32).toString('base64url')}`
  return { secret, secretHash: hashSecret(secret), prefix: secret.slice(0, 12) }
}

/** SHA-256, as gateways send it: of so many random bits a slow hash would keep nobody longer. */
const hashSecret = (secret: string) => createHash('sha256').update(secret).digest('base64url')

/** What is wrong with a key that a person of this role asks for; empty when nothing is. */
export function apiKeyFaults({ name, scopes, expiresAt }: NewApiKey, role: Role, now: Date): Refusal[] {
  const known = grantableScopes(role)
  const isNamed = [...name.trim()].length <= 50 && isNameable(name)
  const isScoped = scopes.length > 0 && new Set(scopes).size === scopes.length && scopes.every((scope) => known.includes(scope)) // biome-ignore format: one thought
  const isAhead = !expiresAt || expiresAt > now
  return [
    ...(isNamed ? [] : [refusal('INVALID_INPUT', 'The name needs 1 to 50 characters on one line, and something to see.', 'name')]), // biome-ignore format: one thought
    ...(isScoped ? [] : [refusal('INVALID_INPUT', `The scopes must be one or more of these, each once: ${known.join(', ')}.`, 'scopes')]), // biome-ignore format: one thought
    ...(isAhead
      ? []
      : [refusal('INVALID_INPUT', 'The key must expire in the future, or never.', 'expiresAt')]),
  ]
}

/** What may be done with a key whose owner has this role now. */
export function effectiveScopes({ scopes }: { scopes: readonly string[] }, role: Role): string[] {
  return grantableScopes(role).filter((scope) => scopes.includes(scope))
}
