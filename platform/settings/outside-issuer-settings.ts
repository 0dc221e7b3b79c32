import { z } from 'zod'
import { ConfigError, check, givenIn } from './environment.ts'
import { isOpenToAll, isProduction } from './production.ts'
import { list } from './variables.ts'

/** What claims of an outside issuer are called; dots lead into objects. */
export type OutsideClaims = Record<'email' | 'emailVerified' | 'name' | 'timeZone' | 'session', string>

/** Who else's access tokens are taken, and how they are checked. */
export type OutsideIssuer = {
  /** What its tokens name as `iss`, to the letter. */
  issuer: string
  jwksUrl: string
  /** What its tokens name as `aud`. */
  audience: string
  algorithms: string[]
  claims: OutsideClaims
}

/** By OpenID Connect Core 5.1, which has none for the session: that is Supabase's. */
const defaults: OutsideClaims = {
  email: 'email',
  emailVerified: 'email_verified',
  name: 'name',
  timeZone: 'zoneinfo',
  session: 'session_id',
}

/** What nobody can sign with who only knows what is published. */
const asymmetric = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** Whoever sets one of these means to have an issuer, and needs them all. */
const required = {
  OUTSIDE_ISSUER: z.string().refine((name) => name !== 'podium', 'is what we call ourselves'),
  OUTSIDE_JWKS_URL: z.url({ protocol: /^https?$/, error: 'must be an https:// URL' }),
  OUTSIDE_AUDIENCE: z.string(),
}

const variables = {
  ...required,
  OUTSIDE_ALGORITHMS: list
    .pipe(z.array(z.enum(asymmetric, `must be of ${asymmetric.join(', ')}`)).min(1))
    .default(['RS256', 'ES256', 'EdDSA']),
  OUTSIDE_CLAIMS: list.pipe(z.array(z.string().transform(assignment))).default([]),
}

/**
 * Reads who else's access tokens are taken; null: nobody's. `isOwn`: our subgraphs are served, which keep the people that
 * an issuer vouches for. Throws ConfigError.
 */
export function readOutsideIssuer(
  env: NodeJS.ProcessEnv,
  { isOwn }: { isOwn: boolean },
): OutsideIssuer | null {
  if (!Object.keys(givenIn(env)).some((name) => name in required)) return null
  if (!isOwn) throw new ConfigError(['OUTSIDE_ISSUER: is for the subgraphs of Podium, which keep its people'])
  const read = check(env, variables)
  if (isProduction(givenIn(env)) && isOpenToAll(read.OUTSIDE_JWKS_URL)) {
    throw new ConfigError(['OUTSIDE_JWKS_URL: the keys of access tokens are fetched from there, which must be by https or within a private network']) // biome-ignore format: one sentence
  }
  return {
    issuer: read.OUTSIDE_ISSUER,
    jwksUrl: read.OUTSIDE_JWKS_URL,
    audience: read.OUTSIDE_AUDIENCE,
    algorithms: read.OUTSIDE_ALGORITHMS,
    claims: { ...defaults, ...Object.fromEntries(read.OUTSIDE_CLAIMS) },
  }
}

function assignment(text: string, context: z.RefinementCtx): [string, string] {
  const [, name = '', claim = ''] = /^(\w+) *= *(\S+)$/.exec(text) ?? []
  if (Object.hasOwn(defaults, name)) return [name, claim]
  const names = Object.keys(defaults).join(', ')
  context.addIssue(`must be one of ${names}, with = and what the issuer calls it: not ${text}`)
  return z.NEVER
}
