import type { GraphQLScalarType } from 'graphql'
import type { JWTPayload } from 'jose'
import { unauthenticated } from '../../platform/errors.ts'
import { scalars } from '../../platform/scalars.ts'
import type { OutsideClaims } from '../../platform/settings/outside-issuer-settings.ts'
import { invalid } from './token-verifier.ts'

/** What a token of an outside issuer says of a person, in the words of the users subgraph. */
export type SignIn = {
  subject: string
  session: string
  email: string
  emailVerified: boolean
  displayName: string | null
  timeZone: string | null
}

/**
 * Reads a token's claims by the names that they are given in it. Throws UNAUTHENTICATED for one without an address, and for
 * one that nothing tells from other sign-ins.
 */
export function signInOf(payload: JWTPayload, names: OutsideClaims): SignIn {
  const email = scalarIn(scalars.EmailAddress, claimOf(payload, names.email))
  if (!email) {
    const message = `The access token names no email address: its issuer must add it as ${names.email}.`
    throw unauthenticated(message)
  }
  const session = [claimOf(payload, names.session), payload.auth_time, payload.iat].map(textIn).find(Boolean)
  // jose leaves it as it is, whatever its type says.
  if (typeof payload.sub !== 'string' || !payload.sub || !session) throw invalid()
  const verified = claimOf(payload, names.emailVerified)
  return {
    subject: payload.sub,
    session,
    email,
    // Some issuers say it as a text.
    emailVerified: verified === true || verified === 'true',
    displayName: textIn(claimOf(payload, names.name)) || null,
    timeZone: scalarIn(scalars.TimeZone, claimOf(payload, names.timeZone)),
  }
}

/** A claim by its name, or by the names on the way to it, with dots between. */
function claimOf(claims: object, name: string): unknown {
  // Names of namespaced claims are URLs, which have dots themselves.
  if (Object.hasOwn(claims, name)) return (claims as Record<string, unknown>)[name]
  return name.split('.').reduce<unknown>((value, part) => {
    const isHeld = typeof value === 'object' && value !== null && Object.hasOwn(value, part)
    return isHeld ? (value as Record<string, unknown>)[part] : undefined
  }, claims)
}

const textIn = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

/** What the API would take; null for anything else. */
function scalarIn(scalar: GraphQLScalarType, value: unknown): string | null {
  try {
    return String(scalar.parseValue(value))
  } catch {
    return null
  }
}
