import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import type { OutsideIssuer } from '../../platform/settings/outside-issuer-settings.ts'

/** An issuer as others run them, whose keys are fetched over HTTP; `first` is also the id of a key of ours. */
export async function openOutsideIssuer() {
  const [first, rsa, large] = await Promise.all(
    [
      ['first', 'ES256'],
      ['rsa', 'RS256'],
      ['large', 'ES384'],
    ].map(async ([kid = '', alg = '']) => ({ kid, alg, ...(await generateKeyPair(alg)) })),
  )
  if (!first || !rsa || !large) throw new Error('there are three')
  const jwks = { keys: await Promise.all([first, rsa, large].map(publish)) }
  const asked: { method?: string; url?: string; headers: IncomingHttpHeaders }[] = []
  const state = { isAway: false }
  const server = createServer(({ method, url, headers }, response) => {
    asked.push({ method, url, headers })
    if (state.isAway) return response.writeHead(503).end()
    response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port

  const settings: OutsideIssuer = {
    issuer: 'https://issuer.example/',
    jwksUrl: `http://127.0.0.1:${port}/keys`,
    audience: 'https://api.example',
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    claims: {
      email: 'email',
      emailVerified: 'email_verified',
      name: 'name',
      timeZone: 'zoneinfo',
      session: 'session_id',
    },
  }
  return {
    settings,
    /** What a process reads. */
    env: {
      OUTSIDE_ISSUER: settings.issuer,
      OUTSIDE_JWKS_URL: settings.jwksUrl,
      OUTSIDE_AUDIENCE: settings.audience,
    },
    keys: { first, rsa, large },
    /** The requests for its keys. */
    asked,
    /** Whether it answers nobody. */
    state,
    /** A token as it should be, but for what is changed. */
    token(change: { claims?: JWTPayload; header?: object; key?: Parameters<SignJWT['sign']>[0] } = {}) {
      const now = Math.floor(Date.now() / 1_000)
      const claims = {
        iss: settings.issuer,
        aud: ['https://other.example', settings.audience],
        sub: 'auth0|ann',
        iat: now,
        exp: now + 3_600,
        session_id: 'a session there',
        email: 'ann@example.com',
        email_verified: true,
        name: 'Ann',
        zoneinfo: 'Europe/Helsinki',
      }
      return new SignJWT({ ...claims, ...change.claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'first', typ: 'JWT', ...change.header })
        .sign(change.key ?? first.privateKey)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function publish({ kid, alg, publicKey }: { kid: string; alg: string; publicKey: CryptoKey }) {
  return { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }
}
