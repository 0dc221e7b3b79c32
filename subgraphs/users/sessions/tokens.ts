import { createHash, createHmac, randomBytes } from 'node:crypto'
import { SignJWT } from 'jose'
import { ACCESS_LIFETIME } from '../../../platform/ended-sessions.ts'
import { type Role, scopesOf } from '../roles.ts'
import type { SigningKeys } from '../signing-keys/signing-keys.ts'

/** Makes access tokens: JWTs by RFC 9068, signed with EdDSA. */
export function createTokenIssuer(keys: SigningKeys) {
  return async (person: { id: string; role: Role }, sessionId: string, now: Date) => {
    const expiresAt = new Date(now.getTime() + ACCESS_LIFETIME)
    const { kid, privateKey } = await keys.signer()
    const accessToken = await new SignJWT({
      sid: sessionId,
      role: person.role,
      scope: scopesOf(person.role).join(' '),
    })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
      .setIssuer('podium')
      .setAudience('podium')
      .setSubject(person.id)
      .setIssuedAt(now)
      .setExpirationTime(expiresAt)
      .sign(privateKey)
    return { accessToken, expiresAt }
  }
}

export type TokenIssuer = ReturnType<typeof createTokenIssuer>

/** How long a refresh token is good. */
export const REFRESH_LIFETIME = 30 * 86_400_000 // ms

/** A first refresh token: opaque, 256 random bits. */
export function newRefreshToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * The one refresh token that follows another. Derived rather than drawn, so that two tabs that refresh at the same time
 * are given the same one although no token is stored.
 */
export function successorOf(token: string, secret: string): string {
  return createHmac('sha256', `refresh ${secret}`).update(token).digest('base64url')
}

/** What is stored of a refresh token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
